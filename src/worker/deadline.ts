/** Time limits: how long a task has, its AbortSignal, and giving it up at the hard limit. */

import type { CurrentRun } from '../app/current.ts';
import type { TaskDefaults } from '../app/options.ts';
import type { Settings } from '../app/settings.ts';
import { type Clock, startTimer } from '../clock.ts';
import { SoftTimeLimitExceeded, TimeLimitExceeded } from '../errors.ts';
import type { Deadline } from '../transports/transport.ts';
import type { Request } from './request.ts';

/** Kept of a receiver's last moments, to store and answer: 2 s, or a tenth of all it had where that is less. */
const RESERVE_MS = 2000;
const RESERVE_SHARE = 0.1;
/** Between a soft limit that nobody set and the hard one, as a share of the time there is. */
const CLEANUP_SHARE = 0.1;

/** One limit: so long after the start, or at a moment that the whole invocation shares. */
type Limit = { readonly afterMs: number } | { readonly atMs: number };

export interface TimeLimits {
  readonly soft: Limit | undefined;
  readonly hard: Limit | undefined;
  readonly deadline: Deadline | undefined;
}

/**
 * What a task gets: the limits of its message, else its own, else the settings' (celery Request.execute_using_pool), but never more than
 * the receiver has left. Where nothing was asked for, both come from the receiver's end. Undefined when there is no time to start it now.
 */
export function timeLimitsOf(request: Request, defaults: TaskDefaults, settings: Settings, nowMs: number): TimeLimits | undefined {
  const [hardAsked, softAsked] = request.timeLimit;
  const hardMs = toMs(hardAsked ?? defaults.timeLimit ?? settings.taskTimeLimit);
  const softMs = toMs(softAsked ?? defaults.softTimeLimit ?? settings.taskSoftTimeLimit);
  const { deadline } = request.delivery;
  if (deadline === undefined) return { soft: after(softMs), hard: after(hardMs), deadline };
  const ends = endsOf(deadline);
  const leftMs = ends.hard.atMs - nowMs;
  // A limit longer than the receiver ever has would never be started: then most of its time has to do.
  const neededMs = hardMs === undefined ? 0 : Math.min(hardMs, deadline.budgetMs * (1 - 2 * RESERVE_SHARE));
  if (leftMs <= 0 || leftMs < neededMs) return undefined;
  if (hardMs === undefined && softMs === undefined) return ends;
  const soft = after(softMs) ?? (hardMs === undefined ? ends.soft : undefined);
  return { soft, hard: hardMs !== undefined && hardMs < leftMs ? { afterMs: hardMs } : ends.hard, deadline };
}

const toMs = (seconds: number | null): number | undefined => (seconds === null ? undefined : seconds * 1000);

const after = (afterMs: number | undefined): Limit | undefined => (afterMs === undefined ? undefined : { afterMs });

interface SharedLimits extends TimeLimits {
  readonly soft: { readonly atMs: number };
  readonly hard: { readonly atMs: number };
}

const shared = new WeakMap<Deadline, SharedLimits>();

/** The limits that come from a receiver's end, worked out once for all its records. */
function endsOf(deadline: Deadline): SharedLimits {
  const kept = shared.get(deadline);
  if (kept !== undefined) return kept;
  const { atMs, budgetMs } = deadline;
  const hardAtMs = atMs - Math.min(RESERVE_MS, budgetMs * RESERVE_SHARE);
  const ends = { soft: { atMs: hardAtMs - budgetMs * CLEANUP_SHARE }, hard: { atMs: hardAtMs }, deadline };
  shared.set(deadline, ends);
  return ends;
}

/** A task's AbortSignal, made when somebody asks for it. */
export class TaskSignal {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  fire(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
}

/** Awaits the work within its limits. At the hard one it is given up: the run is over, and whatever it still does counts for nothing. */
export async function withinLimits<T>(
  work: PromiseLike<T>,
  limits: TimeLimits,
  signal: TaskSignal,
  run: CurrentRun,
  clock: Clock,
): Promise<T> {
  const { soft, hard, deadline } = limits;
  if (soft === undefined && hard === undefined) return await work;
  let ended = false;
  const note = (): void => {
    ended = true;
  };
  work.then(note, note);
  // A function that waited for nothing has ended by the next turn, and needs no alarms.
  await undefined;
  if (ended) return await work;
  const startMs = clock.now();
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => {
      const error = new TimeLimitExceeded(secondsOf(hard!, startMs));
      run.over = true;
      signal.fire(error);
      settle(() => reject(error));
    };
    const softAlarm = soft && setAlarm(soft, () => signal.fire(new SoftTimeLimitExceeded()), deadline, clock);
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
  return deadline!.alarms.at(limit.atMs, call);
}
