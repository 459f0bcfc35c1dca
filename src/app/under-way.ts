/** What an app has begun to send and has not been told of yet, so that a process can wait for it before it is frozen. */

/** What was begun between two flushes. */
export interface Round {
  open: number;
  ended: (() => void) | undefined;
}

export class UnderWay {
  #now: Round = { open: 0, ended: undefined };
  #before: Promise<void> | undefined;

  /** Something is begun; what is given back is handed to `end`. */
  begin(): Round {
    this.#now.open += 1;
    return this.#now;
  }

  end(round: Round): void {
    round.open -= 1;
    if (round.open === 0) round.ended?.();
  }

  /** Resolves once all has ended that was begun until now, whichever way; undefined when there is nothing. */
  all(): Promise<void> | undefined {
    const round = this.#now;
    if (round.open === 0) return this.#before;
    this.#now = { open: 0, ended: undefined };
    const before = this.#before;
    const ended = new Promise<void>((resolve) => {
      round.ended = resolve;
    });
    const all = Promise.all([before, ended]).then(() => {
      if (this.#before === all) this.#before = undefined;
    });
    this.#before = all;
    return all;
  }
}
