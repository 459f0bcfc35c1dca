/** What the running task has published, for `children` of its result (celery Task.add_trail). */

import type { ResultTuple } from '../wire/result.ts';
import { type CurrentRun, currentRun } from './current.ts';

/** Notes a sent task as a child of the running one; outside of tasks there is nothing to note. */
export const trailChild = (id: string): void => trailChildren([[[id, null], null]]);

/** The same for what a canvas has sent. */
export function trailChildren(children: readonly ResultTuple[]): void {
  const run = currentRun();
  if (run !== undefined) addChildren(run, children);
}

/** Added in place: a task may send thousands one by one. */
export function addChildren(run: CurrentRun, children: readonly ResultTuple[]): void {
  if (children.length === 0) return;
  run.children ??= [];
  for (const child of children) run.children.push(child);
}
