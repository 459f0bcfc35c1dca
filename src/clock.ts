/** Time as a value: everything that asks for the time, or waits, is handed a Clock, so that tests own it. */

export interface Clock {
  /** Milliseconds since 1970 in UTC, as `Date.now()`. */
  now(): number;
  /** Waits; default a timer. A test's clock returns when its own time has passed. */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now() };
