/** A retry: the next attempt is sent, or on a FIFO queue that holds its retries the message is hidden until then. */

import type { Retry } from '../app/retry.ts';
import { RETRY } from '../states.ts';
import { parseIso } from '../wire/dates.ts';
import type { ResultTuple } from '../wire/result.ts';
import { ACK, REQUEUE } from './disposition.ts';
import { settleError } from './settle-error.ts';
import { settleFailure } from './settle-failure.ts';
import type { Settled, Settling } from './settling.ts';
import { isUnwritable } from './unwritable.ts';

/**
 * RETRY is stored, then the next attempt sent, then this one acknowledged: a crash in between duplicates, never loses. Celery sends
 * first; the next attempt may then have stored its end before RETRY is, which hides that end from whoever waits for it.
 */
export async function settleRetry(settling: Settling, retry: Retry): Promise<Settled> {
  const { request, run, parts } = settling;
  const error = retry.options.exc ?? undefined;
  if (request.holdsRetries) {
    return await settleError(settling, RETRY, error, { do: 'requeue', afterSeconds: holdSeconds(retry, parts.clock.now()) });
  }
  run.children = withItself(run.children, request.id);
  const stored = await settleError(settling, RETRY, error, ACK);
  if (stored.disposition.do !== 'ack') return stored;
  return (await sendNextAttempt(settling, retry)) ?? stored;
}

/** What a retry publishes is the task itself, which so counts among its children. */
export function withItself(children: readonly ResultTuple[] | undefined, id: string): ResultTuple[] {
  return [...(children ?? []), [[id, null], null]];
}

/**
 * Sends the next attempt; when that fails the message is given back, and the whole attempt with it. What cannot be written, ever, makes
 * the task fail.
 */
export async function sendNextAttempt(settling: Settling, retry: Retry): Promise<Settled | undefined> {
  const { task, request, parts } = settling;
  const { message, delivery } = request;
  try {
    const publisher = await parts.publisher();
    const { defaults = {}, params } = task ?? {};
    await publisher.publishRetry({ message, delivery, retries: request.retries + 1, retry, defaults, params });
    return undefined;
  } catch (error) {
    if (isUnwritable(error)) return await settleFailure(settling, error);
    return { state: RETRY, disposition: REQUEUE, error, isOpen: true };
  }
}

function holdSeconds({ options: { countdown, eta } }: Retry, nowMs: number): number {
  if (countdown !== undefined) return Math.max(0, Math.ceil(countdown));
  const atMs = typeof eta === 'string' ? parseIso(eta).epochMs : Number(eta);
  return Number.isFinite(atMs) ? Math.max(0, Math.ceil((atMs - nowMs) / 1000)) : 0;
}
