/**
 * A task message written as one text, key by key in Celery's order. Publishing is a hot path: the envelope is put together from
 * pieces instead of building objects, and only strings that need it are escaped. All of it but the body is plain ASCII.
 */

import { EncodeError } from '../errors.ts';
import { encodeBase64, encodeUtf8 } from './base64.ts';
import { type Codec, type EncodeOptions, jsonCodec } from './codecs.ts';
import { type Compression, compress } from './compression.ts';
import { readJson, writeJson } from './json.ts';
import { escaped, escapedName, quote, toAscii } from './json-text.ts';
import { EMPTY_EMBED, type Embed } from './message.ts';
import { argsRepr, kwargsRepr } from './repr.ts';
import { HEADER_NAMES, PROPERTY_NAMES, type TaskFields } from './task-fields.ts';

export interface WriteOptions {
  /** The outer layer; kombu's transport option `sqs_base64_encoding`. Default true. */
  readonly base64Envelope?: boolean;
  /** The inner layer; null puts the body in as text. Default `base64`. */
  readonly bodyEncoding?: 'base64' | null;
  /** Default 2. */
  readonly taskProtocol?: 1 | 2;
  /** See EncodeOptions. Default false. */
  readonly untagged?: boolean;
  /** Methods beside the built-in ones. */
  readonly compressions?: readonly Compression[];
}

/** Writes one message body. Throws EncodeError, its `path` naming the value that cannot be sent, or ImproperlyConfigured. */
export function writeMessage(fields: TaskFields, options: WriteOptions = {}): string {
  const isFirst = options.taskProtocol === 1;
  const packed = pack(isFirst ? bodyOfProtocol1(fields, options) : bodyOfProtocol2(fields, options), fields, options);
  const id = escaped(fields.id);
  const headers = mergeHeaders(isFirst ? '{}' : headersOfProtocol2(id, fields, options), fields, options, packed.compression);
  const text = `{"body": "${packed.body}", ${contentOf(fields.codec)}, "headers": ${headers}, "properties": ${propertiesOf(id, fields, options)}}`;
  return options.base64Envelope === false ? text : btoa(text);
}

const JSON_CONTENT = '"content-encoding": "utf-8", "content-type": "application/json"';

function contentOf(codec: Codec): string {
  if (codec === jsonCodec) return JSON_CONTENT;
  return `"content-encoding": "${codec.contentEncoding}", "content-type": ${quote(codec.contentType)}`;
}

// ── body ────────────────────────────────────────────────────────────────────

function bodyOfProtocol2(fields: TaskFields, options: WriteOptions): string | Uint8Array {
  const { codec, args, kwargs, embed = EMPTY_EMBED } = fields;
  if (codec !== jsonCodec) return encodeWith(codec, [args, kwargs, embed], options);
  const call = `[${json('args', args, options)}, ${json('kwargs', kwargs, options)}`;
  if (isEmpty(embed)) return `${call}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`;
  return `${call}, ${json('embed', embed, options)}]`;
}

/** The body carries all (celery as_task_v1). It has no place for a chain: there a chain is callbacks with links of their own. */
function bodyOfProtocol1(fields: TaskFields, options: WriteOptions): string | Uint8Array {
  const { callbacks, errbacks, chain, chord } = fields.embed ?? EMPTY_EMBED;
  if (chain !== null && chain.length > 0) {
    throw new EncodeError('Task protocol 1 carries no chain; use task protocol 2, or link the steps as callbacks.', {
      path: 'embed.chain',
    });
  }
  const body = {
    task: fields.task,
    id: fields.id,
    args: fields.args,
    kwargs: fields.kwargs,
    group: fields.group ?? null,
    group_index: fields.groupIndex ?? null,
    retries: fields.retries ?? 0,
    eta: fields.eta ?? null,
    expires: fields.expires ?? null,
    utc: true,
    callbacks,
    errbacks,
    timelimit: [fields.timeLimit ?? null, fields.softTimeLimit ?? null],
    taskset: fields.group ?? null,
    chord,
  };
  return encodeWith(fields.codec, body, options);
}

function isEmpty(embed: Embed): boolean {
  return embed.callbacks === null && embed.errbacks === null && embed.chain === null && embed.chord === null;
}

function encodeWith(codec: Codec, body: unknown, options: EncodeOptions): string | Uint8Array {
  try {
    return codec.encode(body, { untagged: options.untagged ?? false, root: 'body' });
  } catch (cause) {
    if (cause instanceof EncodeError) throw cause;
    throw new EncodeError(`The codec '${codec.name}' could not encode the body.`, { path: 'body', cause });
  }
}

interface Packed {
  /** What stands between the quotes of a JSON string literal. */
  readonly body: string;
  /** Value of the compression header, when compressed. */
  readonly compression?: string;
}

function pack(body: string | Uint8Array, fields: TaskFields, options: WriteOptions): Packed {
  if (fields.compression === undefined) return { body: literal(body, options) };
  const bytes = typeof body === 'string' ? encodeUtf8(body) : body;
  const { data, header } = compress(fields.compression, bytes, options.compressions);
  return { body: literal(data, options), compression: header };
}

function literal(body: string | Uint8Array, options: WriteOptions): string {
  if (options.bodyEncoding !== null) return encodeBase64(body);
  if (typeof body === 'string') return escaped(body);
  throw new EncodeError("A binary or compressed body needs bodyEncoding 'base64'.", { path: 'body' });
}

// ── headers ─────────────────────────────────────────────────────────────────

function headersOfProtocol2(id: string, fields: TaskFields, options: WriteOptions): string {
  const { rootId, parentId } = fields;
  const root = rootId && rootId !== fields.id ? escaped(rootId) : id;
  const argsrepr = fields.argsrepr ?? (fields.args === null ? 'None' : argsRepr(fields.args));
  const kwargsrepr = fields.kwargsrepr ?? kwargsRepr(fields.kwargs);
  return `{"lang": "js", "task": "${escapedName(fields.task)}", "id": "${id}", ${callHeaders(fields)}, "root_id": "${root}", "parent_id": ${text(parentId)}, "argsrepr": "${escaped(argsrepr)}", "kwargsrepr": "${escaped(kwargsrepr)}", "origin": "${escapedName(fields.origin ?? 'celeriac')}", ${resultHeaders(fields, options)}}`;
}

const USUAL_CALL =
  '"shadow": null, "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [null, null]';

/** From `shadow` to `timelimit`. Most calls have none of these, and their text is then one piece. */
function callHeaders(fields: TaskFields): string {
  const { shadow, eta, expires, group, groupIndex, retries, timeLimit, softTimeLimit } = fields;
  if (!(shadow || eta || expires || group || retries || timeLimit || softTimeLimit || typeof groupIndex === 'number')) return USUAL_CALL;
  return (
    `"shadow": ${text(shadow)}, "eta": ${text(eta)}, "expires": ${text(expires)}, "group": ${text(group)}` +
    `, "group_index": ${number('group_index', groupIndex)}, "retries": ${number('retries', retries ?? 0)}` +
    `, "timelimit": [${number('timelimit', timeLimit)}, ${number('timelimit', softTimeLimit)}]`
  );
}

const USUAL_RESULT = '"ignore_result": false, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}';

/** From `ignore_result` to `stamps`, by the same reasoning. */
function resultHeaders(fields: TaskFields, options: WriteOptions): string {
  const { ignoreResult = false, replacedTaskNesting = 0, stampedHeaders, stamps } = fields;
  if (ignoreResult === false && replacedTaskNesting === 0 && !stampedHeaders && !stamps) return USUAL_RESULT;
  return (
    `"ignore_result": ${ignoreResult}, "replaced_task_nesting": ${number('replaced_task_nesting', replacedTaskNesting)}` +
    `, "stamped_headers": ${stampedHeaders ? ascii('stamped_headers', stampedHeaders, options) : 'null'}` +
    `, "stamps": ${stamps ? ascii('stamps', stamps, options) : '{}'}`
  );
}

/** Custom headers over all others (celery send_task_message), then kombu's compression header over those. */
function mergeHeaders(headers: string, fields: TaskFields, options: WriteOptions, compression: string | undefined): string {
  if (fields.headers === undefined && compression === undefined) return headers;
  // One left from a received message would speak of a body that is no more.
  const { compression: _stale, ...custom } = fields.headers ?? {};
  const more = compression === undefined ? custom : { ...custom, compression };
  if (Object.keys(custom).some((name) => HEADER_NAMES.has(name))) {
    return ascii('headers', { ...(readJson(headers) as object), ...more }, options);
  }
  return joined(headers, ascii('headers', more, options));
}

// ── properties ──────────────────────────────────────────────────────────────

function propertiesOf(id: string, fields: TaskFields, options: WriteOptions): string {
  const { correlationId, replyTo = '', deliveryTag } = fields;
  const correlation = correlationId === undefined ? id : escaped(correlationId);
  const tag = deliveryTag === undefined ? id : escaped(deliveryTag);
  return `{"correlation_id": "${correlation}", "reply_to": "${escapedName(replyTo)}"${unknownOptions(fields, options)}, ${deliveryOf(fields, options)}, "delivery_tag": "${tag}"}`;
}

/** From `delivery_mode` to `body_encoding`. */
function deliveryOf(fields: TaskFields, options: WriteOptions): string {
  const { deliveryMode = 2, expiresMs, exchange = '', routingKey, priority = 0 } = fields;
  const isUsual = deliveryMode === 2 && expiresMs === undefined && exchange === '' && priority === 0 && options.bodyEncoding !== null;
  if (isUsual) {
    return `"delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "${escapedName(routingKey)}"}, "priority": 0, "body_encoding": "base64"`;
  }
  return (
    `"delivery_mode": ${number('delivery_mode', deliveryMode)}` +
    (expiresMs === undefined ? '' : `, "expiration": "${Math.max(0, Math.trunc(expiresMs))}"`) +
    `, "delivery_info": {"exchange": "${escapedName(exchange)}", "routing_key": "${escapedName(routingKey)}"}` +
    `, "priority": ${number('priority', priority)}, "body_encoding": ${options.bodyEncoding === null ? 'null' : '"base64"'}`
  );
}

/** `message_attributes` travel beside the body (kombu.transport.SQS takes them out). */
function unknownOptions(fields: TaskFields, options: WriteOptions): string {
  if (fields.properties === undefined) return '';
  const { message_attributes: _beside, ...unknown } = fields.properties;
  const taken = Object.keys(unknown).find((name) => PROPERTY_NAMES.has(name));
  if (taken !== undefined) {
    throw new EncodeError(`The property ${taken} is written from its own field and cannot be given among the others.`, {
      path: `properties.${taken}`,
    });
  }
  const inner = ascii('properties', unknown, options).slice(1, -1);
  return inner === '' ? '' : `, ${inner}`;
}

// ── pieces ──────────────────────────────────────────────────────────────────

function json(root: string, value: unknown, options: WriteOptions): string {
  return writeJson(value, options.untagged === true ? { root, untagged: true } : { root });
}

function ascii(root: string, value: unknown, options: WriteOptions): string {
  return toAscii(json(root, value, options));
}

function text(value: string | null | undefined): string {
  return value === null || value === undefined ? 'null' : quote(value);
}

function number(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (Number.isFinite(value)) return String(value);
  throw new EncodeError(`${name} is ${value}; expected a finite number.`, { path: name });
}

/** Two JSON objects without a name in common, as one. */
function joined(first: string, second: string): string {
  if (second === '{}') return first;
  if (first === '{}') return second;
  return `${first.slice(0, -1)}, ${second.slice(1)}`;
}
