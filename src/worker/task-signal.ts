/** How a task learns that its time is over. */

/** A task's AbortSignal, made when somebody asks for it. */
export class TaskSignal {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  fire(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
}
