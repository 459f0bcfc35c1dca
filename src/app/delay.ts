/**
 * Which way a wait goes, decided as a value. Pure: publisher and worker ask it and act on the answer.
 * What counts the hops of a message is hops.ts.
 */

import type { SchedulerLimits } from '../schedulers/scheduler.ts';

export interface Wait {
  /** The moment waited for, milliseconds since 1970. */
  readonly etaMs: number;
  readonly nowMs: number;
  readonly fifo: boolean;
  /** The transport's longest delay per message; 0 where it has none. */
  readonly longestDelaySeconds: number;
  /** Default: none, longer waits go by hops. */
  readonly scheduler?: SchedulerLimits | undefined;
  /** The body's size in UTF-8, asked for only where there is a scheduler; default 0. */
  readonly bytes?: number;
  /** True when something beside the body has to arrive, which a schedule does not carry: attributes, the group of a fair queue. Default false. */
  readonly hasAttributes?: boolean;
}

/** Seconds are whole and at least 1. */
export type WaitPlan =
  | { readonly via: 'now' }
  /** Send with this delay, which ends the wait. */
  | { readonly via: 'delay'; readonly seconds: number }
  /** Have it sent at this moment, a whole second before the wait ends; a delay does the rest. */
  | { readonly via: 'schedule'; readonly atMs: number }
  /** Send with this delay, and plan again when it has passed. */
  | { readonly via: 'hop'; readonly seconds: number }
  /** The queue takes no delay: send at once, and on receipt give back and hide for so long; then plan again. */
  | { readonly via: 'hide'; readonly seconds: number };

/** The longest a message is hidden before it is looked at again: SQS allows 12 hours from its receipt, some of which have passed. */
const LONGEST_HIDE_SECONDS = 43_200 - 60;

/** EventBridge Scheduler is up to a minute late; the rest is for the way through the queue, so that a delay can end the wait to the second. */
const SCHEDULE_LEAD_MS = 75_000;

/**
 * Plans a wait until `etaMs`. Delays are whole seconds rounded up, so that a task is never early.
 *
 * The moment of a schedule depends on `etaMs` alone: a schedule of the same name that is there already will fire when this one would.
 */
export function planWait(wait: Wait): WaitPlan {
  const { etaMs, nowMs, fifo, longestDelaySeconds, scheduler } = wait;
  const seconds = Math.ceil((etaMs - nowMs) / 1000);
  if (seconds <= 0) return { via: 'now' };
  if (fifo || longestDelaySeconds <= 0) return { via: 'hide', seconds: Math.min(seconds, LONGEST_HIDE_SECONDS) };
  if (seconds <= longestDelaySeconds) return { via: 'delay', seconds };
  const atMs = Math.floor((etaMs - SCHEDULE_LEAD_MS) / 1000) * 1000;
  if (scheduler !== undefined && isTaken(scheduler, wait, atMs)) return { via: 'schedule', atMs };
  return { via: 'hop', seconds: longestDelaySeconds };
}

/** A schedule in the past, or nearly, is refused by Scheduler, and one beyond its horizon comes within it by hops. */
function isTaken({ bodyBytes, horizonMs }: SchedulerLimits, { nowMs, bytes = 0, hasAttributes = false }: Wait, atMs: number): boolean {
  const ahead = atMs - nowMs;
  return !hasAttributes && bytes <= bodyBytes && ahead >= SCHEDULE_LEAD_MS && ahead <= horizonMs;
}
