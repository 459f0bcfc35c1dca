/**
 * How a message whose body is elsewhere looks on the wire: its headers and properties stay as they are, its body is a note to people,
 * its content type one that nobody else decodes, and a header says where the body is and what it was.
 */

import { DecodeError } from '../errors.ts';
import type { Envelope } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { encodeBase64 } from '../wire/to-base64.ts';
import { isDigest, type LargeMessageName } from './name.ts';

/** Celery refuses it (ContentDisallowed), and so does a worker that is connected to no store: neither runs the task with other arguments. */
export const LARGE_CONTENT_TYPE = 'application/x-celeriac-large';

/** The header that holds the pointer. */
export const LARGE_HEADER = 'celeriac_large';

const NOTE =
  'The arguments of this task were too large for the queue and are in the store of large messages; a celeriac worker that is connected to it can run the task.';

/** A body that was put elsewhere, and what the envelope said of it. */
export interface Pointer extends LargeMessageName {
  readonly bytes: number;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly compression: string | undefined;
}

/** The envelope with a note in the place of its body. */
export function toSmall(envelope: Envelope, name: LargeMessageName, bytes: number): Envelope {
  const { compression, ...headers } = envelope.headers;
  const { 'content-type': content_type, 'content-encoding': content_encoding, properties } = envelope;
  const pointer = {
    id: name.taskId,
    sha256: name.sha256,
    bytes,
    content_type,
    content_encoding,
    ...(typeof compression === 'string' && { compression }),
  };
  return {
    body: properties.body_encoding === 'base64' ? encodeBase64(NOTE) : NOTE,
    'content-type': LARGE_CONTENT_TYPE,
    'content-encoding': 'utf-8',
    headers: { ...headers, [LARGE_HEADER]: pointer },
    properties,
  };
}

/** The envelope as it was, but for the body. */
export function toWhole(small: Envelope, { contentType, contentEncoding, compression }: Pointer): Omit<Envelope, 'body'> {
  const { [LARGE_HEADER]: _pointer, ...headers } = small.headers;
  return {
    'content-type': contentType,
    'content-encoding': contentEncoding,
    headers: compression === undefined ? headers : { ...headers, compression },
    properties: small.properties,
  };
}

/** @throws DecodeError `bad-large-message` */
export function readPointer({ headers }: Envelope): Pointer {
  const pointer = headers[LARGE_HEADER];
  if (!isRecord(pointer)) throw bad(`has no header ${LARGE_HEADER}`);
  const { id, sha256, bytes, content_type: contentType, content_encoding: contentEncoding, compression } = pointer;
  if (typeof id !== 'string' || id === '') throw bad('names no task id');
  if (!isDigest(sha256)) throw bad('has no SHA-256 in 64 hexadecimal digits');
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) throw bad('has no count of bytes');
  if (typeof contentType !== 'string' || typeof contentEncoding !== 'string') throw bad('does not say what its body was');
  if (compression !== undefined && typeof compression !== 'string') throw bad('has a compression that is no text');
  return { taskId: id, sha256, bytes: bytes as number, contentType, contentEncoding, compression };
}

function bad(what: string): DecodeError {
  return new DecodeError('bad-large-message', `The message says that its arguments are in a store of large messages, but ${what}.`);
}
