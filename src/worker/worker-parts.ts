/** What a worker works with: an app's parts, resolved once when its consumer is made. */

import { type App, internalsOf } from '../app/app.ts';
import type { Publisher } from '../app/publisher.ts';
import type { RegisteredTask, Registry } from '../app/registry.ts';
import type { Settings } from '../app/settings.ts';
import type { Signals } from '../app/signals.ts';
import type { ResultBackend } from '../backends/backend.ts';
import type { Clock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { LargeMessages } from '../large-messages/large-messages.ts';
import type { Ledger } from '../ledgers/ledger.ts';
import type { Logger } from '../logger.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { SigningOptions } from '../signing/signing.ts';
import type { Transport } from '../transports/transport.ts';
import { DEFAULT_LIMITS, type ReadLimits } from '../wire/limits.ts';
import type { ReadOptions } from '../wire/plain-read.ts';

export interface WorkerInfo {
  /** Named in results and logs; on Lambda the function's name. */
  readonly hostname: string;
  readonly pid: number;
}

export interface WorkerParts {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly readOptions: ReadOptions;
  readonly transport: Transport;
  readonly backend: ResultBackend | undefined;
  readonly scheduler: Scheduler | undefined;
  readonly ledger: Ledger | undefined;
  readonly largeMessages: LargeMessages | undefined;
  readonly signing: SigningOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly worker: WorkerInfo;
  readonly signals: Signals;
  readonly publisher: () => Promise<Publisher>;
  readonly asyncResult: App['asyncResult'];
}

/** @throws ImproperlyConfigured when the app is not connected, knows no task, or has an idempotent one and no ledger */
export function resolveParts(app: App, worker: WorkerInfo, fallbackLogger: Logger): WorkerParts {
  const { registry, decoders, signals, connected, publisher } = internalsOf(app);
  const { transport, backend, scheduler, ledger, largeMessages, signing, clock, logger } = connected();
  if (registry.size === 0) {
    throw new ImproperlyConfigured(
      `The app '${app.name}' has no tasks. Import the module that registers them, and list it under sideEffects if a bundler drops it.`,
    );
  }
  const { settings } = app;
  const needsLedger = ledger === undefined ? registry.names().find((task) => isIdempotent(registry.get(task), settings)) : undefined;
  if (needsLedger !== undefined) {
    throw new ImproperlyConfigured(
      `The task '${needsLedger}' is idempotent and there is no ledger to remember its ids; give app.connect one.`,
    );
  }
  const readOptions: ReadOptions = {
    codecs: decoders,
    compressions: settings.compressions,
    ...(largeMessages && { limits: limitsOf(largeMessages) }),
  };
  return {
    settings,
    registry,
    readOptions,
    transport,
    backend,
    scheduler,
    ledger,
    largeMessages,
    signing,
    clock,
    logger: logger ?? fallbackLogger,
    worker,
    signals,
    publisher,
    asyncResult: app.asyncResult,
  };
}

const isIdempotent = (task: RegisteredTask | undefined, { taskIdempotent }: Settings): boolean =>
  (task?.defaults.idempotent ?? taskIdempotent) !== false;

/** What the queue carries it bounds itself, and the store of large messages what is fetched. */
const limitsOf = ({ maxBytes }: LargeMessages): Partial<ReadLimits> => ({
  messageBytes: Number.POSITIVE_INFINITY,
  decompressedBytes: Math.max(DEFAULT_LIMITS.decompressedBytes, maxBytes),
});
