/** The one text of a message that its signature is made over: what a receiver acts on, in an order and a spelling that nobody chooses. */

import type { Envelope } from '../wire/message.ts';
import { encodeBase64 } from '../wire/to-base64.ts';
import { isBytes, isPyValue, valueKind } from '../wire/values.ts';

/** Where the signature stands, among the envelope's properties. kombu and Celery pass over properties they do not know. */
export const SIGNATURE_PROPERTY = 'celeriac_signature';

/** A receiver puts a name of its own into the delivery_tag, and nothing hangs on it. */
const UNSIGNED: ReadonlySet<string> = new Set([SIGNATURE_PROPERTY, 'delivery_tag']);

/** The text to sign: two envelopes that a worker could tell apart have two texts. The body goes in as it stands, undecoded, and comes last. */
export function canonicalEnvelope(envelope: Envelope): string {
  const { body, headers } = envelope;
  const properties = Object.fromEntries(Object.entries(envelope.properties).filter(([name]) => !UNSIGNED.has(name)));
  const others = canonical([envelope['content-type'], envelope['content-encoding'], headers, properties]);
  // As bytes, half a surrogate pair would be the same as any other.
  return body.isWellFormed() ? `${others}:${body}` : `${others}!${JSON.stringify(body)}`;
}

/**
 * A value that readJson read, as text: JSON with its keys sorted, and with marks where JSON would say the same of two values, as of the
 * float 1e16 and the integer, or of a datetime and its text. Every piece says where it ends.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    default:
      throw new TypeError(`JSON has no ${typeof value}.`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isPyValue(value)) return `@${value[valueKind]}${JSON.stringify(value.toJSON())}`;
  if (isBytes(value)) return `@bytes"${encodeBase64(value)}"`;
  const record = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(record)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`);
  return `{${members.join(',')}}`;
}
