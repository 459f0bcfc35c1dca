/** Delivery in, Disposition out: the message is read, its strategy found by the task's name, and every end is one value and one log line. */

import type { App } from '../app/app.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { Delivery } from '../transports/transport.ts';
import { openKombu } from '../wire/kombu-layout.ts';
import type { Envelope, TaskMessage } from '../wire/message.ts';
import { readPlain } from '../wire/plain-read.ts';
import { type Disposition, REQUEUE } from './disposition.ts';
import { logSettled, logTrouble } from './log-lines.ts';
import { createStrategy, createUnknownStrategy, type Strategy } from './strategy.ts';
import { CHORD_WITHOUT_BACKEND, type Verdict, verdictOn } from './verdict.ts';
import { resolveParts, type WorkerInfo, type WorkerParts } from './worker-parts.ts';

/** Deals with one delivery; never rejects. */
export type Consume = (delivery: Delivery) => Promise<Disposition>;

/**
 * The consumer's callback of an app.
 *
 * @param fallbackLogger used where the app was connected without a logger
 * @throws ImproperlyConfigured when the app has no connection or no tasks, or idempotent tasks and no ledger
 */
export function createConsumer(app: App, worker: WorkerInfo, fallbackLogger: Logger = silentLogger): Consume {
  const parts = resolveParts(app, worker, fallbackLogger);
  const strategies = createStrategies(parts);
  const isAdmitted = parts.signing === undefined && parts.largeMessages === undefined;
  const isLogging = parts.logger !== silentLogger;
  return async (delivery) => {
    const startedMs = isLogging ? parts.clock.now() : 0;
    try {
      const read = isAdmitted ? readNow(delivery.body, parts) : admitAndRead(delivery, parts);
      // Asked of the value: the global Promise need not be the one that async functions make.
      const message = 'then' in read ? await read : read;
      if ('code' in message) return await (await import('./set-aside.ts')).setAside(delivery, message, parts);
      const settling = strategies(message.headers.task)(message, delivery);
      const settled = 'then' in settling ? await settling : settling;
      if (isLogging) logSettled(parts.logger, message, delivery, settled, parts.clock.now() - startedMs, parts);
      if (parts.settings.brokerTransportOptions.backoffPolicy === undefined) return settled.disposition;
      const { backOff } = await import('./visibility.ts');
      return backOff(settled.disposition, message.headers.task, delivery, parts.settings);
    } catch (error) {
      logTrouble(parts.logger, delivery, error);
      return REQUEUE;
    }
  };
}

/** A message, or what is held against it. */
type Read = TaskMessage | Verdict;

async function admitAndRead(delivery: Delivery, parts: WorkerParts): Promise<Read> {
  const { admit } = await import('./inbound.ts');
  const admitted = await admit(delivery, parts);
  return typeof admitted === 'string' ? await readNow(admitted, parts) : admitted;
}

/** At once, unless the message is of a kind that few are. */
function readNow(text: string, parts: WorkerParts): Read | Promise<Read> {
  try {
    const { envelope, body } = openKombu(text, parts.readOptions.limits);
    const message = readPlain(envelope, parts.readOptions, body);
    return message === undefined ? readLater(envelope, parts) : checkChord(message, parts);
  } catch (error) {
    return verdictOn(error);
  }
}

async function readLater(envelope: Envelope, parts: WorkerParts): Promise<Read> {
  const { readOtherwise } = await import('../wire/protocol-read.ts');
  try {
    return checkChord(readOtherwise(envelope, parts.readOptions), parts);
  } catch (error) {
    return verdictOn(error);
  }
}

const checkChord = (message: TaskMessage, { backend }: WorkerParts): Read =>
  backend === undefined && message.embed.chord !== null ? CHORD_WITHOUT_BACKEND : message;

/** Strategies by task name, each built when its first message comes. */
function createStrategies(parts: WorkerParts): (name: string) => Strategy {
  const built = new Map<string, Strategy>();
  const unknown = createUnknownStrategy(parts);
  const keep = (name: string, strategy: Strategy): Strategy => {
    built.set(name, strategy);
    return strategy;
  };
  /** Celery's own tasks are known to every worker, and imported when the first message for one comes. */
  const builtInOr =
    (otherwise: Strategy, name: string): Strategy =>
    async (message, delivery) => {
      const { createBuiltIn } = await import('./built-ins/built-ins.ts');
      const task = createBuiltIn(name, parts);
      return await (task === undefined ? otherwise : keep(name, createStrategy(task, parts)))(message, delivery);
    };
  return (name) => {
    const kept = built.get(name);
    if (kept !== undefined) return kept;
    const task = parts.registry.get(name);
    if (task === undefined) return name.startsWith('celery.') ? builtInOr(unknown, name) : unknown;
    return keep(name, createStrategy(task, parts));
  };
}
