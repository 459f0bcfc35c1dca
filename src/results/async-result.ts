/** The caller's handle on a sent task (celery.result.AsyncResult). */

import type { ResultBackend } from '../backends/backend.ts';
import { type Clock, sleep } from '../clock.ts';
import { ImproperlyConfigured, TimeoutError } from '../errors.ts';
import { PENDING, PROPAGATE_STATES, READY_STATES, type State } from '../states.ts';
import type { ResultDocument } from '../wire/result.ts';

export interface GetOptions {
  /** Seconds to wait before TimeoutError; default: for ever. */
  readonly timeout?: number;
  /** Seconds between looks at the backend; default 0.5, as Celery's. */
  readonly interval?: number;
  /** False returns the failure instead of throwing it; default true. */
  readonly propagate?: boolean;
}

/** Where results are read: what an AsyncResult needs of its app. */
export interface ResultSource {
  readonly backend: ResultBackend | undefined;
  readonly clock: Clock;
  revoke(id: string): Promise<void>;
}

export class AsyncResult<R = unknown> {
  readonly id: string;
  readonly #source: () => ResultSource;

  constructor(id: string, source: () => ResultSource) {
    this.id = id;
    this.#source = source;
  }

  /** The stored document, or undefined while there is none. */
  document(): Promise<ResultDocument | undefined> {
    return this.#backend().fetch(this.id);
  }

  /** PENDING for an unknown id, as in Celery. */
  async state(): Promise<State> {
    return (await this.document())?.status ?? PENDING;
  }

  async ready(): Promise<boolean> {
    return READY_STATES.has(await this.state());
  }

  /**
   * Waits for the result.
   *
   * @throws RemoteError when the task failed, TimeoutError, ImproperlyConfigured without a backend
   */
  async get(options: GetOptions = {}): Promise<R> {
    const { clock } = this.#source();
    const { timeout, interval = 0.5, propagate = true } = options;
    const giveUpAt = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout * 1000;
    for (;;) {
      const document = await this.document();
      if (document !== undefined && READY_STATES.has(document.status)) return await readOutcome<R>(document, propagate);
      const left = giveUpAt - clock.now();
      if (left <= 0)
        throw new TimeoutError(`The task ${this.id} has not ended within ${timeout} s; its state is ${document?.status ?? PENDING}.`);
      await sleep(clock, Math.min(interval * 1000, left));
    }
  }

  /** Has the task not run, if it has not begun (see app.control.revoke). */
  revoke(): Promise<void> {
    return this.#source().revoke(this.id);
  }

  /** Removes the stored result. */
  forget(): Promise<void> {
    return this.#backend().forget(this.id);
  }

  #backend(): ResultBackend {
    const { backend } = this.#source();
    if (backend !== undefined) return backend;
    throw new ImproperlyConfigured('Results are not kept: give app.connect a backend, like createMemoryBackend().');
  }
}

async function readOutcome<R>(document: ResultDocument, propagate: boolean): Promise<R> {
  if (!PROPAGATE_STATES.has(document.status)) return document.result as R;
  const { decodeException } = await import('../wire/exception.ts');
  const error = decodeException(document.result, document.traceback ?? undefined);
  if (propagate) throw error;
  return error as R;
}
