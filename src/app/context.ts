/** What a bound task is handed as its first argument. Says nothing of the result, or inference would freeze early. */

import type { Logger } from '../logger.ts';
import type { Retry, RetryOptions } from './retry.ts';
import type { TaskRequest } from './task-request.ts';

/** `self` of a task declared with `bind: true`. */
export interface TaskContext {
  readonly id: string;
  readonly name: string;
  readonly retries: number;
  readonly request: TaskRequest;
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
}
