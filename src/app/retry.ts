/** `self.retry()`: whether a task may be tried again, and when. Decides and throws; sending the next attempt is worker/retry-message's. */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { CeleryError } from '../errors.ts';
import type { TaskDefaults } from './options.ts';

/** Celery's defaults (celery.app.task.Task): three retries, three minutes apart. */
export const MAX_RETRIES = 3;
export const DEFAULT_RETRY_DELAY = 180;

/** Options of `self.retry`; those it shares with applyAsync mean the same and go over what the message had. */
export interface RetryOptions
  extends Pick<
    ApplyOptions,
    | 'countdown'
    | 'eta'
    | 'expires'
    | 'queue'
    | 'priority'
    | 'serializer'
    | 'compression'
    | 'timeLimit'
    | 'softTimeLimit'
    | 'headers'
    | 'shadow'
  > {
  /** Other arguments for the next attempt; default: the same. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** What went wrong: stored with the state RETRY, and thrown instead of MaxRetriesExceededError. */
  readonly exc?: unknown;
  /** Overrides the task's limit for this call; null is for ever. */
  readonly maxRetries?: number | null;
}

/** Thrown to have the task tried again; the message is acknowledged once its successor is sent (celery.exceptions.Retry). */
export class Retry extends CeleryError {
  override readonly name = 'Retry';
  readonly options: RetryOptions;
  constructor(options: RetryOptions) {
    super(options.exc instanceof Error ? `Task can be retried: ${options.exc.message}` : 'Task can be retried');
    this.options = options;
  }
}

/** The retries are used up and no `exc` was given. */
export class MaxRetriesExceededError extends CeleryError {
  override readonly name = 'MaxRetriesExceededError';
}

/** What a decision needs to know of the attempt that asks. */
export interface Attempt {
  readonly name: string;
  readonly id: string;
  readonly retries: number;
  /** Arguments as text, for the message of MaxRetriesExceededError. */
  readonly argsrepr: string;
  readonly kwargsrepr: string;
  readonly calledDirectly: boolean;
}

/**
 * The Retry to throw. Throws `exc` or MaxRetriesExceededError itself when there is no attempt left, and `exc` or the Retry in a direct
 * call, where there is no message to send again (celery Task.retry).
 */
export function decideRetry(attempt: Attempt, defaults: TaskDefaults, options: RetryOptions): Retry {
  const retry = new Retry(withDelay(options, defaults));
  if (attempt.calledDirectly) throw options.exc ?? retry;
  const limit =
    options.maxRetries !== undefined ? options.maxRetries : defaults.maxRetries !== undefined ? defaults.maxRetries : MAX_RETRIES;
  if (limit === null || attempt.retries < limit) return retry;
  const { name, id, argsrepr, kwargsrepr } = attempt;
  throw options.exc ?? new MaxRetriesExceededError(`Can't retry ${name}[${id}] args:${argsrepr} kwargs:${kwargsrepr}`);
}

function withDelay(options: RetryOptions, { defaultRetryDelay = DEFAULT_RETRY_DELAY }: TaskDefaults): RetryOptions {
  return options.countdown !== undefined || options.eta !== undefined ? options : { ...options, countdown: defaultRetryDelay };
}
