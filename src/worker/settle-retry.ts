/** A retry: the next attempt is sent, or on a FIFO queue that holds its retries the message is hidden until then. */

import type { Retry } from '../app/retry.ts';
import { RETRY } from '../states.ts';
import { parseIso } from '../wire/dates.ts';
import { ACK, REQUEUE } from './disposition.ts';
import type { Settled, Settling } from './settling.ts';
import { settleError } from './store-state.ts';

/** The next attempt is sent, then RETRY stored, then this one acknowledged: a crash in between duplicates, never loses. */
export async function settleRetry(settling: Settling, retry: Retry): Promise<Settled> {
  const { request, parts } = settling;
  const { exc: error } = retry.options;
  if (request.holdsRetries) {
    return await settleError(settling, RETRY, error, { do: 'requeue', afterSeconds: holdSeconds(retry, parts.clock.now()) });
  }
  const failed = await sendNextAttempt(settling, retry);
  if (failed !== undefined) return failed;
  return await settleError(settling, RETRY, error, ACK);
}

/** Sends the next attempt; when that fails the message is given back, and the whole attempt with it. */
export async function sendNextAttempt({ task, request, run, parts }: Settling, retry: Retry): Promise<Settled | undefined> {
  const { message, delivery } = request;
  try {
    const publisher = await parts.publisher();
    await publisher.publishRetry({ message, delivery, retries: request.retries + 1, retry, defaults: task?.defaults ?? {} });
  } catch (error) {
    return { state: RETRY, disposition: REQUEUE, error, isOpen: true };
  }
  run.children = [...(run.children ?? []), [[request.id, null], null]];
  return undefined;
}

function holdSeconds({ options: { countdown, eta } }: Retry, nowMs: number): number {
  if (countdown !== undefined) return Math.max(0, Math.ceil(countdown));
  const atMs = typeof eta === 'string' ? parseIso(eta).epochMs : Number(eta);
  return Number.isFinite(atMs) ? Math.max(0, Math.ceil((atMs - nowMs) / 1000)) : 0;
}
