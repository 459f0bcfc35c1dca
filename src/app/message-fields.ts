/** A call and its options → the fields of a task message: defaults filled in, times made absolute, parent and root known. */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { type AnySignature, dataOf } from '../canvas/step.ts';
import { EncodeError, ImproperlyConfigured } from '../errors.ts';
import type { Encoders } from '../wire/codecs.ts';
import { formatIso, parseIso } from '../wire/dates.ts';
import type { Embed, SignatureData } from '../wire/message.ts';
import type { TaskFields } from '../wire/task-fields.ts';
import { PyDateTime } from '../wire/values.ts';
import { type DefaultsOf, discreetReprs } from './argument-reprs.ts';
import { currentRun } from './current.ts';
import type { TaskDefaults } from './options.ts';
import type { Settings } from './settings.ts';

/** One task to be sent. */
export interface Call {
  readonly name: string;
  /** What routes are asked for instead of the name: a map's own task. */
  readonly routeName?: string | undefined;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: ApplyOptions;
  /** The task's own defaults, where it is known here. */
  readonly defaults: TaskDefaults | undefined;
}

/** What every message of an app has in common. */
export interface Sender {
  readonly settings: Settings;
  readonly encoders: Encoders;
  /** Stands in `origin`: who sent it. */
  readonly origin: string;
  /** Stands in `reply_to`, as Celery's per-thread id does. */
  readonly replyTo: string;
  /** What is known of the tasks that a map or a chord is sent for. */
  readonly defaultsOf?: DefaultsOf | undefined;
}

/** A message's fields and the moments read on the way, in milliseconds since 1970. */
export interface BuiltFields {
  readonly fields: TaskFields;
  readonly etaMs: number | undefined;
}

export function buildFields(call: Call, queue: string, sender: Sender, nowMs: number): BuiltFields {
  const { options, defaults } = call;
  const { settings } = sender;
  const run = currentRun();
  const id = options.taskId ?? crypto.randomUUID();
  const eta = readEta(options, nowMs);
  const expires = readExpires(options.expires ?? defaults?.expires, nowMs);
  const stamps = options.stamps;
  const reprs = discreetReprs({ task: call.name, args: call.args, kwargs: call.kwargs, defaults }, sender);
  const fields: TaskFields = {
    task: call.name,
    id,
    args: call.args,
    kwargs: call.kwargs,
    embed: buildEmbed(options),
    shadow: options.shadow,
    eta: eta?.iso,
    expires: expires?.iso,
    expiresMs: expires === undefined ? undefined : Math.max(0, expires.ms - nowMs),
    group: options.groupId,
    groupIndex: options.groupIndex,
    retries: options.retries ?? 0,
    timeLimit: options.timeLimit ?? defaults?.timeLimit,
    softTimeLimit: options.softTimeLimit ?? defaults?.softTimeLimit,
    rootId: options.rootId ?? run?.rootId ?? id,
    parentId: options.parentId ?? run?.id,
    argsrepr: options.argsrepr ?? reprs?.argsrepr,
    kwargsrepr: options.kwargsrepr ?? reprs?.kwargsrepr,
    origin: options.origin ?? sender.origin,
    ignoreResult: options.ignoreResult ?? defaults?.ignoreResult ?? (defaults === undefined ? false : settings.taskIgnoreResult),
    replacedTaskNesting: options.replacedTaskNesting,
    stampedHeaders: stamps === undefined ? undefined : Object.keys(stamps),
    stamps,
    headers: options.headers,
    replyTo: options.replyTo ?? sender.replyTo,
    deliveryMode: options.deliveryMode ?? settings.taskDefaultDeliveryMode,
    routingKey: queue,
    priority: options.priority ?? defaults?.priority ?? settings.taskDefaultPriority ?? 0,
    properties: buildProperties(options, defaults),
    compression: options.compression ?? defaults?.compression ?? settings.taskCompression ?? undefined,
    codec: sender.encoders.encoder(options.serializer ?? defaults?.serializer ?? settings.taskSerializer),
    // Any text will do: whoever receives puts its own handle there (kombu.transport.SQS._message_to_python).
    deliveryTag: id,
  };
  return { fields, etaMs: eta?.ms };
}

/** `countdown: 0` means no eta, as in Celery; a countdown wins over an eta. */
export function readEta(options: Pick<ApplyOptions, 'countdown' | 'eta'>, nowMs: number): { ms: number; iso: string } | undefined {
  const { countdown, eta } = options;
  if (countdown !== undefined && countdown !== 0) {
    if (!Number.isFinite(countdown)) throw new ImproperlyConfigured(`countdown is ${countdown}; expected a number of seconds.`);
    return moment(nowMs + countdown * 1000, 'countdown');
  }
  return eta === undefined ? undefined : readMoment(eta, 'eta');
}

export function readExpires(expires: number | Date | string | undefined, nowMs: number): { ms: number; iso: string } | undefined {
  if (expires === undefined) return undefined;
  if (typeof expires !== 'number') return readMoment(expires, 'expires');
  if (!Number.isFinite(expires)) throw new ImproperlyConfigured(`expires is ${expires}; expected a number of seconds, a Date or ISO text.`);
  return moment(nowMs + expires * 1000, 'expires');
}

function readMoment(value: Date | string, option: string): { ms: number; iso: string } {
  if (value instanceof PyDateTime) return { ms: value.getTime(), iso: value.iso };
  if (value instanceof Date) return moment(value.getTime(), option);
  try {
    return { ms: parseIso(value).epochMs, iso: value };
  } catch (cause) {
    throw new EncodeError(`${option} is no ISO 8601 time with a date, like 2031-05-06T07:08:09+00:00.`, { path: option, cause });
  }
}

function moment(ms: number, option: string): { ms: number; iso: string } {
  if (!(Math.abs(ms) <= 8.64e15)) throw new EncodeError(`${option} is no time that can be written.`, { path: option });
  return { ms, iso: formatIso(ms) };
}

function buildEmbed(options: ApplyOptions): Embed | undefined {
  const { link, linkError, chain, chord } = options;
  if (link === undefined && linkError === undefined && chain === undefined && chord === undefined) return undefined;
  return {
    callbacks: toDataList('link', link),
    errbacks: toDataList('linkError', linkError),
    chain: toDataList('chain', chain),
    chord: chord === undefined ? null : dataOf(chord, 'The option chord'),
  };
}

function toDataList(option: string, given: AnySignature | readonly AnySignature[] | undefined): readonly SignatureData[] | null {
  return given === undefined ? null : [given].flat().map((signature) => dataOf(signature, `The option ${option}`));
}

/** SQS parameters stay among the properties under kombu's spelling; attributes travel beside the body only. */
function buildProperties(options: ApplyOptions, defaults: TaskDefaults | undefined): Readonly<Record<string, unknown>> | undefined {
  const group = options.messageGroupId ?? defaults?.messageGroupId;
  const { messageDeduplicationId, delaySeconds, properties } = options;
  if (group === undefined && messageDeduplicationId === undefined && delaySeconds === undefined) return properties;
  return {
    ...properties,
    ...(group !== undefined && { MessageGroupId: group }),
    ...(messageDeduplicationId !== undefined && { MessageDeduplicationId: messageDeduplicationId }),
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
  };
}
