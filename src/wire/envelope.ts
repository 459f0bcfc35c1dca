/** kombu's outer envelope: opened. What its body and headers mean is the task protocol's affair. */

import { DecodeError } from '../errors.ts';
import { decodeBase64, decodeBase64Text, decodeOuter, encodeUtf8 } from './base64.ts';
import { readJson } from './json-read.ts';
import { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
import type { Envelope, Properties } from './message.ts';
import { type Fields, isAbsentOr, isRecord, kindOf, shown } from './records.ts';

const NOTHING: Fields = Object.freeze({});

/**
 * Opens a message body, base64 or plain (kombu.transport.SQS). Missing or null headers become `{}`, so do null properties;
 * a missing content-encoding becomes `utf-8`. Throws DecodeError `too-large`, `not-json`, `not-an-envelope`, or one of readJson's.
 */
export function openEnvelope(text: string, limits?: Partial<ReadLimits>): Envelope {
  return parseEnvelope(outerJson(text, limits), limits?.depth);
}

/** The envelope's JSON text. Throws DecodeError `too-large`. */
export function outerJson(text: string, limits?: Partial<ReadLimits>): string {
  const messageBytes = limits?.messageBytes ?? DEFAULT_LIMITS.messageBytes;
  if (text.length > messageBytes) {
    throw new DecodeError(
      'too-large',
      `The message has ${text.length} characters; at most ${messageBytes} are read (limits.messageBytes).`,
    );
  }
  return decodeOuter(text);
}

/** What `openEnvelope` does with that text. */
export function parseEnvelope(json: string, depth: number | undefined): Envelope {
  const outer = readJson(json, { depth, values: DEFAULT_LIMITS.values });
  if (!isRecord(outer)) throw notAnEnvelope(`it is ${kindOf(outer)}, not an object`);
  return envelopeOf(outer, bodyOf(outer));
}

/** The envelope of what was parsed, its body aside. */
export function envelopeOf(outer: Fields, body: string): Envelope {
  return {
    body,
    'content-type': contentTypeOf(outer),
    'content-encoding': contentEncodingOf(outer),
    headers: partOf(outer, 'headers'),
    properties: propertiesOf(outer),
  };
}

/** The body as text, its `body_encoding` undone. Throws DecodeError `bad-body-encoding`, `bad-base64` or `bad-utf8`. */
export function bodyText(envelope: Envelope): string {
  return isBase64Body(envelope) ? decodeBase64Text(unbroken(envelope.body)) : envelope.body;
}

/** The body as bytes, its `body_encoding` undone. Throws DecodeError `bad-body-encoding` or `bad-base64`. */
export function bodyBytes(envelope: Envelope): Uint8Array {
  return isBase64Body(envelope) ? decodeBase64(unbroken(envelope.body)) : encodeUtf8(envelope.body);
}

/** kombu's Channel.decode_body: `base64`, or plain when absent, null, empty or `utf-8` in any case; the worker dies of all else. */
export function isBase64Body(envelope: Envelope): boolean {
  const encoding: unknown = envelope.properties.body_encoding;
  if (encoding === 'base64') return true;
  if (encoding === undefined || encoding === null || encoding === '') return false;
  if (typeof encoding === 'string' && encoding.toLowerCase() === 'utf-8') return false;
  throw new DecodeError('bad-body-encoding', `properties.body_encoding is ${shown(encoding)}; expected "base64", "utf-8" or null.`);
}

/** Python's decoder passes over the line breaks that MIME encoders put into base64. */
function unbroken(base64: string): string {
  return base64.includes('\n') ? base64.replace(/[\r\n]/g, '') : base64;
}

function bodyOf(outer: Fields): string {
  const body = outer['body'];
  if (typeof body !== 'string') throw notAnEnvelope(`its body is ${kindOf(body)}, not a string`);
  return body;
}

function contentTypeOf(outer: Fields): string {
  const type = outer['content-type'];
  if (typeof type !== 'string') throw notAnEnvelope(`its content-type is ${shown(type)}, not a string`);
  return type;
}

function contentEncodingOf(outer: Fields): string {
  const encoding = outer['content-encoding'];
  return typeof encoding === 'string' ? encoding : 'utf-8';
}

function partOf(outer: Fields, name: 'headers' | 'properties'): Fields {
  const part = outer[name] ?? NOTHING;
  if (!isRecord(part)) throw notAnEnvelope(`its ${name} are ${shown(part)}, not an object`);
  return part;
}

/** Without properties it is not kombu's: it wraps such an object as a foreign message. */
function propertiesOf(outer: Fields): Properties {
  if (outer['properties'] === undefined) throw notAnEnvelope('it has no properties');
  const properties = partOf(outer, 'properties');
  return fits(properties) ? (properties as Properties) : mended(properties);
}

function fits(properties: Fields): boolean {
  return (
    isAbsentOr('string', properties['correlation_id']) &&
    isAbsentOr('string', properties['reply_to']) &&
    isAbsentOr('string', properties['expiration']) &&
    isAbsentOr('string', properties['delivery_tag']) &&
    isAbsentOr('number', properties['delivery_mode']) &&
    isAbsentOr('number', properties['priority']) &&
    (properties['delivery_info'] === undefined || isRecord(properties['delivery_info']))
  );
}

const TEXTS: ReadonlySet<string> = new Set(['correlation_id', 'reply_to', 'expiration', 'delivery_tag']);
const NUMBERS: ReadonlySet<string> = new Set(['delivery_mode', 'priority']);

/** Nothing a worker decides hangs on these, so what is not of its type counts as not given. */
function mended(properties: Fields): Properties {
  const kept = Object.entries(properties).filter(([name, value]) => {
    if (TEXTS.has(name)) return typeof value === 'string';
    if (NUMBERS.has(name)) return typeof value === 'number';
    return name !== 'delivery_info' || isRecord(value);
  });
  return Object.fromEntries(kept);
}

function notAnEnvelope(found: string): DecodeError {
  return new DecodeError('not-an-envelope', `The message is not kombu's envelope {body, content-type, headers, properties}: ${found}.`);
}
