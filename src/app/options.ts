/** The options of a task: what its calls have where they say nothing of their own, and its hooks. */

import type { TaskRequest } from './task-request.ts';

/** Options a task may carry as its own defaults; those of a call win. */
export interface TaskDefaults {
  readonly bind?: boolean;
  readonly kwargs?: boolean;
  /** Queue, where no route and no call names one. */
  readonly queue?: string;
  readonly priority?: number;
  /** Seconds from sending, or a moment, after which the task is not started any more. */
  readonly expires?: number | Date | string;
  readonly serializer?: string;
  readonly compression?: string;
  readonly timeLimit?: number;
  readonly softTimeLimit?: number;
  readonly ignoreResult?: boolean;
  readonly storeErrorsEvenIfIgnored?: boolean;
  readonly trackStarted?: boolean;
  /** FIFO message group, or the tenant of a fair queue. */
  readonly messageGroupId?: string;
  /** Retries before the task fails; default 3, null for ever. */
  readonly maxRetries?: number | null;
  /** Seconds until a retry that says nothing of its own; default 180. */
  readonly defaultRetryDelay?: number;
  /** Errors after which the task is retried by itself. */
  readonly autoretryFor?: readonly ErrorClass[];
  /** Errors after which it is not, although autoretryFor has them. */
  readonly dontAutoretryFor?: readonly ErrorClass[];
  /** Options of every retry by itself. */
  readonly retryKwargs?: { readonly maxRetries?: number | null; readonly countdown?: number };
  /** Growing delays for retries by themselves: true is 1, 2, 4 … seconds, a number multiplies them; default false. */
  readonly retryBackoff?: boolean | number;
  /** Seconds, at most; default 600. */
  readonly retryBackoffMax?: number;
  /** A random part of each growing delay instead of all of it; default true. */
  readonly retryJitter?: boolean;
  /**
   * How a retry on a FIFO queue waits: `resend` (default) sends the next attempt behind what is queued, its order given up; `hold` keeps
   * the message, and with it its group, hidden until then. Held retries are counted by receives, so the queue's redrive policy ends them.
   */
  readonly fifoRetry?: 'resend' | 'hold';
  /** False gives a failed message back instead of acknowledging it, until the redrive policy buries it; default taskAcksOnFailureOrTimeout. */
  readonly acksOnFailureOrTimeout?: boolean;
  /** Changes what Reject means: the message is given back instead of dropped; default taskAcksLate. */
  readonly acksLate?: boolean;
  /** Errors that are no cause for alarm: logged as information (celery Task.throws). What a retry cannot mend belongs in dontAutoretryFor. */
  readonly throws?: readonly ErrorClass[];
  /**
   * True has the task commit once for each id, whatever is delivered twice or dies half-way: the ledger remembers what it came to.
   * Needs a ledger. Default taskIdempotent.
   */
  readonly idempotent?: boolean | IdempotentOptions;
  /** What argsrepr and kwargsrepr say of its arguments; default taskArgsrepr. */
  readonly argsrepr?: ArgsRepr;
  /**
   * Arguments that are named nowhere but in the body: places and keywords, and paths into them, like `0.card.number` or `card.number`.
   * Default none.
   */
  readonly sensitive?: readonly string[];
  /** Where a copy of the message goes when the task has failed for good; default taskDeadLetterQueue. */
  readonly deadLetterQueue?: string;
  /** Called before the function; this hook and the others watch: what they throw is logged and changes nothing. */
  readonly beforeStart?: (request: TaskRequest) => unknown;
  /** Called when the result is stored. */
  readonly onSuccess?: (result: unknown, request: TaskRequest) => unknown;
  /** Called when the failure is stored. */
  readonly onFailure?: (error: unknown, request: TaskRequest) => unknown;
  /** Called when the next attempt is sent. */
  readonly onRetry?: (error: unknown, request: TaskRequest) => unknown;
  /** Called after onSuccess and onFailure, with SUCCESS or FAILURE. */
  readonly afterReturn?: (state: string, request: TaskRequest) => unknown;
}

export interface IdempotentOptions {
  /** Seconds a finished task is remembered; default 14 days, as long as SQS keeps a message, and a year more where it had an eta. */
  readonly remember?: number;
  /** Seconds the clocks of two workers may be apart; default 300. */
  readonly skew?: number;
}

/** The values as Python writes them, cut; or nothing but what they are, like `<str of 12>`. */
export type ArgsRepr = 'values' | 'types';

/** A class of errors. */
export type ErrorClass = abstract new (...args: never) => unknown;
