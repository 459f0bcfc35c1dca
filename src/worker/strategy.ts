/** What is done with a message of one task: built on first use and kept (celery.worker.strategy). Gate, run, settle. */

import type { CurrentRun } from '../app/current.ts';
import type { RegisteredTask } from '../app/registry.ts';
import type { Ledger } from '../ledgers/ledger.ts';
import { type Delivery, isFifo } from '../transports/transport.ts';
import type { TaskMessage } from '../wire/message.ts';
import { REQUEUE } from './disposition.ts';
import { askGate, type Gate, isExpired } from './gate.ts';
import type { Outcome } from './outcome.ts';
import { Request } from './request.ts';
import { settle } from './settle.ts';
import { NOT_STARTED, type Settled, type Settling } from './settling.ts';
import { storeStarted } from './store-state.ts';
import { isOver, type TimeLimits, timeLimitsOf } from './time-limits.ts';
import { trace } from './trace.ts';
import { hasHooks, isObserved } from './watched.ts';
import type { WorkerParts } from './worker-parts.ts';

/** A promise where something has to be waited for. */
export type Strategy = (message: TaskMessage, delivery: Delivery) => Settled | Promise<Settled>;

/** The strategy of a registered task. */
export function createStrategy(task: RegisteredTask, parts: WorkerParts): Strategy {
  const { settings, clock, ledger } = parts;
  const hooked = hasHooks(task);
  const { idempotent = settings.taskIdempotent } = task.defaults;
  return (message, delivery) => {
    const settling = begin(task, message, delivery, parts);
    const nowMs = clock.now();
    const gate = askGate(message.headers, nowMs);
    if (ledger !== undefined || !gate.open) return askFirst(settling, gate, nowMs);
    const limits = timeLimitsOf(settling.request, task.defaults, settings, nowMs);
    return limits === undefined ? NO_TIME : run(task, settling, limits, hooked);
  };

  /** Where there is a ledger to ask, or the gate is closed. */
  async function askFirst(settling: Settling, gate: Gate, nowMs: number): Promise<Settled> {
    const { request } = settling;
    const refused = 'expired' in gate ? 'expired' : (await isRevoked(request, ledger, nowMs)) ? 'revoked' : undefined;
    if (refused === undefined && 'etaMs' in gate) return await sendOn(settling, gate.etaMs);
    const limits = timeLimitsOf(request, task.defaults, settings, nowMs);
    if (refused === undefined && limits === undefined) return NO_TIME;
    const work = async (settling: Settling): Promise<Settled> => {
      if (limits === undefined || refused !== undefined) return await revoke(settling, refused ?? 'expired');
      if (ledger === undefined) return await run(task, settling, limits, hooked);
      if (settling.run.over || isOver(limits, clock.now())) return NO_TIME;
      const { asAttempt } = await import('./attempts.ts');
      return await asAttempt(settling, ledger, () => run(task, settling, limits, hooked));
    };
    if (idempotent === false || ledger === undefined) return await work(settling);
    const { asClaimed } = await import('./claims.ts');
    return await asClaimed(settling, ledger, idempotent === true ? {} : idempotent, work);
  }
}

async function isRevoked({ id, stamps }: Request, ledger: Ledger | undefined, nowMs: number): Promise<boolean> {
  return ledger !== undefined && (await ledger.isRevoked({ taskId: id, stamps }, nowMs));
}

/** Runs what has been let through, and settles how it ended. */
async function run(task: RegisteredTask, settling: Settling, limits: TimeLimits, hooked: boolean): Promise<Settled> {
  const { request, parts } = settling;
  const watched = hooked || isObserved(parts.signals);
  if (watched) await (await import('./announce.ts')).announceStart(settling);
  if (parts.backend !== undefined && !settling.run.over) await storeStarted(settling);
  if (watched) await (await import('./announce.ts')).announceCall(settling);
  // All this took time: time and expiry are looked at once more, right before the call.
  const nowMs = parts.clock.now();
  const { headers } = request.message;
  if (settling.run.over || isOver(limits, nowMs)) return await leave(settling, watched);
  const isLate = headers.expires && isExpired(headers, nowMs);
  const outcome = isLate ? undefined : await trace(task, settling, limits);
  settling.run.ended = true;
  const concluded = outcome === undefined ? revoke(settling, 'expired') : conclude(settling, outcome);
  const settled: Settled = 'then' in concluded ? await concluded : concluded;
  if (watched) await (await import('./announce.ts')).announceEnd(settling, outcome, settled);
  return request.holdsRetries ? { ...settled, retries: request.retries } : settled;
}

/** Not called: there is no time for it by now, or it is another attempt's. */
async function leave(settling: Settling, watched: boolean): Promise<Settled> {
  if (watched) await (await import('./announce.ts')).announceEnd(settling, undefined, NO_TIME);
  return NO_TIME;
}

const conclude = (settling: Settling, outcome: Outcome): Settled | Promise<Settled> =>
  settling.claim === undefined ? settle(settling, outcome) : settling.claim.conclude(settling, outcome);

/** Expired or revoked: nothing is run. */
async function revoke(settling: Settling, why: 'expired' | 'revoked'): Promise<Settled> {
  const { settleRevoked } = await import('./settle-failure.ts');
  const { announceRevoked } = await import('./announce.ts');
  const settled = await (settling.claim?.conclude(settling, { state: 'REVOKED', why }) ?? settleRevoked(settling, why));
  await announceRevoked(settling, why);
  return settled;
}

/** Not started: given back for another worker that has the time. */
const NO_TIME: Settled = Object.freeze({ state: NOT_STARTED, disposition: REQUEUE });

/** The strategy for a name nobody registered. Celery looks at neither eta nor expiry of such a message, nor do we. */
export function createUnknownStrategy(parts: WorkerParts): Strategy {
  return async (message, delivery) => {
    const { settleUnknown } = await import('./settle-failure.ts');
    const { announceUnknown } = await import('./announce.ts');
    const settling = begin(undefined, message, delivery, parts);
    const settled = await settleUnknown(settling);
    await announceUnknown(settling);
    return settled;
  };
}

function begin(task: RegisteredTask | undefined, message: TaskMessage, delivery: Delivery, parts: WorkerParts): Settling {
  const holdsRetries = task?.defaults.fifoRetry === 'hold' && isFifo(delivery.queue);
  const request = new Request(message, delivery, parts.worker.hostname, holdsRetries);
  const run: CurrentRun = {
    request,
    id: request.id,
    rootId: request.rootId,
    children: undefined,
    retry: undefined,
    over: false,
    ended: false,
  };
  return { task, request, run, parts };
}

/** Too early: what waits is imported when something does. */
async function sendOn({ request, parts }: Settling, etaMs: number): Promise<Settled> {
  const { wait } = await import('./wait.ts');
  return { state: 'WAITING', disposition: await wait(request, etaMs, parts) };
}
