/** Stores states where results are kept. A state that cannot be stored gives the message back: the run may repeat, its end is not lost. */

import { BackendStoreError } from '../errors.ts';
import { errorFields } from '../logger.ts';
import { STARTED } from '../states.ts';
import type { ResultDocument } from '../wire/result.ts';
import type { StateToStore } from './results.ts';
import type { Settling } from './settling.ts';
import type { WorkerParts } from './worker-parts.ts';

/** STARTED, where it is tracked. That it could not be stored does not keep the task from running. */
export async function storeStarted(settling: Settling): Promise<void> {
  const { task, request, parts } = settling;
  if (!(task?.defaults.trackStarted ?? parts.settings.taskTrackStarted)) return;
  const { pid, hostname } = parts.worker;
  const error = await store(settling, { state: STARTED, value: { pid, hostname } });
  if (error !== undefined)
    parts.logger.warn({ message: 'state STARTED not stored', task: request.task, id: request.id, error: errorFields(error) });
}

/** Stores a state where results are kept, and gives back the failure when it is not stored. */
export async function store(settling: Settling, state: StateToStore): Promise<BackendStoreError | undefined> {
  const { parts } = settling;
  if (parts.backend === undefined || !isStored(settling, 'error' in state)) return undefined;
  try {
    const { buildDocument } = await import('./results.ts');
    await storeDocument(parts, buildDocument(settling, state));
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new BackendStoreError(`The state ${state.state} of task ${settling.request.id} could not be stored: ${why}`, { cause });
  }
}

/** The one place where a worker writes results. Nothing happens without a backend. */
export async function storeDocument({ backend, settings }: WorkerParts, document: ResultDocument): Promise<void> {
  if (backend === undefined) return;
  const { storeTogether } = await import('./store-together.ts');
  await storeTogether(backend, document, { expiresSeconds: settings.resultExpires });
}

/**
 * Whether a state is stored. The message's own ignore_result wins over the task's, as since Celery 5.6.3;
 * errors may be stored all the same.
 */
export function isStored({ request, task, parts: { settings } }: Settling, isError: boolean): boolean {
  const ignored = request.message.headers.ignore_result ?? task?.defaults.ignoreResult ?? settings.taskIgnoreResult;
  if (!ignored) return true;
  return isError && (task?.defaults.storeErrorsEvenIfIgnored ?? settings.taskStoreErrorsEvenIfIgnored);
}
