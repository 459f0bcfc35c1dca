/**
 * The options of applyAsync (celery Task.apply_async) and of a task: their types, and the run-time check that
 * answers an unknown or impossible one with what to use instead.
 */

import type { AnySignature } from '../canvas/signature.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { MessageAttributes } from '../transports/transport.ts';
import { nearest } from './nearest.ts';
import type { TaskRequest } from './task-request.ts';

/** How a failed publish is tried again (celery task_publish_retry_policy). Seconds. */
export interface RetryPolicy {
  /** Tries after the first; default 3, null for ever. */
  readonly maxRetries?: number | null;
  /** Wait before the first retry; default 0. */
  readonly intervalStart?: number;
  /** Added for each further retry; default 0.2. */
  readonly intervalStep?: number;
  /** Longest wait; default 1. */
  readonly intervalMax?: number;
}

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

/** A class of errors. */
export type ErrorClass = abstract new (...args: never) => unknown;

/** Options of one call. Names are Celery's in camelCase. */
export interface ApplyOptions {
  /** Default: a new UUID. */
  readonly taskId?: string;
  /** Seconds from now before which the task does not start. */
  readonly countdown?: number;
  /** Moment before which the task does not start; text is ISO 8601. */
  readonly eta?: Date | string;
  /** Seconds from now, or a moment, after which the task is not started any more. */
  readonly expires?: number | Date | string;
  readonly queue?: string;
  /** Carried as data; SQS has no priorities. */
  readonly priority?: number;
  readonly serializer?: string;
  readonly compression?: string;
  /** Run on success, the result put first. */
  readonly link?: AnySignature | readonly AnySignature[];
  /** Run on failure. */
  readonly linkError?: AnySignature | readonly AnySignature[];
  /** Seconds. */
  readonly timeLimit?: number;
  readonly softTimeLimit?: number;
  readonly shadow?: string;
  /** Custom headers, merged over all of celeriac's own. */
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly ignoreResult?: boolean;
  readonly replyTo?: string;
  /** Text for logs and Flower in place of the arguments' own. */
  readonly argsrepr?: string;
  readonly kwargsrepr?: string;
  readonly origin?: string;
  readonly retries?: number;
  readonly rootId?: string;
  readonly parentId?: string;
  readonly groupId?: string;
  readonly groupIndex?: number;
  readonly chord?: AnySignature;
  /** Reversed, as on the wire: the last element runs next. */
  readonly chain?: readonly AnySignature[];
  readonly replacedTaskNesting?: number;
  readonly stamps?: Readonly<Record<string, unknown>>;
  readonly deliveryMode?: 1 | 2;
  /** Whether a failed publish is tried again; default taskPublishRetry. */
  readonly retry?: boolean;
  readonly retryPolicy?: RetryPolicy;
  /** Whether the task counts as a child of the running one; default true. */
  readonly addToParent?: boolean;
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  /** SQS's own delay, 0 to 900 whole seconds; sets no eta. */
  readonly delaySeconds?: number;
  readonly messageAttributes?: MessageAttributes;
  /** Further message properties; Celery puts every option it does not know there. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly kwargs?: object;
}

const KNOWN: ReadonlySet<string> = new Set<keyof ApplyOptions>([
  'taskId', 'countdown', 'eta', 'expires', 'queue', 'priority', 'serializer', 'compression', 'link', 'linkError', 'timeLimit',
  'softTimeLimit', 'shadow', 'headers', 'ignoreResult', 'replyTo', 'argsrepr', 'kwargsrepr', 'origin', 'retries', 'rootId', 'parentId',
  'groupId', 'groupIndex', 'chord', 'chain', 'replacedTaskNesting', 'stamps', 'deliveryMode', 'retry', 'retryPolicy', 'addToParent',
  'messageGroupId', 'messageDeduplicationId', 'delaySeconds', 'messageAttributes', 'properties', 'kwargs',
]); // biome-ignore format: a list of names

const NO_BROKER = 'SQS is reached by single HTTP requests; give the client to createSqsTransport instead';
const NO_EXCHANGE = 'SQS has queues and no exchanges: name the queue with `queue`, or route by task name with the setting taskRoutes';
const NO_CONFIRM = 'applyAsync always waits until SQS has accepted the message';

/** Options of Celery's that cannot mean anything here, each with the reason. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['exchange', NO_EXCHANGE],
  ['exchangeType', NO_EXCHANGE],
  ['routingKey', NO_EXCHANGE],
  ['routeName', NO_EXCHANGE],
  ['router', 'routes are a setting: taskRoutes'],
  ['declare', 'queues are created by the infrastructure, not by senders'],
  ['connection', NO_BROKER],
  ['producer', NO_BROKER],
  ['mandatory', NO_CONFIRM],
  ['immediate', NO_CONFIRM],
  ['confirmTimeout', NO_CONFIRM],
  ['timeout', 'time-outs of requests belong to the client given to createSqsTransport'],
  ['resultCls', 'results are always AsyncResult'],
  ['stampedHeaders', 'give the stamps themselves: stamps: { name: value }'],
  ['args', 'arguments are the first parameter of applyAsync'],
]);

/** Throws ImproperlyConfigured for an option that does not exist or has no meaning on SQS. */
export function checkOptions(options: object): void {
  for (const name in options) {
    if (KNOWN.has(name)) continue;
    const reason = REFUSED.get(name);
    if (reason !== undefined) throw new ImproperlyConfigured(`applyAsync has no option '${name}' on SQS: ${reason}.`);
    throw new ImproperlyConfigured(
      `applyAsync has no option '${name}'${nearest(name, KNOWN)}. Custom message properties go into \`properties\`, custom headers into \`headers\`.`,
    );
  }
}
