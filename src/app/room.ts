/**
 * How much an app has on its way at a time. Who calls when that is full waits with the arguments as they were given, which are written
 * when there is room: a loop that sends a million tasks holds a million calls and few messages.
 */

/** Enough to keep every request that may be under way full. */
const MOST_MESSAGES = 1000;
const MOST_CHARACTERS = 33_554_432;

export class Room {
  #messages = 0;
  #characters = 0;
  #waiting: (() => void)[] = [];
  #next = 0;

  /** Takes a place; undefined when there was one, else a promise of it. Places are given in the order they were asked for. */
  enter(): Promise<void> | undefined {
    if (this.#next === this.#waiting.length && this.#hasRoom()) {
      this.#messages += 1;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Takes a place where there is none. */
  enterAnyway(): undefined {
    this.#messages += 1;
  }

  /** What has a place was written, and takes so many characters. */
  fill(characters: number): void {
    this.#characters += characters;
  }

  /** Gives a place back, with the characters it was filled with. */
  leave(characters: number): void {
    this.#messages -= 1;
    this.#characters -= characters;
    while (this.#next < this.#waiting.length && this.#hasRoom()) {
      this.#messages += 1;
      this.#waiting[this.#next]!();
      this.#next += 1;
    }
    if (this.#next < 4096 && this.#next < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  #hasRoom(): boolean {
    return this.#messages < MOST_MESSAGES && this.#characters < MOST_CHARACTERS;
  }
}
