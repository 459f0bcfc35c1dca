/** Ids for what a task sends on: named after it, so that a second delivery sends the same messages again and not others beside them. */

import { createHash } from 'node:crypto';

/** Ids one after the other, for one purpose of one task: as alike for every run of it as the signatures they are for. */
export function idsOf(taskId: string, purpose: string): () => string {
  let count = 0;
  return () => uuidOf(JSON.stringify([taskId, purpose, count++]));
}

/** A UUID of version 8 (RFC 9562), for the first half of the text's SHA-256. */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
