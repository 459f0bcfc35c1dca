/**
 * The next attempt of a task, as a message: the same id, one retry more, its own id as parent (celery Task.signature_from_request).
 * Kept are root, group, chord, chain, callbacks, limits, expiry, custom headers, stamps, reply_to, shadow and priority; serializer and
 * compression are those of the task or the app, as in Celery.
 */

import type { Delivery } from '../transports/transport.ts';
import { parseIso } from '../wire/dates.ts';
import type { TaskMessage } from '../wire/message.ts';
import { argsRepr, kwargsRepr } from '../wire/repr.ts';
import { type TaskFields, toFields } from '../wire/task-fields.ts';
import { discreetReprs } from './argument-reprs.ts';
import { REDRIVEN_ATTRIBUTE } from './dead-letter-attributes.ts';
import { readEta, readExpires, type Sender } from './message-fields.ts';
import type { TaskDefaults } from './options.ts';
import type { Retry } from './retry.ts';

export interface NextAttempt {
  readonly message: TaskMessage;
  readonly delivery: Delivery;
  /** Attempts already made, the one that ends included. */
  readonly retries: number;
  readonly retry: Retry;
  readonly defaults: TaskDefaults;
  /** Names of the task's positional parameters, where it declares them. */
  readonly params?: readonly string[] | undefined;
}

/** Where it goes: the queue it came from under the transport's own name, unless the retry names another. */
export interface NextPlace {
  readonly queue: string;
  readonly ownName: boolean;
  readonly etaMs: number | undefined;
}

export function buildNextAttempt(attempt: NextAttempt, sender: Sender, nowMs: number): { fields: TaskFields; place: NextPlace } {
  const { message, delivery, retries, defaults } = attempt;
  const { options } = attempt.retry;
  const { properties: _unknown, argsrepr: _said, kwargsrepr: _too, expiresMs: _then, ...kept } = toFields(message);
  const eta = readEta(options, nowMs);
  const expires = options.expires === undefined ? keptExpiry(message) : readExpires(options.expires, nowMs);
  const { settings } = sender;
  // Sent back from a dead-letter queue it is a run of its own, and so are its retries.
  const mark = message.properties[REDRIVEN_ATTRIBUTE];
  const { args, kwargs } = nextArguments(attempt);
  const fields: TaskFields = {
    ...kept,
    ...(mark !== undefined && { properties: { [REDRIVEN_ATTRIBUTE]: mark } }),
    args,
    kwargs,
    ...nextReprs(attempt, { args, kwargs }, sender),
    eta: eta?.iso,
    expires: expires?.iso,
    expiresMs: expires === undefined ? undefined : Math.max(0, expires.ms - nowMs),
    retries,
    // Celery keeps a parent that is there (Celery.send_task).
    parentId: message.headers.parent_id ?? message.headers.id,
    timeLimit: options.timeLimit ?? kept.timeLimit,
    softTimeLimit: options.softTimeLimit ?? kept.softTimeLimit,
    shadow: options.shadow ?? kept.shadow,
    priority: options.priority ?? kept.priority,
    headers: options.headers ?? kept.headers,
    // An exchange brings a message to its own queues only.
    exchange: options.queue === undefined ? kept.exchange : undefined,
    routingKey: options.queue ?? (kept.routingKey || delivery.queue),
    compression: options.compression ?? defaults.compression ?? settings.taskCompression ?? undefined,
    codec: sender.encoders.encoder(options.serializer ?? defaults.serializer ?? settings.taskSerializer),
  };
  const queue = options.queue ?? delivery.queue;
  return { fields, place: { queue, ownName: options.queue === undefined, etaMs: eta?.ms } };
}

/**
 * Text that a sender put in place of the arguments holds for the same arguments only. What says nothing but the values themselves gives
 * way to what the task says of them here.
 */
function nextReprs(
  { message, defaults }: NextAttempt,
  { args, kwargs }: Pick<TaskFields, 'args' | 'kwargs'>,
  sender: Sender,
): Pick<TaskFields, 'argsrepr' | 'kwargsrepr'> {
  const { task, argsrepr, kwargsrepr } = message.headers;
  const said = { argsrepr: args === message.args ? argsrepr : undefined, kwargsrepr: kwargs === message.kwargs ? kwargsrepr : undefined };
  const reprs = discreetReprs({ task, args, kwargs, defaults }, sender);
  if (reprs === undefined) return said;
  return {
    argsrepr: said.argsrepr === undefined || (args !== null && said.argsrepr === argsRepr(args)) ? reprs.argsrepr : said.argsrepr,
    kwargsrepr: said.kwargsrepr === undefined || said.kwargsrepr === kwargsRepr(kwargs) ? reprs.kwargsrepr : said.kwargsrepr,
  };
}

/** New arguments go over those of the message, whichever way each was given: no parameter is filled twice (celery Task.retry). */
function nextArguments({ message, retry, params = [] }: NextAttempt): Pick<TaskFields, 'args' | 'kwargs'> {
  const { args, kwargs } = retry.options;
  const kept = { args: message.argsFault === undefined ? message.args : null, kwargs: message.kwargs };
  if (args !== undefined && kwargs !== undefined) return { args, kwargs };
  if (args !== undefined) {
    const filled = new Set(params.slice(0, args.length));
    const names = Object.keys(kept.kwargs);
    if (!names.some((name) => filled.has(name))) return { args, kwargs: kept.kwargs };
    return { args, kwargs: Object.fromEntries(Object.entries(kept.kwargs).filter(([name]) => !filled.has(name))) };
  }
  if (kwargs === undefined || kept.args === null) return { args: kept.args, kwargs: kwargs ?? kept.kwargs };
  const placed = params.slice(0, kept.args.length);
  if (!placed.some((name) => Object.hasOwn(kwargs, name))) return { args: kept.args, kwargs };
  return {
    args: kept.args.map((value, place) => (Object.hasOwn(kwargs, placed[place] ?? '') ? kwargs[placed[place]!] : value)),
    kwargs: Object.fromEntries(Object.entries(kwargs).filter(([name]) => !placed.includes(name))),
  };
}

function keptExpiry({ headers }: TaskMessage): { ms: number; iso: string } | undefined {
  return headers.expires ? { ms: parseIso(headers.expires).epochMs, iso: headers.expires } : undefined;
}

/** The deduplication of a FIFO queue goes by id: a next attempt needs one of its own. */
export function attemptId({ message, retries }: NextAttempt): string {
  return `${message.headers.id}.${retries}`;
}
