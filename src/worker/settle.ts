/**
 * Acts on an Outcome: the result is stored first and the message acknowledged by what is returned, so that a fault in
 * between makes a duplicate and never a loss.
 */

import type { CurrentRun } from '../app/current.ts';
import type { RegisteredTask } from '../app/registry.ts';
import { EncodeError, isCeleryError, NotRegistered, TaskRevokedError } from '../errors.ts';
import { FAILURE, REVOKED, STARTED, SUCCESS } from '../states.ts';
import { ACK, type Disposition, REQUEUE } from './disposition.ts';
import { buildDocument, failureState, isStored, type StateToStore } from './document.ts';
import type { Outcome } from './outcome.ts';
import type { Request } from './request.ts';
import type { WorkerParts } from './worker-parts.ts';

/** How a delivery ended: what the door does with it, and what the log says. */
export interface Settled {
  readonly disposition: Disposition;
  readonly state: string;
  readonly error?: unknown;
}

export async function settle(
  task: RegisteredTask,
  request: Request,
  outcome: Outcome,
  run: CurrentRun,
  parts: WorkerParts,
): Promise<Settled> {
  switch (outcome.state) {
    case 'SUCCESS':
      return await settleSuccess(task, request, outcome.value, run, parts);
    case 'FAILURE':
      return await settleFailure(task, request, outcome.error, run, parts);
    case 'IGNORED':
      return { state: outcome.state, disposition: ACK };
    case 'REJECTED':
      return { state: outcome.state, disposition: outcome.requeue ? REQUEUE : ACK };
  }
}

async function settleSuccess(
  task: RegisteredTask,
  request: Request,
  value: unknown,
  run: CurrentRun,
  parts: WorkerParts,
): Promise<Settled> {
  if (parts.backend === undefined || !isStored(request, task, parts.settings, false)) return { state: SUCCESS, disposition: ACK };
  const state: StateToStore = { state: SUCCESS, result: value ?? null, traceback: null, children: run.children ?? [] };
  try {
    await parts.backend.store(buildDocument(request, state, parts.clock.now(), parts.settings));
    return { state: SUCCESS, disposition: ACK };
  } catch (error) {
    // A result that cannot be written is the task's own failure, as in Celery; a store that fails may go better later.
    if (isCeleryError(error) && error.name === 'EncodeError') return await settleFailure(task, request, nameResult(error), run, parts);
    return { state: SUCCESS, disposition: REQUEUE, error };
  }
}

const nameResult = (error: Error): EncodeError =>
  new EncodeError(`The result cannot be stored: ${error.message}`, { path: (error as EncodeError).path, cause: error });

async function settleFailure(
  task: RegisteredTask,
  request: Request,
  error: unknown,
  run: CurrentRun,
  parts: WorkerParts,
): Promise<Settled> {
  return await storeThen(ACK, request, task, failureState(FAILURE, error, run.children ?? []), error, parts);
}

/** An expired task: REVOKED is stored, nothing else happens (celery Request.revoked). */
export async function settleExpired(task: RegisteredTask, request: Request, parts: WorkerParts): Promise<Settled> {
  const error = new TaskRevokedError('expired');
  return await storeThen(ACK, request, task, { ...failureState(REVOKED, error, []), traceback: null }, error, parts);
}

/** An unknown name: FAILURE is stored as Celery does, and the message given back, for a deploy may be under way. */
export async function settleUnknown(request: Request, parts: WorkerParts): Promise<Settled> {
  const error = new NotRegistered(request.task);
  return await storeThen(REQUEUE, request, undefined, { ...failureState(FAILURE, error, []), traceback: null }, error, parts);
}

async function storeThen(
  disposition: Disposition,
  request: Request,
  task: RegisteredTask | undefined,
  state: StateToStore,
  error: unknown,
  parts: WorkerParts,
): Promise<Settled> {
  if (parts.backend !== undefined && isStored(request, task, parts.settings, true)) {
    try {
      await parts.backend.store(buildDocument(request, state, parts.clock.now(), parts.settings));
    } catch (storeError) {
      return { state: state.state, disposition: REQUEUE, error: storeError };
    }
  }
  return { state: state.state, disposition, error };
}

/** STARTED, where it is tracked. That it could not be stored does not keep the task from running. */
export async function storeStarted(task: RegisteredTask, request: Request, parts: WorkerParts): Promise<void> {
  const { backend, settings, clock, worker, logger } = parts;
  if (!(task.defaults.trackStarted ?? settings.taskTrackStarted)) return;
  if (backend === undefined || !isStored(request, task, settings, false)) return;
  const state = { state: STARTED, result: { pid: worker.pid, hostname: worker.hostname }, traceback: null, children: [] };
  try {
    await backend.store(buildDocument(request, state, clock.now(), settings));
  } catch (error) {
    logger.warn({ message: 'state STARTED not stored', task: request.task, id: request.id, error });
  }
}
