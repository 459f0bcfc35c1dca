/**
 * Content type to codec, and the accept list. Only JSON is built in: pickle runs the sender's code and YAML has no safe subset
 * everyone agrees on, so neither is here, and anything else is plugged in by whoever trusts it.
 */

import { ContentDisallowed, ImproperlyConfigured } from '../errors.ts';
import { decodeUtf8 } from './base64.ts';
import { readJson, writeJson } from './json.ts';

export interface EncodeOptions {
  /** Write dates, decimals, bytes … as the plain texts peers before kombu 5.3 understand. Default false. */
  readonly untagged?: boolean;
  /** What the value is called in the path of an EncodeError. */
  readonly root?: string;
}

/** One serializer (kombu.serialization). `encode` and `decode` may throw anything; callers wrap it. */
export interface Codec {
  /** Celery's serializer name, like `msgpack`. */
  readonly name: string;
  /** Matched exactly, parameters included. */
  readonly contentType: string;
  /** `utf-8`: `decode` is handed text; `binary`: bytes. */
  readonly contentEncoding: 'utf-8' | 'binary';
  encode(value: unknown, options?: EncodeOptions): string | Uint8Array;
  decode(data: string | Uint8Array, limits?: { readonly depth?: number }): unknown;
}

/** JSON with kombu's tagged values; `application/json`. */
export const jsonCodec: Codec = Object.freeze({
  name: 'json',
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  encode: (value: unknown, options?: EncodeOptions) => writeJson(value, options),
  decode: (data: string | Uint8Array, limits?: { readonly depth?: number }) =>
    readJson(typeof data === 'string' ? data : decodeUtf8(data), limits),
});

export interface CodecOptions {
  /** Codecs beside JSON. One of the same name or content type as an earlier one replaces it. */
  readonly codecs?: readonly Codec[];
  /** What may be read: names or content types, as Celery's `accept_content`. Default `['json']`. */
  readonly acceptContent?: readonly string[];
}

export interface Codecs {
  /** The codec to write with, by name or content type. Throws ImproperlyConfigured. */
  encoder(name: string): Codec;
  /** The codec to read with. Throws ContentDisallowed unless the exact content type is accepted. */
  decoder(contentType: string): Codec;
}

/** Settles what may be written and read. Throws ImproperlyConfigured when `acceptContent` names what has no codec. */
export function createCodecs(options: CodecOptions = {}): Codecs {
  const known = indexed([jsonCodec, ...(options.codecs ?? [])]);
  const accepted = new Map<string, Codec>();
  for (const name of options.acceptContent ?? ['json']) {
    const codec = found(known, name);
    accepted.set(codec.contentType, codec);
  }
  return {
    encoder: (name) => found(known, name),
    decoder: (contentType) => {
      const codec = accepted.get(contentType);
      if (codec === undefined) throw new ContentDisallowed(refusal(contentType));
      return codec;
    },
  };
}

function indexed(codecs: readonly Codec[]): ReadonlyMap<string, Codec> {
  return new Map(codecs.flatMap((codec) => [codec.name, codec.contentType].map((key) => [key, codec] as const)));
}

function found(known: ReadonlyMap<string, Codec>, name: string): Codec {
  const codec = known.get(name);
  if (codec === undefined) throw new ImproperlyConfigured(`There is no codec for '${name}'. ${advice(name)}`);
  return codec;
}

/** kombu lets `application/data` and `application/text` through undecoded, and a signed body is such data; here they end like any other. */
function refusal(contentType: string): string {
  const type = JSON.stringify(contentType.slice(0, 100));
  return `The body's content type ${type} is not accepted. ${advice(contentType)}`;
}

const PICKLE: ReadonlySet<string> = new Set(['pickle', 'application/x-python-serialize']);

function advice(nameOrType: string): string {
  if (PICKLE.has(nameOrType)) return "Pickle would run code of the sender's choosing: let the sender use task_serializer = 'json'.";
  return "Let the sender use task_serializer = 'json', or pass a codec for it in `codecs` and name it in `acceptContent`.";
}
