/** A task that takes its time, and its limits: warned at the soft one, given up at the hard one. Imported when the first task waits for something. */

import type { CurrentRun } from '../app/current.ts';
import type { Clock } from '../clock.ts';
import { SoftTimeLimitExceeded, TimeLimitExceeded } from '../errors.ts';
import { startTimer } from '../timers.ts';
import type { Deadline } from '../transports/transport.ts';
import { alarmsOf } from './alarms.ts';
import type { TaskSignal } from './task-signal.ts';
import type { Limit, TimeLimits } from './time-limits.ts';

/** Awaits the work; at the hard limit it is given up: the run is over, and whatever it still does counts for nothing. */
export async function untilLimits<T>(
  work: PromiseLike<T>,
  limits: TimeLimits,
  signal: TaskSignal | undefined,
  run: CurrentRun,
  clock: Clock,
): Promise<T> {
  const { soft, hard, deadline } = limits;
  const startMs = clock.now();
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => {
      const error = new TimeLimitExceeded(secondsOf(hard!, startMs));
      run.over = true;
      signal?.fire(error);
      settle(() => reject(error));
    };
    const softAlarm = soft && setAlarm(soft, () => signal?.fire(new SoftTimeLimitExceeded()), deadline, clock);
    const hardAlarm = hard && setAlarm(hard, giveUp, deadline, clock);
    const settle = (how: () => void): void => {
      softAlarm?.();
      hardAlarm?.();
      how();
    };
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

const secondsOf = (limit: Limit, startMs: number): number => ('afterMs' in limit ? limit.afterMs : limit.atMs - startMs) / 1000;

/** Moments that the invocation's records share are called by one timer; a limit of the task's own has its own. @returns what takes it back */
function setAlarm(limit: Limit, call: () => void, deadline: Deadline | undefined, clock: Clock): () => void {
  if ('afterMs' in limit) return startTimer(clock, limit.afterMs, call);
  return alarmsOf(deadline!, clock).at(limit.atMs, call);
}
