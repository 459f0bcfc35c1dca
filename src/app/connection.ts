/** What an app is connected to. The shared tasks module binds to nothing; the entry point or the test connects. */

import type { ResultBackend } from '../backends/backend.ts';
import { type Clock, systemClock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { LargeMessages } from '../large-messages/large-messages.ts';
import type { Ledger } from '../ledgers/ledger.ts';
import type { Logger } from '../logger.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import type { SigningOptions } from '../signing/signing.ts';
import type { Transport } from '../transports/transport.ts';

export interface Connection {
  readonly transport: Transport;
  /** Default: none, results are not kept. */
  readonly backend?: ResultBackend | undefined;
  /** Waits beyond what the queue's own delay reaches; default: none, they go by hops of at most 900 s. */
  readonly scheduler?: Scheduler | undefined;
  /** Remembers attempts and revocations; default: none, then nothing can be revoked and killers are buried by the redrive policy alone. */
  readonly ledger?: Ledger | undefined;
  /** Where the arguments of messages go that are too large for the queue; default: none, such a message is MessageTooLarge. */
  readonly largeMessages?: LargeMessages | undefined;
  /** Signs what is sent, and refuses what comes unsigned; default: none, anyone who may send to the queue is believed. */
  readonly signing?: SigningOptions | undefined;
  readonly clock?: Clock | undefined;
  /** Default: none outside of a worker; a worker's door brings its own. */
  readonly logger?: Logger | undefined;
}

/** A connection with its defaults filled in. */
export interface Connected {
  readonly transport: Transport;
  readonly backend: ResultBackend | undefined;
  readonly scheduler: Scheduler | undefined;
  readonly ledger: Ledger | undefined;
  readonly largeMessages: LargeMessages | undefined;
  readonly signing: SigningOptions | undefined;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** Checks what `app.connect` was given. @throws ImproperlyConfigured */
export function connect(connection: Connection): Connected {
  if (typeof connection?.transport?.send !== 'function') {
    throw new ImproperlyConfigured('app.connect needs a transport, like app.connect({ transport: createSqsTransport() }).');
  }
  const { transport, backend, scheduler, ledger, largeMessages, signing, clock = systemClock, logger } = connection;
  if (backend !== undefined && typeof backend.store !== 'function') {
    throw new ImproperlyConfigured('The backend given to app.connect has no store(); create it with one of celeriac/backends.');
  }
  return { transport, backend, scheduler, ledger, largeMessages, signing, clock, logger };
}
