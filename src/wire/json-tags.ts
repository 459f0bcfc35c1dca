/** Reads kombu's tagged values, `{"__type__": …, "__value__": …}`, out of parsed JSON (kombu.utils.json.object_hook). */

import { DecodeError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { kindOf } from './records.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from './values.ts';

export const TYPE_KEY = '__type__';

/**
 * Replaces tagged objects in place, innermost first as Python's object_hook; the depth is the caller's to check.
 * Throws DecodeError `unknown-type-tag` or `bad-value`.
 */
export function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (typeof item === 'object') value[index] = revive(item);
    }
    return value;
  }
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record);
  for (const key of keys) {
    const item = record[key];
    // Assigning to an own `__proto__`, which is what JSON.parse makes of that key, sets no prototype.
    if (typeof item === 'object') record[key] = revive(item);
  }
  const isTagged = keys.length === 2 && Object.hasOwn(record, TYPE_KEY) && Object.hasOwn(record, '__value__');
  return isTagged ? untag(record[TYPE_KEY], record['__value__']) : record;
}

const READERS = new Map<unknown, (value: unknown) => unknown>([
  ['datetime', (value) => new PyDateTime(asText(value))],
  ['date', (value) => new PyDate(asText(value))],
  ['time', (value) => new PyTime(asText(value))],
  ['decimal', (value) => new Decimal(asText(value))],
  ['uuid', (value) => new Uuid(hexOf(value))],
  ['bytes', (value) => utf8Bytes(asText(value))],
  ['base64', (value) => new Uint8Array(decodeBase64(asText(value)))],
]);

function untag(type: unknown, value: unknown): unknown {
  const read = READERS.get(type);
  if (read === undefined) {
    throw new DecodeError('unknown-type-tag', `There is no value of the type ${clip(type)}; known are ${[...READERS.keys()].join(', ')}.`);
  }
  try {
    return read(value);
  } catch (error) {
    // The value is an argument, or part of one: messages of errors go to logs and dead letters.
    throw new DecodeError('bad-value', `What is tagged as ${clip(type)} is ${kindOf(value)} that is no such value.`, { cause: error });
  }
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected text');
  return value;
}

/** kombu 5.3.0 wrote a `version` beside it, which the digits themselves tell. */
function hexOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'hex')) throw new TypeError('expected {"hex": …}');
  return asText((value as { hex: unknown }).hex);
}

function utf8Bytes(text: string): Uint8Array {
  // A lone surrogate would turn into U+FFFD without a word.
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) throw new TypeError('a lone surrogate');
  return new TextEncoder().encode(text);
}

/** A tag is a name; what else stands in its place is not shown. */
function clip(type: unknown): string {
  return typeof type === 'string' ? JSON.stringify(type.length > 64 ? `${type.slice(0, 64)}…` : type) : kindOf(type);
}
