/** Waiting on a Clock: its own `sleep` where it has one, else timers. */

import type { Clock } from './clock.ts';

/** setTimeout takes at most 2³¹−1 ms and fires at once beyond that. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Waits on the given clock; an aborted signal ends the wait early, without an error. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (clock.sleep !== undefined) return clock.sleep(ms, signal);
  if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', done);
  });
}

/** Calls once so many milliseconds have passed. @returns what takes it back */
export function startTimer(clock: Clock, ms: number, call: () => void): () => void {
  if (clock.sleep === undefined) {
    const leftMs = Math.max(0, Math.ceil(ms));
    let stop = (): void => clearTimeout(timer);
    const next = (): void => {
      stop = startTimer(clock, leftMs - LONGEST_TIMER_MS, call);
    };
    const timer = leftMs > LONGEST_TIMER_MS ? setTimeout(next, LONGEST_TIMER_MS) : setTimeout(call, leftMs);
    return () => stop();
  }
  const ended = new AbortController();
  void clock.sleep(ms, ended.signal).then(() => {
    if (!ended.signal.aborted) call();
  });
  return () => ended.abort();
}
