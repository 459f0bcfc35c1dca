/** What stands at a key of a result store: a document or a saved group, as text or bytes, compressed or not (celery.backends.base). */

import { DecodeError } from '../errors.ts';
import { decodeUtf8 } from './base64.ts';
import { decompress } from './compression.ts';
import { readJson } from './json-read.ts';
import { writeJson } from './json-write.ts';
import { isTuple, RESULT_LIMITS, type ResultDocument, type ResultTuple, readResult } from './result.ts';

/** Before the type of the compression, another NUL and the data, where Celery's `result_compression` is set (5.7). */
const COMPRESSED = '\0celery-compressed\0';
const MAX_HEADER_BYTES = 200;
/** What a compressed payload may grow to. */
const MAX_BYTES = 67_108_864;

/** A stored document, whoever wrote it. Throws DecodeError. */
export function readResultPayload(payload: Uint8Array | string): ResultDocument {
  return readResult(payloadText(payload));
}

/** A saved group, `{"result": tuple}`, whoever wrote it. Throws DecodeError. */
export function readGroupPayload(payload: Uint8Array | string): ResultTuple {
  const value = readJson(payloadText(payload), RESULT_LIMITS);
  const tuple = typeof value === 'object' && value !== null ? (value as { result?: unknown }).result : undefined;
  if (isTuple(tuple)) return tuple;
  throw new DecodeError('bad-value', 'This is no saved group: `result` is no result tuple.');
}

/** A group as Celery saves it (Backend.save_group). */
export function writeGroup(group: ResultTuple): string {
  return writeJson({ result: group }, RESULT_LIMITS);
}

/** The payload's text, its compression undone. Throws DecodeError `unknown-compression`, `bad-compression`, `too-large` or `bad-utf8`. */
export function payloadText(payload: Uint8Array | string): string {
  if (typeof payload === 'string') return payload;
  return decodeUtf8(isCompressed(payload) ? decompressed(payload) : payload);
}

function isCompressed(payload: Uint8Array): boolean {
  return payload[0] === 0 && latin1(payload, 0, COMPRESSED.length) === COMPRESSED;
}

function decompressed(payload: Uint8Array): Uint8Array {
  const end = payload.indexOf(0, COMPRESSED.length);
  const isNamed = end !== -1 && end - COMPRESSED.length <= MAX_HEADER_BYTES;
  if (!isNamed) throw new DecodeError('bad-compression', 'The stored payload is marked as compressed and does not say how.');
  return decompress(latin1(payload, COMPRESSED.length, end), payload.subarray(end + 1), MAX_BYTES);
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
