/** The end of a task that returned. */

import { EncodeError, isCeleryError } from '../errors.ts';
import { FAILURE, SUCCESS } from '../states.ts';
import { ACK, REQUEUE } from './disposition.ts';
import type { Settled, Settling } from './settling.ts';
import { store } from './store-state.ts';

/** A result that cannot be written makes the task's own failure, as in Celery; a store that fails may go better later. */
export async function settleSuccess(settling: Settling, value: unknown): Promise<Settled> {
  const notStored = await store(settling, { state: SUCCESS, value: value ?? null });
  if (notStored === undefined) return { state: SUCCESS, disposition: ACK };
  const { cause } = notStored;
  if (!isUnwritable(cause)) return { state: SUCCESS, disposition: REQUEUE, error: notStored, isOpen: true };
  const error = new EncodeError(`The result cannot be stored: ${cause.message}`, { path: cause.path, cause });
  const { settleOtherwise } = await import('./settle-otherwise.ts');
  return await settleOtherwise(settling, { state: FAILURE, error });
}

const isUnwritable = (error: unknown): error is EncodeError => isCeleryError(error) && error.name === 'EncodeError';
