/** Retrying by itself: which errors, and how long until then (celery.app.autoretry). Pure but for the dice. */

import type { TaskDefaults } from '../app/options.ts';
import type { RetryOptions } from '../app/retry.ts';

const BACKOFF_MAX = 600;

/** The retry that a task's options ask for after this error, or undefined. */
export function autoretryOf(
  defaults: TaskDefaults,
  error: unknown,
  retries: number,
  random: () => number = Math.random,
): RetryOptions | undefined {
  const { autoretryFor, dontAutoretryFor = [], retryKwargs, retryBackoff } = defaults;
  if (autoretryFor === undefined || isOneOf(error, dontAutoretryFor) || !isOneOf(error, autoretryFor)) return undefined;
  const countdown = retryBackoff ? { countdown: backoffSeconds(backoffOf(defaults), retries, random) } : undefined;
  return { ...retryKwargs, ...countdown, exc: error };
}

const isOneOf = (error: unknown, classes: NonNullable<TaskDefaults['autoretryFor']>): boolean =>
  classes.some((kind) => error instanceof kind);

export interface Backoff {
  readonly factor: number;
  readonly maximum: number;
  readonly jitter: boolean;
}

function backoffOf({ retryBackoff, retryBackoffMax = BACKOFF_MAX, retryJitter = true }: TaskDefaults): Backoff {
  return { factor: retryBackoff === true ? 1 : Number(retryBackoff), maximum: retryBackoffMax, jitter: retryJitter };
}

/** Seconds, whole: factor × 2^retries up to the maximum, or a random part of that with jitter (celery get_exponential_backoff_interval). */
export function backoffSeconds({ factor, maximum, jitter }: Backoff, retries: number, random: () => number = Math.random): number {
  const seconds = Math.min(maximum, Math.trunc(Math.max(1, factor)) * 2 ** retries);
  return Math.max(0, jitter ? Math.floor(random() * (seconds + 1)) : seconds);
}
