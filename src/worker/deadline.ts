/** Waiting for a task within its limits. */

import type { CurrentRun } from '../app/current.ts';
import type { Clock } from '../clock.ts';
import type { TaskSignal } from './task-signal.ts';
import type { TimeLimits } from './time-limits.ts';

/** Awaits the work within its limits. At the hard one it is given up: the run is over, and whatever it still does counts for nothing. */
export async function withinLimits<T>(
  work: PromiseLike<T>,
  limits: TimeLimits,
  signal: TaskSignal,
  run: CurrentRun,
  clock: Clock,
): Promise<T> {
  const { soft, hard } = limits;
  if (soft === undefined && hard === undefined) return await work;
  let ended = false;
  const note = (): void => {
    ended = true;
  };
  work.then(note, note);
  // A function that waited for nothing has ended by the next turn, and needs no alarms.
  await undefined;
  if (ended) return await work;
  const { untilLimits } = await import('./time-out.ts');
  return await untilLimits(work, limits, signal, run, clock);
}
