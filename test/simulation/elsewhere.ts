/** What is too large for its place is in S3: messages and documents as they were before they were put there. */

import { placeOf } from '../../src/large-messages/name.ts';
import { LARGE_CONTENT_TYPE, readPointer, toWhole } from '../../src/large-messages/pointer.ts';
import { decodeOuter } from '../../src/wire/base64.ts';
import { openEnvelope } from '../../src/wire/envelope.ts';
import type { SimS3 } from './aws/index.ts';

export const BUCKET = 'large';
export const MESSAGES = 'messages/';

/** The body as its sender wrote it; as it is where it stands for nothing else. */
export function wholeOf(body: string, s3: SimS3): string {
  const outer = decodeOuter(body);
  if (!outer.includes(LARGE_CONTENT_TYPE)) return body;
  const envelope = openEnvelope(outer);
  const pointer = readPointer(envelope);
  const payload = s3.objects(BUCKET).get(MESSAGES + placeOf(pointer))?.bytes;
  if (payload === undefined) throw new Error('It was sent before it was put.');
  return JSON.stringify({ ...toWhole(envelope, pointer), body: new TextDecoder().decode(payload) });
}

/** The document with this digest. */
export function largeResult(sha256: string, s3: SimS3): Uint8Array | undefined {
  for (const [key, { bytes }] of s3.objects(BUCKET)) if (key.endsWith(`.large-${sha256}`)) return bytes;
  return undefined;
}
