/**
 * How much an app has on its way at a time. What comes when that is full waits as it is, and is written when there is room: a loop that
 * sends a million tasks holds a million calls and few messages.
 */

/** Enough to keep every request that may be under way full. */
const MOST_MESSAGES = 1000;
const MOST_CHARACTERS = 33_554_432;

export class Room<Waiting> {
  readonly #letIn: (waiting: Waiting) => void;
  #messages = 0;
  #isHeld = false;
  #characters = 0;
  #waiting: Waiting[] = [];
  #next = 0;

  /** @param letIn is given who waited and has a place now */
  constructor(letIn: (waiting: Waiting) => void) {
    this.#letIn = letIn;
  }

  /** Takes a place, if there is one and nobody waits for it; with `anyway` in any case. */
  enter(anyway = false): boolean {
    if (!anyway && (this.#next < this.#waiting.length || !this.#hasRoom())) return false;
    this.#messages += 1;
    return true;
  }

  /** Places are given in the order they were waited for. */
  wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** What has a place was written, and takes so many characters. */
  fill(characters: number): void {
    this.#characters += characters;
  }

  /** Gives a place back, with the characters it was filled with. */
  leave(characters: number): void {
    this.#messages -= 1;
    this.#characters -= characters;
    this.#admit();
  }

  /** Nobody gets in until `open`: who is first of those that wait is not ready. */
  hold(): void {
    this.#isHeld = true;
  }

  open(): void {
    this.#isHeld = false;
    this.#admit();
  }

  #admit(): void {
    while (this.#next < this.#waiting.length && this.#hasRoom()) {
      this.#messages += 1;
      this.#letIn(this.#waiting[this.#next]!);
      this.#next += 1;
    }
    if (this.#next < 4096 && this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  #hasRoom(): boolean {
    return !this.#isHeld && this.#messages < MOST_MESSAGES && this.#characters < MOST_CHARACTERS;
  }
}
