/** What a bound task is handed as its first argument. Says nothing of the result, or inference would freeze early. */

import type { AnySignature } from '../canvas/signature.ts';
import type { Logger } from '../logger.ts';
import type { AsyncResult } from '../results/async-result.ts';
import type { State } from '../states.ts';
import type { Retry, RetryOptions } from './retry.ts';
import type { SendableCheck } from './sendable.ts';
import type { TaskRequest } from './task-request.ts';

/** What `self.updateState` stores. */
export interface StateUpdate<Meta = unknown> {
  /** Any name, like `PROGRESS`. */
  readonly state: State;
  /** What the state's readers find as its result, like `{ done: 3, total: 10 }`; default null. */
  readonly meta?: Meta;
  /** Whose state; default the running task's. */
  readonly taskId?: string;
}

/** `self` of a task declared with `bind: true`. */
export interface TaskContext {
  readonly id: string;
  readonly name: string;
  readonly retries: number;
  readonly request: TaskRequest;
  /**
   * The same for every delivery and every retry of this call, and no other's: for calls to the outside that take such a key, like a payment.
   * What is done outside may be done again when a worker dies; with this key it is done once.
   *
   * @example await stripe.charges.create(charge, { idempotencyKey: self.idempotencyKey });
   */
  readonly idempotencyKey: string;
  readonly logger: Logger;
  /** Fires at the soft time limit with SoftTimeLimitExceeded, at the hard one with TimeLimitExceeded; hand it to fetch and the like. */
  readonly signal: AbortSignal;
  /**
   * Has the task tried again: throws Retry, so nothing after it runs; `throw: false` gives the Retry back and lets the task go on.
   * Throws `exc`, or MaxRetriesExceededError, when no attempt is left (celery Task.retry).
   *
   * @example if (response.status === 503) self.retry({ countdown: 30, maxRetries: 5 });
   */
  retry(options?: RetryOptions & { readonly throw?: true }): never;
  retry(options: RetryOptions & { readonly throw: false }): Retry;
  /**
   * Ends the task in favour of a signature that takes its id, its callbacks and errbacks, its place in a chain and its part of a chord;
   * whoever waits for the task waits for that (celery Task.replace). Throws, so nothing after it runs.
   *
   * @example self.replace(chain(fetchPage.s(url), count.s()));
   */
  replace(signature: AnySignature): never;
  /**
   * Sends a signature as one more part of the chord this task is a part of: the body waits for it as well (celery Task.add_to_chord).
   *
   * @throws ImproperlyConfigured where the task is in no chord or the backend's chords cannot grow, and as applyAsync does
   */
  addToChord(signature: AnySignature): Promise<AsyncResult>;
  /**
   * Stores how far the task is, for whoever looks at its result; without a backend nothing happens (celery Task.update_state).
   *
   * @example await self.updateState({ state: 'PROGRESS', meta: { done: 3, total: 10 } });
   * @throws BackendStoreError, also once the run is over; EncodeError for meta that cannot be written
   */
  updateState<Meta>(update: StateUpdate<Meta>, ...check: SendableCheck<[Meta]>): Promise<void>;
}
