/**
 * A task that commits once for each id. Who runs it has a claim on it in the ledger; its end is noted there before anything of it is stored or
 * sent, under the condition that the claim is still held; and a task that has ended is settled from that note, and not run.
 */

import { offerCommit } from '../app/commit.ts';
import type { TaskContext } from '../app/context.ts';
import type { IdempotentOptions } from '../app/options.ts';
import { EncodeError, isCeleryError, Overtaken } from '../errors.ts';
import { type Attempt, heldUntil, type Ledger } from '../ledgers/ledger.ts';
import { errorFields } from '../logger.ts';
import { SUCCESS } from '../states.ts';
import { startTimer } from '../timers.ts';
import { claimKeyOf, diedKeyOf, isMovedBack, payloadOf } from './claim-key.ts';
import { conclude, type Held, letGo } from './conclude.ts';
import type { Disposition } from './disposition.ts';
import { endOf, REPLACED, type Remembered, readRecord, writeRecord } from './remembered.ts';
import { factsOf } from './request.ts';
import { settleAgain } from './settle-again.ts';
import type { Settled, Settling } from './settling.ts';
import type { Verdict } from './verdict.ts';

const DAY_MS = 86_400_000;
/** As long as SQS keeps a message; a year more, the longest wait, where there was one. */
const REMEMBERED_DAYS = 14;
const LONGEST_WAIT_DAYS = 366;
/** A message is hidden for at most 12 hours from its receipt, some of which have passed. */
const LONGEST_HIDE_SECONDS = 43_200 - 60;
/** How long a claim is held at a time by a worker that nothing ends; it is held on while the task runs. */
const LEASE_MS = 60_000;

/** Runs the work under a claim, where that is granted; a run that another has is waited for, one that has ended is settled from its note. */
export async function asClaimed(
  settling: Settling,
  ledger: Ledger,
  options: IdempotentOptions,
  work: (claimed: Settling) => Promise<Settled>,
): Promise<Settled> {
  const { request, parts } = settling;
  let attempt: Attempt = { taskId: claimKeyOf(request, parts.signing !== undefined), token: crypto.randomUUID() };
  const nowMs = parts.clock.now();
  const { deadline } = request.delivery;
  const leftMs = deadline === undefined ? LEASE_MS : deadline.atMs - nowMs;
  const skewMs = options.skew === undefined ? undefined : options.skew * 1000;
  const keptMs = rememberedMs(options, request.eta !== null);
  const expiresMs = nowMs + keptMs;
  const asked = { ...attempt, payload: payloadOf(request), nowMs, heldUntilMs: heldUntil(nowMs, leftMs, skewMs), expiresMs };
  const diedKey = diedKeyOf(request, parts.signing !== undefined);
  if (diedKey !== undefined) {
    const before = await ledger.claim({ ...asked, taskId: diedKey });
    if (before.claim === 'granted') await ledger.release({ ...attempt, taskId: diedKey });
    if (before.claim === 'held') return { state: 'HELD', disposition: hiddenFor(before.untilMs - nowMs) };
    // What has succeeded is not run again because what follows it could not be sent.
    const record = before.claim === 'done' ? readRecord(before.outcome) : undefined;
    if (endOf(record) === SUCCESS) return await settleAgain(settling, ledger, diedKey, expiresMs, record);
  }
  let answer = await ledger.claim(asked);
  if (answer.claim === 'mismatch' && endOf(readRecord(answer.outcome)) === REPLACED) {
    // What stands in a replaced task's place ends under its id, and is no other use of it.
    attempt = { ...attempt, taskId: JSON.stringify([attempt.taskId, asked.payload]) };
    answer = await ledger.claim({ ...asked, ...attempt });
  }
  if (answer.claim === 'held') return { state: 'HELD', disposition: hiddenFor(answer.untilMs - nowMs) };
  if (answer.claim === 'mismatch') return await setAside(settling, 'REUSED', REUSED);
  if (answer.claim === 'done') {
    const record = readRecord(answer.outcome);
    const isUnsigned = parts.signing !== undefined && isMovedBack(request);
    if (record?.remembered === undefined && isUnsigned) return await setAside(settling, 'DUPLICATE', MOVED);
    return await settleAgain(settling, ledger, attempt.taskId, expiresMs, record);
  }
  const held: Held = {
    ledger,
    attempt,
    // From its end on, however long it takes.
    get expiresMs() {
      return parts.clock.now() + keptMs;
    },
    committed: undefined,
    isUncertain: false,
    isConcluded: false,
  };
  const stopHolding = deadline === undefined ? holdOn(settling, held, nowMs, skewMs) : undefined;
  if (deadline !== undefined) endAt(settling, () => Math.max(nowMs, deadline.atMs));
  try {
    return await work({
      ...settling,
      claim: { conclude: (claimed, end) => conclude(claimed, held, end), offer: (self) => offer(self, settling, held) },
    });
  } finally {
    stopHolding?.();
    if (!held.isConcluded) await letGo(settling, held);
  }
}

function rememberedMs({ remember }: IdempotentOptions, hadEta: boolean): number {
  if (remember !== undefined) return remember * 1000;
  return (REMEMBERED_DAYS + (hadEta ? LONGEST_WAIT_DAYS : 0)) * DAY_MS;
}

/** Out of sight until the claim has run out: until then every receive would be in vain, and count. */
function hiddenFor(leftMs: number): Disposition {
  return { do: 'requeue', afterSeconds: Math.min(Math.max(1, Math.ceil(leftMs / 1000)), LONGEST_HIDE_SECONDS) };
}

async function setAside({ request, parts }: Settling, state: string, verdict: Verdict): Promise<Settled> {
  const { quarantine } = await import('./quarantine.ts');
  return { state, disposition: await quarantine(request.delivery, { ...verdict, ...factsOf(request) }, parts) };
}

const REUSED: Verdict = Object.freeze({
  code: 'id-reused',
  reason: 'The id was used before, for another task or other arguments; what was sent under it first is what counts.',
});

/** Nobody signed that it is to run again: it stays a dead letter, rather than going unseen. */
const MOVED: Verdict = Object.freeze({
  code: 'moved-unsigned',
  reason: 'The task has ended before, and SQS moved its message back, which no signature tells; send it back with redrive().',
});

/** Once its receiver has ended an attempt may have been overtaken: what it still does, thawed, is refused here already. */
function endAt({ run, parts }: Settling, endMs: () => number): void {
  let isOver = run.over;
  Object.defineProperty(run, 'over', {
    enumerable: true,
    configurable: true,
    get: () => isOver || parts.clock.now() > endMs(),
    set: (over: boolean) => {
      isOver = over;
    },
  });
}

/** Holds the claim for as long as the task runs. One that was lost ends the run: another attempt has it. */
function holdOn(settling: Settling, held: Held, nowMs: number, skewMs: number | undefined): () => void {
  const { run, parts } = settling;
  const { ledger, attempt } = held;
  let untilMs = heldUntil(nowMs, LEASE_MS, skewMs);
  endAt(settling, () => untilMs);
  let stop = (): void => {};
  let isStopped = false;
  const again = (): void => {
    stop = startTimer(parts.clock, LEASE_MS / 2, () => void renew());
  };
  const renew = async (): Promise<void> => {
    try {
      const heldUntilMs = heldUntil(parts.clock.now(), LEASE_MS, skewMs);
      if (await ledger.renew({ ...attempt, heldUntilMs })) untilMs = heldUntilMs;
      // What has committed is held no more, and nobody else's.
      else if (held.committed === undefined) run.over = true;
      else untilMs = Number.POSITIVE_INFINITY;
    } catch (error) {
      parts.logger.warn({ message: 'claim not held longer', id: attempt.taskId, error: errorFields(error) });
    }
    if (!isStopped) again();
  };
  again();
  return () => {
    isStopped = true;
    stop();
  };
}

/** What `self` commits through: the end is noted together with a write of the task's own. */
function offer(self: TaskContext, settling: Settling, held: Held): void {
  const { run, parts } = settling;
  const { ledger, attempt } = held;
  // The same when it is asked again, which it is known by.
  let expiresMs: number | undefined;
  offerCommit(self, {
    ledger,
    async commit(result, settle) {
      const remembered: Remembered = { end: { state: 'SUCCESS', value: result }, retry: undefined, children: run.children };
      const outcome = writeRecord(attempt.token, remembered, parts.clock.now());
      if (outcome === undefined) {
        throw new EncodeError('The result cannot be committed: it cannot be written as JSON, or takes more than 100 000 characters.');
      }
      if (run.over || run.ended) throw new Overtaken(attempt.taskId);
      expiresMs ??= held.expiresMs;
      const wasUncertain = held.isUncertain;
      held.isUncertain = true;
      const isNoted = await settle({ ...attempt, expiresMs, outcome }).catch((error: unknown) => {
        held.isUncertain = wasUncertain || !isCeleryError(error) || error.name === 'BackendStoreError';
        throw error;
      });
      held.isUncertain = false;
      if (!isNoted) throw new Overtaken(attempt.taskId);
      held.committed = remembered;
    },
  });
}
