/** The size of a message as SQS counts it. */

import { Buffer } from 'node:buffer';
import type { MessageAttribute, Outgoing } from './transport.ts';

/** Bytes as SQS counts them: the body's, and every attribute's name, type and value. System attributes are not counted. */
export function messageBytes(message: Outgoing): number {
  let bytes = Buffer.byteLength(message.body);
  if (message.attributes === undefined) return bytes;
  for (const [name, attribute] of Object.entries(message.attributes)) {
    bytes += Buffer.byteLength(name) + attribute.type.length + valueBytes(attribute);
  }
  return bytes;
}

function valueBytes(attribute: MessageAttribute): number {
  return attribute.type === 'Binary' ? attribute.value.byteLength : Buffer.byteLength(attribute.value);
}
