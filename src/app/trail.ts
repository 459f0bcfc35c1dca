/** What the running task has published, for `children` of its result (celery Task.add_trail). */

import type { ResultTuple } from '../wire/result.ts';
import { currentRun } from './current.ts';

/** Notes a sent task as a child of the running one; outside of tasks there is nothing to note. */
export function trailChild(id: string): void {
  const run = currentRun();
  if (run === undefined) return;
  const child: ResultTuple = [[id, null], null];
  if (run.children === undefined) run.children = [child];
  else run.children.push(child);
}
