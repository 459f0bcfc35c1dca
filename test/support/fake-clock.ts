/** A clock that stands still until it is told. Sleepers wake when their time has come. */

import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on and wakes who is due, in order. */
  advance(ms: number): Promise<void>;
  /** Waits asked for so far, in milliseconds. */
  readonly sleeps: readonly number[];
}

export const NOON = Date.parse('2030-01-02T12:00:00.000Z');

/** With `autoAdvance`, a sleep passes by itself at once and moves the clock. */
export function createFakeClock(startMs = NOON, options: { autoAdvance?: boolean } = {}): FakeClock {
  let nowMs = startMs;
  const sleeps: number[] = [];
  const sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => nowMs,
    sleeps,
    sleep(ms, signal) {
      sleeps.push(ms);
      if (options.autoAdvance === true) {
        nowMs += Math.max(0, ms);
        return Promise.resolve();
      }
      if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
      return new Promise((wake) => {
        sleepers.push({ at: nowMs + ms, wake });
        signal?.addEventListener('abort', () => wake());
      });
    },
    async advance(ms) {
      nowMs += ms;
      for (const sleeper of sleepers.filter(({ at }) => at <= nowMs).sort((a, b) => a.at - b.at)) sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
