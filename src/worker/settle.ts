/**
 * Acts on an Outcome: the result is stored first and the message acknowledged by what is returned, so that a fault in
 * between makes a duplicate and never a loss.
 */

import { BackendStoreError, EncodeError, isCeleryError, NotRegistered, TaskRevokedError } from '../errors.ts';
import { FAILURE, REVOKED, STARTED, SUCCESS } from '../states.ts';
import { ACK, type Disposition, REQUEUE } from './disposition.ts';
import type { Outcome } from './outcome.ts';
import type { StateToStore } from './results.ts';
import type { Settled, Settling } from './settling.ts';

export async function settle(settling: Settling, outcome: Outcome): Promise<Settled> {
  switch (outcome.state) {
    case 'SUCCESS':
      return await settleSuccess(settling, outcome.value);
    case 'FAILURE':
      return await settleError(settling, FAILURE, outcome.error, ACK);
    case 'IGNORED':
      return { state: outcome.state, disposition: ACK };
    case 'REJECTED':
      return { state: outcome.state, disposition: outcome.requeue ? REQUEUE : ACK };
  }
}

async function settleSuccess(settling: Settling, value: unknown): Promise<Settled> {
  const failed = await store(settling, { state: SUCCESS, value: value ?? null });
  if (failed === undefined) return { state: SUCCESS, disposition: ACK };
  // A result that cannot be written is the task's own failure, as in Celery; a store that fails may go better later.
  const { cause } = failed;
  if (!isUnwritable(cause)) return { state: SUCCESS, disposition: REQUEUE, error: failed };
  const error = new EncodeError(`The result cannot be stored: ${cause.message}`, { path: cause.path, cause });
  return await settleError(settling, FAILURE, error, ACK);
}

const isUnwritable = (error: unknown): error is EncodeError => isCeleryError(error) && error.name === 'EncodeError';

/** An expired task: REVOKED is stored, nothing else happens (celery Request.revoked). */
export async function settleExpired(settling: Settling): Promise<Settled> {
  return await settleError(settling, REVOKED, new TaskRevokedError('expired'), ACK);
}

/** An unknown name: FAILURE is stored as Celery does, and the message given back, for a deploy may be under way. */
export async function settleUnknown(settling: Settling): Promise<Settled> {
  return await settleError(settling, FAILURE, new NotRegistered(settling.request.task), REQUEUE);
}

async function settleError(settling: Settling, state: string, error: unknown, disposition: Disposition): Promise<Settled> {
  const failed = await store(settling, { state, error });
  return failed === undefined ? { state, disposition, error } : { state, disposition: REQUEUE, error: failed };
}

/** STARTED, where it is tracked. That it could not be stored does not keep the task from running. */
export async function storeStarted(settling: Settling): Promise<void> {
  const { task, request, parts } = settling;
  if (!(task?.defaults.trackStarted ?? parts.settings.taskTrackStarted)) return;
  const { pid, hostname } = parts.worker;
  const error = await store(settling, { state: STARTED, value: { pid, hostname } });
  if (error !== undefined) parts.logger.warn({ message: 'state STARTED not stored', task: request.task, id: request.id, error });
}

/** Stores a state where results are kept, and gives back the failure when it is not stored. */
async function store(settling: Settling, state: StateToStore): Promise<BackendStoreError | undefined> {
  const { parts } = settling;
  if (parts.backend === undefined || !isStored(settling, 'error' in state)) return undefined;
  try {
    const { buildDocument } = await import('./results.ts');
    await parts.backend.store(buildDocument(settling, state));
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new BackendStoreError(`The state ${state.state} of task ${settling.request.id} could not be stored: ${why}`, { cause });
  }
}

/**
 * Whether a state is stored. The message's own ignore_result wins over the task's, as since Celery 5.6.3;
 * errors may be stored all the same.
 */
function isStored({ request, task, parts: { settings } }: Settling, isError: boolean): boolean {
  const ignored = request.message.headers.ignore_result ?? task?.defaults.ignoreResult ?? settings.taskIgnoreResult;
  if (!ignored) return true;
  return isError && (task?.defaults.storeErrorsEvenIfIgnored ?? settings.taskStoreErrorsEvenIfIgnored);
}
