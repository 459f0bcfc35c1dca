/**
 * Virtual time: what happens is a heap of events, one at a time, and between two of them everything settles that needs no time. Nothing
 * here knows what the events are about.
 */

import { hashOf } from './random.ts';

/** An event to come; `cancelled` ones are passed over. */
export interface Timer {
  cancelled: boolean;
}

interface Event extends Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

export class Kernel {
  nowMs: number;
  /** Events that have happened. */
  steps = 0;
  /** A number for all that has happened, in order. */
  hash = 0x811c9dc5;
  readonly lines: Line[] | undefined;
  readonly startMs: number;
  #heap: Event[] = [];
  #order = 0;
  #immediates: (() => void)[] = [];

  constructor(startMs: number, records: boolean) {
    this.nowMs = startMs;
    this.startMs = startMs;
    this.lines = records ? [] : undefined;
  }

  /** Notes what happens: always in the hash, and as a line where somebody wants to read it. */
  note(who: string, what: string): void {
    this.hash = hashOf(what, hashOf(who, this.hash ^ ((this.nowMs - this.startMs) | 0)));
    this.lines?.push({ atMs: this.nowMs, who, what });
  }

  /** Has it happen in so many milliseconds; what falls on one moment keeps its order. */
  after(ms: number, run: () => void): Timer {
    const event: Event = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, run, cancelled: false };
    this.#push(event);
    return event;
  }

  /** Work for the end of this turn of the event loop. */
  atEndOfTurn(run: () => void): void {
    this.#immediates.push(run);
  }

  /** The next moment: its events one after the other, and all that comes of them without time passing; false when there is none. */
  async step(): Promise<boolean> {
    let event = this.#pop();
    if (event === undefined) return false;
    this.nowMs = Math.max(this.nowMs, event.atMs);
    for (; event !== undefined; event = this.#pop(this.nowMs)) {
      this.steps += 1;
      event.run();
      await microtasksDone();
    }
    await this.#endTurn();
    return true;
  }

  /** Until nothing is left that was put off to the end of a turn. */
  async #endTurn(): Promise<void> {
    while (this.#immediates.length > 0) {
      const due = this.#immediates;
      this.#immediates = [];
      for (const run of due) {
        run();
        await microtasksDone();
      }
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isSooner(event, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = event;
  }

  /** The next event; the next one of this moment where time may not pass. */
  #pop(latestMs = Number.POSITIVE_INFINITY): Event | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.atMs > latestMs) return undefined;
      const last = this.#heap.pop()!;
      if (this.#heap.length > 0) this.#sink(last);
      if (!first.cancelled) return first;
    }
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isSooner(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isSooner(heap[below]!, event)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = event;
  }
}

const isSooner = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A tick comes when the queue of microtasks is empty, `import()` of what is loaded among them. */
const microtasksDone = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
