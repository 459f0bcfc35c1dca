/** The run we are in, so that what a task publishes knows its parent and root, and the task its children. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ResultTuple } from '../wire/result.ts';

export interface CurrentRun {
  readonly id: string;
  readonly rootId: string;
  /** Result tuples of everything published so far, created with the first one. */
  children: ResultTuple[] | undefined;
}

const storage = new AsyncLocalStorage<CurrentRun>();

/** The run this code is part of, or undefined outside of tasks. */
export const currentRun = (): CurrentRun | undefined => storage.getStore();

/** Calls `work` as part of `run`, whatever it awaits included. */
export const runWithin = <T>(run: CurrentRun, work: () => T): T => storage.run(run, work);
