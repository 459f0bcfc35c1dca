/**
 * A message as Celery writes it becomes a TaskMessage: protocol 2, not compressed, nothing to be set right. Whatever is otherwise is left to
 * protocol-read.ts, which a worker imports when the first such message comes.
 */

import { DecodeError, InvalidTaskError } from '../errors.ts';
import type { Compression } from './compression.ts';
import type { Decoder, Decoders } from './decoders.ts';
import { bodyBytes, bodyText } from './envelope.ts';
import { DEFAULT_LIMITS, MAX_ARGUMENTS, type ReadLimits } from './limits.ts';
import { EMPTY_EMBED, type Embed, type Envelope, type SignatureData, type TaskMessage } from './message.ts';
import { fits, hasGoodDates } from './plain-headers.ts';
import { isRecord, kindOf } from './records.ts';
import { readSignature } from './signature.ts';

export interface ReadOptions {
  readonly codecs: Decoders;
  readonly limits?: Partial<ReadLimits>;
  /** Methods beside the built-in ones. */
  readonly compressions?: readonly Compression[];
}

/**
 * Undefined for whatever `readOtherwise` has to look at. `text` is the body, where it is decoded already.
 * Throws DecodeError, ContentDisallowed or InvalidTaskError, as that would.
 */
export function readPlain(envelope: Envelope, options: ReadOptions, text?: string): TaskMessage | undefined {
  const { headers, properties, 'content-type': contentType } = envelope;
  const { compression } = headers;
  if (!fits(headers) || (compression !== undefined && compression !== null)) return undefined;
  const codec = options.codecs.decoder(contentType);
  const data = text === undefined || codec.contentEncoding === 'binary' ? plainBody(codec, envelope) : text;
  const body = decodeBody(codec, data, options);
  if (!Array.isArray(body) || body.length !== 3) return undefined;
  const [args, kwargs, embed] = body as readonly unknown[];
  if (!isRecord(kwargs) || !Array.isArray(args) || args.length > MAX_ARGUMENTS || !hasGoodDates(headers)) return undefined;
  return { protocol: 2, contentType, headers, properties, args, kwargs, embed: readEmbed(embed) };
}

/** What the codec reads, of a body that is not compressed. */
export function plainBody(codec: Decoder, envelope: Envelope): string | Uint8Array {
  return codec.contentEncoding === 'binary' ? bodyBytes(envelope) : bodyText(envelope);
}

export function decodeBody(codec: Decoder, data: string | Uint8Array, { limits }: ReadOptions): unknown {
  try {
    return codec.decode(data, limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits });
  } catch (cause) {
    if (cause instanceof DecodeError) throw cause;
    throw new DecodeError('bad-codec-output', `The codec '${codec.name}' could not decode the body.`, { cause });
  }
}

export function readEmbed(value: unknown): Embed {
  if (value === null) return EMPTY_EMBED;
  if (!isRecord(value))
    throw new InvalidTaskError('bad-embed', `The third part of the body is ${kindOf(value)}; expected an object or null.`);
  const callbacks = signaturesOf('callbacks', value['callbacks']);
  const errbacks = signaturesOf('errbacks', value['errbacks']);
  const chain = signaturesOf('chain', value['chain']);
  const chord = value['chord'] === undefined || value['chord'] === null ? null : readSignature(value['chord']);
  return callbacks || errbacks || chain || chord ? { callbacks, errbacks, chain, chord } : EMPTY_EMBED;
}

function signaturesOf(name: string, value: unknown): readonly SignatureData[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value))
    throw new InvalidTaskError('bad-embed', `embed.${name} is ${kindOf(value)}; expected an array of signatures or null.`);
  return value.map(readSignature);
}
