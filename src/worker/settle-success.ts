/** The end of a task that returned. What it is followed by is follow-ups' business. */

import { EncodeError, isCeleryError } from '../errors.ts';
import { FAILURE, SUCCESS } from '../states.ts';
import { ACK, REQUEUE } from './disposition.ts';
import type { Settled, Settling } from './settling.ts';
import { store } from './store-state.ts';

/** Nothing follows, and nothing is stored. */
const SUCCEEDED: Settled = Object.freeze({ state: SUCCESS, disposition: ACK });

/** At once, where nothing is sent or stored. */
export function settleSuccess(settling: Settling, value: unknown): Settled | Promise<Settled> {
  const { callbacks, chain, chord } = settling.request.message.embed;
  if (callbacks?.length || chain?.length || chord !== null) return settleWithFollowers(settling, value);
  return settling.parts.backend === undefined ? SUCCEEDED : storeSuccess(settling, value);
}

async function settleWithFollowers(settling: Settling, value: unknown): Promise<Settled> {
  const { settleFollowed } = await import('./follow-ups.ts');
  return await settleFollowed(settling, value, () => storeSuccess(settling, value));
}

/** A result that cannot be written makes the task's own failure, as in Celery; a store that fails may go better later. */
async function storeSuccess(settling: Settling, value: unknown): Promise<Settled> {
  const notStored = await store(settling, { state: SUCCESS, value: value ?? null });
  if (notStored === undefined) return SUCCEEDED;
  const { cause } = notStored;
  if (!isEncodeError(cause)) return { state: SUCCESS, disposition: REQUEUE, error: notStored, isOpen: true };
  const error = new EncodeError(`The result cannot be stored: ${cause.message}`, { path: cause.path, cause });
  const { settleOtherwise } = await import('./settle-otherwise.ts');
  return await settleOtherwise(settling, { state: FAILURE, error });
}

const isEncodeError = (error: unknown): error is EncodeError => isCeleryError(error) && error.name === 'EncodeError';
