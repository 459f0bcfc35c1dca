/** How long a task may take: what was asked for, and what its receiver has left. */

import type { TaskDefaults } from '../app/options.ts';
import type { Settings } from '../app/settings.ts';
import type { Deadline } from '../transports/transport.ts';
import type { Request } from './request.ts';

/** Kept of a receiver's last moments, to store and answer: 2 s, or a tenth of all it had where that is less. */
const RESERVE_MS = 2000;
const RESERVE_SHARE = 0.1;
/** Between a soft limit that nobody set and the hard one, as a share of the time there is. */
const CLEANUP_SHARE = 0.1;

/** One limit: so long after the start, or at a moment that the whole invocation shares. */
export type Limit = { readonly afterMs: number } | { readonly atMs: number };

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
  const soft =
    softMs === undefined
      ? hardMs === undefined
        ? ends.soft
        : undefined
      : softMs < ends.soft.atMs - nowMs
        ? { afterMs: softMs }
        : ends.soft;
  return { soft, hard: hardMs !== undefined && hardMs < leftMs ? { afterMs: hardMs } : ends.hard, deadline };
}

/** Whether the receiver's own end has come too near by now. */
export const isOver = ({ hard }: TimeLimits, nowMs: number): boolean => hard !== undefined && 'atMs' in hard && hard.atMs <= nowMs;

const toMs = (seconds: number | null): number | undefined => (seconds === null ? undefined : seconds * 1000);

const after = (afterMs: number | undefined): Limit | undefined => (afterMs === undefined ? undefined : { afterMs });

interface SharedLimits extends TimeLimits {
  readonly soft: { readonly atMs: number };
  readonly hard: { readonly atMs: number };
}

let latest: SharedLimits | undefined;

/** The limits that come from a receiver's end, worked out once for all its records. */
function endsOf(deadline: Deadline): SharedLimits {
  if (latest?.deadline === deadline) return latest;
  const { atMs, budgetMs } = deadline;
  const hardAtMs = atMs - Math.min(RESERVE_MS, budgetMs * RESERVE_SHARE);
  latest = { soft: { atMs: hardAtMs - budgetMs * CLEANUP_SHARE }, hard: { atMs: hardAtMs }, deadline };
  return latest;
}
