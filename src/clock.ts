/** Time as a value: everything that asks for the time is handed a Clock, so that tests own it. */

export interface Clock {
  /** Milliseconds since 1970 in UTC, as `Date.now()`. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
