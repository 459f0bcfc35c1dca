/**
 * A message body becomes a TaskMessage: opened, decompressed, decoded, and whichever task protocol it is in read as protocol 2.
 * Which protocol that is, is decided as Celery's worker does (celery.worker.consumer, celery.worker.strategy).
 */

import { DecodeError, InvalidTaskError } from '../errors.ts';
import { decodeUtf8 } from './base64.ts';
import { decompress } from './compression.ts';
import type { Decoder } from './decoders.ts';
import { bodyBytes, openEnvelope } from './envelope.ts';
import { DEFAULT_LIMITS, MAX_ARGUMENTS } from './limits.ts';
import type { Embed, Envelope, TaskMessage } from './message.ts';
import { decodeBody, plainBody, type ReadOptions, readEmbed, readPlain } from './plain-read.ts';
import { type Fields, isRecord, kindOf, shown } from './records.ts';
import { readHeaders } from './task-headers.ts';

export type { ReadOptions } from './plain-read.ts';

/**
 * Reads one task message. Protocol 1 and the hybrid of both come out as protocol 2, with `protocol: 1` to tell.
 * Throws DecodeError, ContentDisallowed or InvalidTaskError, and nothing else.
 */
export function readMessage(text: string, options: ReadOptions): TaskMessage {
  const envelope = openEnvelope(text, options.limits);
  return readPlain(envelope, options) ?? readOtherwise(envelope, options);
}

/** What `readPlain` has left. Throws as `readMessage`. */
export function readOtherwise(envelope: Envelope, options: ReadOptions): TaskMessage {
  const codec = options.codecs.decoder(envelope['content-type']);
  const body = decodeBody(codec, bodyFor(codec, envelope, options), options);
  if (envelope.headers['task'] === undefined) return readProtocol1(envelope, body);
  if (Array.isArray(body)) return readProtocol2(envelope, body);
  return readHybrid(envelope, body);
}

// ── the body ────────────────────────────────────────────────────────────────

function bodyFor(codec: Decoder, envelope: Envelope, options: ReadOptions): string | Uint8Array {
  const compression = envelope.headers['compression'];
  if (compression === undefined || compression === null) return plainBody(codec, envelope);
  if (typeof compression !== 'string')
    throw new InvalidTaskError('bad-headers', `The header compression is ${shown(compression)}; expected a string.`);
  const bytes = inflated(codec, compression, bodyBytes(envelope), options);
  return codec.contentEncoding === 'binary' ? bytes : decodeUtf8(bytes);
}

function inflated(codec: Decoder, compression: string, bytes: Uint8Array, options: ReadOptions): Uint8Array {
  const maxBytes = options.limits?.decompressedBytes ?? DEFAULT_LIMITS.decompressedBytes;
  try {
    return decompress(compression, bytes, maxBytes, options.compressions);
  } catch (error) {
    if (codec.contentType === 'application/json' && isBadCompression(error) && looksLikeJson(bytes)) return bytes;
    throw error;
  }
}

/** Celery 5.3.0 to 5.3.5 carry the header over to a retry whose body they do not compress. */
function looksLikeJson(bytes: Uint8Array): boolean {
  return bytes[0] === 0x5b || bytes[0] === 0x7b;
}

function isBadCompression(error: unknown): boolean {
  return error instanceof DecodeError && error.code === 'bad-compression';
}

// ── the protocols ───────────────────────────────────────────────────────────

function readProtocol2(envelope: Envelope, body: readonly unknown[]): TaskMessage {
  if (body.length !== 3) throw badBody(`an array of ${body.length}`);
  return toMessage(2, envelope, envelope.headers, body[0], body[1], readEmbed(body[2]));
}

/** Headers of protocol 2 over a body of protocol 1: the fields of both, headers winning (celery hybrid_to_proto2). */
function readHybrid(envelope: Envelope, body: unknown): TaskMessage {
  if (!isRecord(body) || body['args'] === undefined) throw badBody(kindOf(body));
  return toMessage(1, envelope, { ...headersOf(body), ...envelope.headers }, body['args'], kwargsOf(body), embedOf(body));
}

/** Everything is in the body (celery proto1_to_proto2); `args` and `kwargs` may be left out. */
function readProtocol1(envelope: Envelope, body: unknown): TaskMessage {
  if (!isRecord(body) || body['task'] === undefined) {
    throw new InvalidTaskError('no-task-name', 'Neither the headers nor the body name a task: this is no message of Celery.');
  }
  const args = body['args'] === undefined ? [] : body['args'];
  return toMessage(1, envelope, { ...headersOf(body), ...envelope.headers }, args, kwargsOf(body), embedOf(body));
}

function kwargsOf(body: Fields): unknown {
  return body['kwargs'] === undefined ? {} : body['kwargs'];
}

const NOT_HEADERS: ReadonlySet<string> = new Set(['args', 'kwargs', 'callbacks', 'errbacks', 'chord', 'taskset', 'utc']);

/** `utc` says nothing any more: a time without offset is read as UTC whatever it says (celery.worker.request). */
function headersOf(body: Fields): Fields {
  const headers = Object.fromEntries(Object.entries(body).filter(([name]) => !NOT_HEADERS.has(name)));
  const group = body['taskset'] ?? headers['group'];
  return group === undefined ? headers : { ...headers, group };
}

function embedOf(body: Fields): Embed {
  return readEmbed({ callbacks: body['callbacks'], errbacks: body['errbacks'], chord: body['chord'] });
}

function toMessage(protocol: 1 | 2, envelope: Envelope, headers: Fields, args: unknown, kwargs: unknown, embed: Embed): TaskMessage {
  if (!isRecord(kwargs)) throw new InvalidTaskError('bad-kwargs', `The keyword arguments are ${kindOf(kwargs)}; expected an object.`);
  const argsFault = Array.isArray(args) ? undefined : faultOf(args);
  if (argsFault === undefined && (args as readonly unknown[]).length > MAX_ARGUMENTS)
    throw new InvalidTaskError('bad-args', `The arguments are ${kindOf(args)}; expected ${MAX_ARGUMENTS} at most.`);
  return {
    protocol,
    contentType: envelope['content-type'],
    headers: readHeaders(headers),
    properties: envelope.properties,
    args: Array.isArray(args) ? args : [],
    kwargs,
    embed,
    ...(argsFault === undefined ? undefined : { argsFault }),
  };
}

const PYTHON_TYPES: ReadonlyMap<string, string> = new Map([
  ['object', 'NoneType'],
  ['boolean', 'bool'],
  ['number', 'int'],
  ['bigint', 'int'],
]);

/** Python calls with the characters of a string and the keys of an object, which nobody means: refused. A scalar it fails on. */
function faultOf(args: unknown): string {
  const type = args === null || typeof args !== 'object' ? PYTHON_TYPES.get(typeof args) : undefined;
  if (type === undefined) throw new InvalidTaskError('bad-args', `The arguments are ${kindOf(args)}; expected an array.`);
  return `argument after * must be an iterable, not ${type}`;
}

function badBody(found: string): InvalidTaskError {
  return new InvalidTaskError('bad-body-shape', `The body is ${found}; expected [args, kwargs, embed], or an object with args.`);
}
