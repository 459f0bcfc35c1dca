/** What a task message is written from, and how to get that back from a received message, so that it can be sent again. */

import type { Codec } from './codecs.ts';
import type { Embed, TaskMessage } from './message.ts';

/** Everything one task message says. What is left out gets Celery's default (celery.app.amqp.as_task_v2). */
export interface TaskFields {
  readonly task: string;
  readonly id: string;
  /** Null is written as it is and makes the task fail, as the sender of a received message with such args wanted. */
  readonly args: readonly unknown[] | null;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed?: Embed | undefined;
  readonly shadow?: string | null | undefined;
  /** ISO 8601 text. */
  readonly eta?: string | null | undefined;
  /** ISO 8601 text. */
  readonly expires?: string | null | undefined;
  /** Milliseconds from now until `expires`, for the property `expiration`. */
  readonly expiresMs?: number | undefined;
  readonly group?: string | null | undefined;
  readonly groupIndex?: number | null | undefined;
  /** Default 0. */
  readonly retries?: number | undefined;
  /** Hard limit in seconds. */
  readonly timeLimit?: number | null | undefined;
  /** Soft limit in seconds. */
  readonly softTimeLimit?: number | null | undefined;
  /** Default: the task's own id. */
  readonly rootId?: string | null | undefined;
  readonly parentId?: string | null | undefined;
  /** Default: `args` as Python prints a tuple. */
  readonly argsrepr?: string | undefined;
  /** Default: `kwargs` as Python prints a dict. */
  readonly kwargsrepr?: string | undefined;
  /** Who sends, like `gen4711@host`. Default `celeriac`. */
  readonly origin?: string | undefined;
  /** Default false. Null leaves it to the task, as senders before Celery 5.1 do. */
  readonly ignoreResult?: boolean | null | undefined;
  readonly replacedTaskNesting?: number | undefined;
  readonly stampedHeaders?: readonly string[] | null | undefined;
  readonly stamps?: Readonly<Record<string, unknown>> | null | undefined;
  /** Custom headers; merged over all others, so they can overwrite even `id`. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Default: the task's own id. */
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  /** Default 2, persistent; SQS ignores it. */
  readonly deliveryMode?: number | undefined;
  /** Default `''`: straight to the queue. */
  readonly exchange?: string | undefined;
  /** The queue's name as Celery says it. */
  readonly routingKey: string;
  /** Default 0; SQS ignores it. */
  readonly priority?: number | undefined;
  /** Properties beside the standard ones: where every unknown apply_async option ends, `MessageGroupId` and `DelaySeconds` among them. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** Compression method by name; default none. */
  readonly compression?: string | undefined;
  readonly codec: Codec;
  /** Default: the task's own id. On SQS the receiver puts the receipt handle here. */
  readonly deliveryTag?: string;
}

/** Header names of protocol 2; the others are custom. */
export const HEADER_NAMES: ReadonlySet<string> = new Set([
  'lang',
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
  'ignore_result',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
  'compression',
]);

/** Property names with a field of their own; the others are `properties`. */
export const PROPERTY_NAMES: ReadonlySet<string> = new Set([
  'correlation_id',
  'reply_to',
  'delivery_mode',
  'expiration',
  'delivery_info',
  'priority',
  'body_encoding',
  'delivery_tag',
]);

/**
 * A received message as fields to write it again with the same meaning, custom headers and unknown properties included.
 * Compression and codec are the next sender's choice, as for a retry in Celery.
 */
export function toFields(message: TaskMessage): Omit<TaskFields, 'codec'> {
  const { headers, properties } = message;
  const info = properties.delivery_info;
  const fields = {
    task: headers.task,
    id: headers.id,
    args: message.argsFault === undefined ? message.args : null,
    kwargs: message.kwargs,
    embed: message.embed,
    shadow: headers.shadow,
    eta: headers.eta,
    expires: headers.expires,
    expiresMs: toMilliseconds(properties.expiration),
    group: headers.group,
    groupIndex: headers.group_index,
    retries: headers.retries,
    timeLimit: headers.timelimit?.[0],
    softTimeLimit: headers.timelimit?.[1],
    rootId: headers.root_id,
    parentId: headers.parent_id,
    argsrepr: headers.argsrepr,
    kwargsrepr: headers.kwargsrepr,
    origin: headers.origin,
    ignoreResult: headers.ignore_result ?? null,
    replacedTaskNesting: headers.replaced_task_nesting,
    stampedHeaders: headers.stamped_headers,
    stamps: headers.stamps,
    headers: without(headers, HEADER_NAMES),
    correlationId: properties.correlation_id,
    replyTo: properties.reply_to,
    deliveryMode: properties.delivery_mode,
    exchange: info?.exchange,
    routingKey: info?.routing_key ?? '',
    priority: properties.priority,
    properties: without(properties, PROPERTY_NAMES),
  };
  return defined(fields);
}

function toMilliseconds(expiration: string | undefined): number | undefined {
  const milliseconds = Number(expiration ?? Number.NaN);
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}

function without(fields: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): Record<string, unknown> | undefined {
  const rest = Object.entries(fields).filter(([name]) => !names.has(name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

/** A field that is not given is not there, rather than undefined. */
function defined<T extends Record<string, unknown>>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
