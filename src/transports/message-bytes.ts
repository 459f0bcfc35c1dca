/** The size of a message as SQS counts it, and of text. */

import type { MessageAttribute, Outgoing } from './transport.ts';

/** Bytes as SQS counts them: the body's, and every attribute's name, type and value. System attributes are not counted. */
export function messageBytes(message: Outgoing): number {
  let bytes = byteLength(message.body);
  if (message.attributes === undefined) return bytes;
  for (const [name, attribute] of Object.entries(message.attributes)) {
    bytes += byteLength(name) + attribute.type.length + valueBytes(attribute);
  }
  return bytes;
}

function valueBytes(attribute: MessageAttribute): number {
  return attribute.type === 'Binary' ? attribute.value.byteLength : byteLength(attribute.value);
}

const utf8 = new TextEncoder();

/** Bytes of text as UTF-8; a lone surrogate counts three. Where there is no Buffer the text is encoded to know. */
export function byteLength(text: string): number {
  return globalThis.Buffer === undefined ? utf8.encode(text).byteLength : Buffer.byteLength(text);
}
