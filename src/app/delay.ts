/** Which way a wait goes, decided as a value. Pure. */

/** Send with this delay; 0 is at once. A wait longer than the transport's longest delay takes several hops. */
export interface WaitPlan {
  readonly delaySeconds: number;
  /** True when the delay ends before the wait does: the receiver sends the message on. */
  readonly hops: boolean;
}

/**
 * Plans a wait until `etaMs`. Delays are whole seconds rounded up, so that a task is never early.
 *
 * @param longestSeconds the transport's longest delay per message, 0 where it has none (FIFO queues)
 */
export function planWait(etaMs: number, nowMs: number, longestSeconds: number): WaitPlan {
  const seconds = Math.ceil((etaMs - nowMs) / 1000);
  if (seconds <= 0) return { delaySeconds: 0, hops: false };
  return { delaySeconds: Math.min(seconds, longestSeconds), hops: seconds > longestSeconds };
}
