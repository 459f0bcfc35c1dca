/** The body of a task message, of either protocol, up to what stands in the envelope; the envelope around it is protocol-write.ts's. */

import { EncodeError } from '../errors.ts';
import { encodeUtf8 } from './base64.ts';
import { type Codec, type EncodeOptions, jsonCodec } from './codecs.ts';
import { compress } from './compression.ts';
import { MAX_DEPTH } from './json-read.ts';
import { escaped } from './json-text.ts';
import { writeJson } from './json-write.ts';
import { EMPTY_EMBED, type Embed } from './message.ts';
import type { TaskFields } from './task-fields.ts';
import { encodeBase64 } from './to-base64.ts';
import type { WriteOptions } from './write-options.ts';

export interface WrittenBody {
  /** What stands between the quotes of the envelope's JSON string. */
  readonly text: string;
  /** Value of the compression header, when compressed. */
  readonly compression?: string;
}

/** Encodes, compresses where asked, and applies the body encoding. Throws EncodeError or ImproperlyConfigured. */
export function writeBody(fields: TaskFields, options: WriteOptions): WrittenBody {
  const body = options.taskProtocol === 1 ? bodyOfProtocol1(fields, options) : bodyOfProtocol2(fields, options);
  if (fields.compression === undefined) return { text: literal(body, options) };
  const bytes = typeof body === 'string' ? encodeUtf8(body) : body;
  const { data, header } = compress(fields.compression, bytes, options.compressions);
  return { text: literal(data, options), compression: header };
}

/** One part of a message as JSON; `name` begins the path of an EncodeError. What it stands `within` is so many levels more for its reader. */
export function writePart(name: string, value: unknown, options: WriteOptions, within = 1): string {
  return writeJson(value, { root: name, untagged: options.untagged === true, depth: MAX_DEPTH - within });
}

function bodyOfProtocol2(fields: TaskFields, options: WriteOptions): string | Uint8Array {
  const { codec, args, kwargs, embed = EMPTY_EMBED } = fields;
  if (codec !== jsonCodec) return encodeWith(codec, [args, kwargs, embed], options);
  const call = `[${writePart('args', args, options)}, ${writePart('kwargs', kwargs, options)}`;
  if (isEmpty(embed)) return `${call}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`;
  return `${call}, ${writePart('embed', embed, options)}]`;
}

/** The body carries all (celery as_task_v1). It has no place for a chain: there a chain is callbacks with links of their own. */
function bodyOfProtocol1(fields: TaskFields, options: WriteOptions): string | Uint8Array {
  const { callbacks, errbacks, chain, chord } = fields.embed ?? EMPTY_EMBED;
  if (chain !== null && chain.length > 0) {
    throw new EncodeError('Task protocol 1 carries no chain; use task protocol 2, or link the steps as callbacks.', {
      path: 'embed.chain',
    });
  }
  const body = {
    task: fields.task,
    id: fields.id,
    args: fields.args,
    kwargs: fields.kwargs,
    group: fields.group ?? null,
    group_index: fields.groupIndex ?? null,
    retries: fields.retries ?? 0,
    eta: fields.eta ?? null,
    expires: fields.expires ?? null,
    utc: true,
    callbacks,
    errbacks,
    timelimit: [fields.timeLimit ?? null, fields.softTimeLimit ?? null],
    taskset: fields.group ?? null,
    chord,
  };
  return encodeWith(fields.codec, body, options);
}

function isEmpty(embed: Embed): boolean {
  return embed.callbacks === null && embed.errbacks === null && embed.chain === null && embed.chord === null;
}

function encodeWith(codec: Codec, body: unknown, options: EncodeOptions): string | Uint8Array {
  try {
    return codec.encode(body, { untagged: options.untagged ?? false, root: 'body' });
  } catch (cause) {
    if (cause instanceof EncodeError) throw cause;
    throw new EncodeError(`The codec '${codec.name}' could not encode the body.`, { path: 'body', cause });
  }
}

function literal(body: string | Uint8Array, options: WriteOptions): string {
  if (options.bodyEncoding !== null) return encodeBase64(body);
  if (typeof body === 'string') return escaped(body);
  throw new EncodeError("A binary or compressed body needs bodyEncoding 'base64'.", { path: 'body' });
}
