/** The end of a claimed run: noted in the ledger first, where it is fenced, then settled, then noted as followed. */

import type { Retry } from '../app/retry.ts';
import { type Attempt, heldUntil, type Ledger } from '../ledgers/ledger.ts';
import { errorFields } from '../logger.ts';
import { IGNORED, RETRY } from '../states.ts';
import { ACK, isAcknowledged, REQUEUE } from './disposition.ts';
import { type End, REPLACED, type Remembered, writeFollowed, writeRecord } from './remembered.ts';
import { settle } from './settle.ts';
import type { Settled, Settling } from './settling.ts';

export interface Held {
  readonly ledger: Ledger;
  readonly attempt: Attempt;
  readonly expiresMs: number;
  /** What the task itself has committed: its end, whatever it does after that. */
  committed: Remembered | undefined;
  /** Whether it has committed is not known: then it is the ledger that says so, at the next delivery. */
  isUncertain: boolean;
  /** False for a run that never came to an end of its own: its claim is let go of. */
  isConcluded: boolean;
}

/** Nothing of an attempt that was overtaken is stored or sent: the one that took over does that. */
const OVERTAKEN: Settled = Object.freeze({ state: 'OVERTAKEN', disposition: REQUEUE, isOpen: true });

export async function conclude(settling: Settling, held: Held, ended: End): Promise<Settled> {
  const { run, parts } = settling;
  const { ledger, attempt, expiresMs, committed } = held;
  held.isConcluded = true;
  if (held.isUncertain) return { ...OVERTAKEN, state: 'UNCERTAIN' };
  if (committed !== undefined) {
    if (ended.state !== 'SUCCESS') warnOfCommitted(settling, ended);
    run.retry = undefined;
    return await follow(settling, held, committed.end);
  }
  if (isGivenBack(settling, ended)) {
    // Held once more for as long as that takes, which also tells whether it still is.
    if (!(await ledger.renew({ ...attempt, heldUntilMs: heldUntil(parts.clock.now(), 0) }))) return OVERTAKEN;
    const settled = await settleEnd(settling, ended);
    await letGo(settling, held);
    return settled;
  }
  const text = writeRecord(attempt.token, rememberedOf(settling, ended), parts.clock.now());
  if (text === undefined) return await followUnremembered(settling, held, ended);
  if (!(await ledger.settle({ ...attempt, expiresMs, outcome: text }))) return OVERTAKEN;
  return await follow(settling, held, ended);
}

/**
 * Stores and sends what follows an end that is noted; from then on a duplicate is acknowledged and nothing more. A retry whose next attempt may
 * have ended by now (`isLate`) is only sent: stored, it would hide that end.
 */
export async function follow(settling: Settling, held: Held, end: End, isLate = settling.run.over): Promise<Settled> {
  const settled = end.state === 'RETRY' && isLate ? await sendRetry(settling, end.retry) : await settleEnd(settling, end);
  if (settled.isOpen === true || !isAcknowledged(settled.disposition)) return settled;
  const isReplaced = end.state === REPLACED && settled.state === IGNORED;
  await noteFollowed(settling, held, isReplaced ? REPLACED : settled.state);
  return settled;
}

async function sendRetry(settling: Settling, retry: Retry): Promise<Settled> {
  const { sendNextAttempt } = await import('./settle-otherwise.ts');
  return (await sendNextAttempt(settling, retry)) ?? { state: RETRY, disposition: ACK };
}

/** An end too large to be kept is followed first and noted then: in between the task may run again, as without a claim. */
async function followUnremembered(settling: Settling, held: Held, end: End): Promise<Settled> {
  const { ledger, attempt } = held;
  if (!(await ledger.renew({ ...attempt, heldUntilMs: heldUntil(settling.parts.clock.now(), 0) }))) return OVERTAKEN;
  const settled = await follow(settling, held, end);
  if (settled.isOpen === true || !isAcknowledged(settled.disposition)) await letGo(settling, held);
  return settled;
}

/** Only what is stored or sent on is kept of a result. */
function rememberedOf({ run, request, parts }: Settling, end: End): Remembered {
  const { callbacks, chain, chord } = request.message.embed;
  const isNeeded = parts.backend !== undefined || callbacks?.length || chain?.length || chord !== null;
  const kept = end.state === 'SUCCESS' && !isNeeded ? { ...end, value: null } : end;
  return { end: kept, retry: run.retry, children: run.children };
}

/** Ends after which the very message is to run again. */
function isGivenBack({ task, request, parts: { settings } }: Settling, end: End): boolean {
  if (end.state === 'RETRY') return request.holdsRetries;
  if (end.state === 'FAILURE') return !(task?.defaults.acksOnFailureOrTimeout ?? settings.taskAcksOnFailureOrTimeout);
  if (end.state !== 'REJECTED') return false;
  const queue = task?.defaults.deadLetterQueue ?? settings.taskDeadLetterQueue;
  return end.requeue || (queue === null && (task?.defaults.acksLate ?? settings.taskAcksLate));
}

async function settleEnd(settling: Settling, end: End): Promise<Settled> {
  if (end.state !== 'REVOKED') return await settle(settling, end);
  const { settleRevoked } = await import('./settle-failure.ts');
  return await settleRevoked(settling, end.why);
}

/** That it was not noted changes nothing now: a duplicate sends the same once more, under the same ids. */
async function noteFollowed({ request, parts }: Settling, { ledger, attempt, expiresMs }: Held, state: string): Promise<void> {
  try {
    await ledger.settle({ ...attempt, expiresMs, outcome: writeFollowed(attempt.token, state) });
  } catch (error) {
    parts.logger.warn({ message: 'end of what follows a task not noted', task: request.task, id: request.id, error: errorFields(error) });
  }
}

/** That it was not let go of keeps the next attempt waiting until the claim runs out. */
export async function letGo({ request, parts }: Settling, { ledger, attempt }: Held): Promise<void> {
  try {
    await ledger.release(attempt);
  } catch (error) {
    parts.logger.warn({ message: 'claim not released', task: request.task, id: request.id, error: errorFields(error) });
  }
}

function warnOfCommitted({ request, parts }: Settling, ended: End): void {
  const { task, id } = request;
  parts.logger.warn({ message: 'task committed and then ended otherwise; what it committed counts', task, id, ended: ended.state });
}
