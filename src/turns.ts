/** The end of the event loop's turn: the nearest moment when whatever is asked for together has been asked for. */

/** Timers where there is nothing nearer. */
export const atEndOfTurn: (work: () => void) => void =
  typeof setImmediate === 'function' ? (work) => void setImmediate(work) : (work) => void setTimeout(work, 0);
