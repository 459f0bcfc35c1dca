/**
 * A task message written as one text, key by key in Celery's order. Publishing is a hot path: the envelope is put together from few
 * pieces, most of them the same in every message, and only strings that need it are escaped. All of it but the body is plain ASCII.
 * A piece takes in the quotes of the strings it stands between.
 */

import { EncodeError } from '../errors.ts';
import { type Codec, jsonCodec } from './codecs.ts';
import { readJson } from './json-read.ts';
import { aroundNames, escaped, quote, toAscii } from './json-text.ts';
import { writeBody, writePart } from './protocol-body.ts';
import { argsRepr, kwargsRepr } from './repr.ts';
import { HEADER_NAMES, PROPERTY_NAMES, type TaskFields } from './task-fields.ts';
import type { WriteOptions } from './write-options.ts';

export type { WriteOptions } from './write-options.ts';

/** Writes one message body. Throws EncodeError, its `path` naming the value that cannot be sent, or ImproperlyConfigured. */
export function writeMessage(fields: TaskFields, options: WriteOptions = {}): string {
  const body = writeBody(fields, options);
  const id = escaped(fields.id);
  const standard = options.taskProtocol === 1 ? '{}' : headersOfProtocol2(id, fields, options);
  const headers = mergeHeaders(standard, fields, options, body.compression);
  const text = `{"body": "${body.text}${contentOf(fields.codec)}${headers}${propertiesOf(id, fields, options)}"}}`;
  return options.base64Envelope === false ? text : btoa(text);
}

const JSON_CONTENT = '", "content-encoding": "utf-8", "content-type": "application/json", "headers": ';

function contentOf(codec: Codec): string {
  if (codec === jsonCodec) return JSON_CONTENT;
  return `", "content-encoding": "${codec.contentEncoding}", "content-type": ${quote(codec.contentType)}, "headers": `;
}

// ── headers ─────────────────────────────────────────────────────────────────

const opening = aroundNames('{"lang": "js", "task": "', '", "id": "');
const originHeader = aroundNames('", "origin": "', '", ');

function headersOfProtocol2(id: string, fields: TaskFields, options: WriteOptions): string {
  const { rootId, parentId } = fields;
  const root = rootId && rootId !== fields.id ? escaped(rootId) : id;
  const argsrepr = fields.argsrepr ?? (fields.args === null ? 'None' : argsRepr(fields.args));
  const kwargsrepr = fields.kwargsrepr ?? kwargsRepr(fields.kwargs);
  return `${opening(fields.task)}${id}${callHeaders(fields)}${root}${parentHeader(parentId)}${escaped(argsrepr)}", "kwargsrepr": "${escaped(kwargsrepr)}${originHeader(fields.origin ?? 'celeriac')}${resultHeaders(fields, options)}`;
}

const USUAL_CALL =
  '", "shadow": null, "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [null, null], "root_id": "';

/** From `shadow` to `root_id`. Most calls have none of these, and their text is then one piece. */
function callHeaders(fields: TaskFields): string {
  const { shadow, eta, expires, group, groupIndex, retries, timeLimit, softTimeLimit } = fields;
  const given = shadow ?? eta ?? expires ?? group ?? groupIndex ?? timeLimit ?? softTimeLimit;
  if ((given === undefined || given === null) && (retries ?? 0) === 0) return USUAL_CALL;
  return (
    `", "shadow": ${text(shadow)}, "eta": ${text(eta)}, "expires": ${text(expires)}, "group": ${text(group)}` +
    `, "group_index": ${number('group_index', groupIndex)}, "retries": ${number('retries', retries ?? 0)}` +
    `, "timelimit": [${number('timelimit', timeLimit)}, ${number('timelimit', softTimeLimit)}], "root_id": "`
  );
}

const NO_PARENT = '", "parent_id": null, "argsrepr": "';

function parentHeader(parentId: string | null | undefined): string {
  return parentId === null || parentId === undefined ? NO_PARENT : `", "parent_id": "${escaped(parentId)}", "argsrepr": "`;
}

const USUAL_RESULT = '"ignore_result": false, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}}';

/** From `ignore_result` to `stamps`, by the same reasoning. */
function resultHeaders(fields: TaskFields, options: WriteOptions): string {
  const { ignoreResult = false, replacedTaskNesting = 0, stampedHeaders, stamps } = fields;
  if (ignoreResult === false && replacedTaskNesting === 0 && !stampedHeaders && !stamps) return USUAL_RESULT;
  return (
    `"ignore_result": ${ignoreResult}, "replaced_task_nesting": ${number('replaced_task_nesting', replacedTaskNesting)}` +
    `, "stamped_headers": ${stampedHeaders ? ascii('stamped_headers', stampedHeaders, options) : 'null'}` +
    `, "stamps": ${stamps ? ascii('stamps', stamps, options) : '{}'}}`
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

const replyToProperty = aroundNames('", "reply_to": "', '"');

/** Up to the last quote. */
function propertiesOf(id: string, fields: TaskFields, options: WriteOptions): string {
  const { correlationId, replyTo = '', deliveryTag } = fields;
  const correlation = correlationId === undefined ? id : escaped(correlationId);
  const tag = deliveryTag === undefined || deliveryTag === fields.id ? id : escaped(deliveryTag);
  return `, "properties": {"correlation_id": "${correlation}${replyToProperty(replyTo)}${unknownOptions(fields, options)}${deliveryOf(fields, options)}${tag}`;
}

const usualDelivery = aroundNames(
  ', "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "',
  '"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "',
);

/** From `delivery_mode` to `delivery_tag`. */
function deliveryOf(fields: TaskFields, options: WriteOptions): string {
  const { deliveryMode = 2, expiresMs, exchange = '', routingKey, priority = 0 } = fields;
  const isUsual = deliveryMode === 2 && expiresMs === undefined && exchange === '' && priority === 0 && options.bodyEncoding !== null;
  if (isUsual) return usualDelivery(routingKey);
  return (
    `, "delivery_mode": ${number('delivery_mode', deliveryMode)}` +
    (expiresMs === undefined ? '' : `, "expiration": "${Math.max(0, Math.trunc(expiresMs))}"`) +
    `, "delivery_info": {"exchange": "${escaped(exchange)}", "routing_key": "${escaped(routingKey)}"}` +
    `, "priority": ${number('priority', priority)}, "body_encoding": ${options.bodyEncoding === null ? 'null' : '"base64"'}, "delivery_tag": "`
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

function ascii(name: string, value: unknown, options: WriteOptions): string {
  return toAscii(writePart(name, value, options, 2));
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
