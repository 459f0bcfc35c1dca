/**
 * The options of a call (celery Task.apply_async): their types, and the run-time check that answers an unknown or impossible one
 * with what to use instead.
 */

import { ImproperlyConfigured } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { MessageAttributes } from '../transports/transport.ts';
import type { AnySignature } from './step.ts';

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

/** Those whose value is the same on the wire. */
export const PLAIN_OPTIONS: readonly (keyof ApplyOptions)[] = [
  'taskId', 'countdown', 'eta', 'expires', 'queue', 'priority', 'serializer', 'compression', 'timeLimit', 'softTimeLimit', 'shadow',
  'headers', 'ignoreResult', 'replyTo', 'argsrepr', 'kwargsrepr', 'origin', 'retries', 'rootId', 'parentId', 'groupId', 'groupIndex',
  'replacedTaskNesting', 'deliveryMode', 'retry', 'addToParent', 'messageGroupId', 'messageDeduplicationId', 'delaySeconds',
  'messageAttributes',
]; // biome-ignore format: a list of names

const KNOWN: ReadonlySet<string> = new Set<keyof ApplyOptions>([
  ...PLAIN_OPTIONS, 'link', 'linkError', 'chord', 'chain', 'stamps', 'retryPolicy', 'properties', 'kwargs',
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
