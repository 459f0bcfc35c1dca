/** The run we are in, so that what a task publishes knows its parent and root, and the task its children. */

import type { AsyncLocalStorage } from 'node:async_hooks';
import { ImproperlyConfigured } from '../errors.ts';
import type { ResultTuple } from '../wire/result.ts';
import type { Retry } from './retry.ts';
import type { TaskRequest } from './task-request.ts';

export interface CurrentRun {
  readonly request: TaskRequest;
  readonly id: string;
  readonly rootId: string;
  /** Result tuples of everything published so far, created with the first one. */
  children: ResultTuple[] | undefined;
  /** A retry asked for with `throw: false`, to be sent when the task has ended. */
  retry: Retry | undefined;
  /** Set once the run has been given up at its hard limit: nothing it does later counts. */
  over: boolean;
  /** Set once its function has ended, whichever way: from then on its end is what counts. */
  ended: boolean;
}

/** Made for the first run: until there is one nobody is within any, and where tasks are only sent there never is. */
let storage: AsyncLocalStorage<CurrentRun | undefined> | undefined;

/** The run this code is part of, or undefined outside of tasks. */
export const currentRun = (): CurrentRun | undefined => storage?.getStore();

/** The task this code runs in: its id, name, retries, root and more, for logs and traces. Undefined outside of tasks. */
export const currentTask = (): TaskRequest | undefined => storage?.getStore()?.request;

/**
 * Calls `work` as part of `run`, whatever it awaits included; of no run where that is undefined.
 * @throws ImproperlyConfigured in a runtime that cannot tell runs apart
 */
export function runWithin<T>(run: CurrentRun | undefined, work: () => T): T {
  if (run === undefined && storage === undefined) return work();
  storage ??= createStorage();
  return storage.run(run, work);
}

function createStorage(): AsyncLocalStorage<CurrentRun | undefined> {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks');
  if (hooks !== undefined) return new hooks.AsyncLocalStorage();
  throw new ImproperlyConfigured('Running tasks takes AsyncLocalStorage, which this runtime has not; it can send them.');
}
