/**
 * Calls at moments that many runs share: all records of an invocation end with it, so that one timer serves them all. A timer of its own
 * for each record would cost more than the rest of its running.
 */

import type { Clock } from '../clock.ts';
import { startTimer } from '../timers.ts';
import type { Deadline } from '../transports/transport.ts';

/** Calls at moments that many share. */
export interface Alarms {
  /** Calls at that moment, milliseconds since 1970, unless taken back by what is returned. */
  at(atMs: number, call: () => void): () => void;
  close(): void;
}

const kept = new WeakMap<Deadline, Alarms>();

/** The alarms of all who share a deadline; they end with it. */
export function alarmsOf(deadline: Deadline, clock: Clock): Alarms {
  const known = kept.get(deadline);
  if (known !== undefined) return known;
  const alarms = createAlarms(clock);
  kept.set(deadline, alarms);
  deadline.atEnd.push(() => alarms.close());
  return alarms;
}

/** Alarms that last until they are closed: by then nothing of theirs is left running. Only the earliest moment has a timer. */
function createAlarms(clock: Clock): Alarms {
  const calls = new Map<number, Set<() => void>>();
  let earliestMs = Number.POSITIVE_INFINITY;
  let stop = (): void => {};

  const wakeAt = (atMs: number): void => {
    stop();
    earliestMs = atMs;
    stop = startTimer(clock, atMs - clock.now(), wake);
  };
  const wake = (): void => {
    const due = calls.get(earliestMs) ?? [];
    calls.delete(earliestMs);
    earliestMs = Number.POSITIVE_INFINITY;
    for (const call of due) call();
    const next = Math.min(...calls.keys());
    if (next < earliestMs) wakeAt(next);
  };
  return {
    at(atMs, call) {
      let shared = calls.get(atMs);
      if (shared === undefined) {
        shared = new Set();
        calls.set(atMs, shared);
        if (atMs < earliestMs) wakeAt(atMs);
      }
      shared.add(call);
      return () => void shared.delete(call);
    },
    close() {
      stop();
      calls.clear();
    },
  };
}
