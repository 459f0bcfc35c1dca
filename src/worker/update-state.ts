/** `self.updateState()`: a state of a task's own making (celery Task.update_state). */

import type { StateUpdate } from '../app/context.ts';
import { BackendStoreError } from '../errors.ts';
import { EXCEPTION_STATES } from '../states.ts';
import { buildDocument } from './results.ts';
import type { Settling } from './settling.ts';
import { storeDocument } from './store-state.ts';

/** Stored whether or not the task's result is ignored, as in Celery. A run that is over says nothing more. */
export async function updateState(settling: Settling, { state, meta = null, taskId }: StateUpdate): Promise<void> {
  const { request, run, parts } = settling;
  if (run.ended || run.over) {
    throw new BackendStoreError(`The state ${state} of task ${request.id} is not stored: its run is over, and its end is what counts.`);
  }
  const isError = EXCEPTION_STATES.has(state) && meta instanceof Error;
  const stored = isError ? { state, error: meta } : { state, value: meta };
  await storeDocument(parts, buildDocument(settling, stored, taskId));
}
