/** Serializers by name, both halves: what a message is written with, and read with (decoders.ts). */

import { createDecoders, type Decoders, found, indexed, jsonDecoder } from './decoders.ts';
import { writeJson } from './json-write.ts';

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
  ...jsonDecoder,
  encode: (value: unknown, options?: EncodeOptions) => writeJson(value, options),
});

export interface CodecOptions {
  /** Codecs beside JSON. One of the same name or content type as an earlier one replaces it. */
  readonly codecs?: readonly Codec[];
  /** What may be read: names or content types, as Celery's `accept_content`. Default `['json']`. */
  readonly acceptContent?: readonly string[];
}

export interface Encoders {
  /** The codec to write with, by name or content type. Throws ImproperlyConfigured. */
  encoder(name: string): Codec;
}

export type Codecs = Encoders & Decoders;

/** Settles what may be written. */
export function createEncoders(codecs: readonly Codec[] = []): Encoders {
  const known = indexed([jsonCodec, ...codecs]);
  return { encoder: (name) => found(known, name) };
}

/** Settles what may be written and read. Throws ImproperlyConfigured when `acceptContent` names what has no codec. */
export function createCodecs({ codecs = [], acceptContent }: CodecOptions = {}): Codecs {
  return { ...createEncoders(codecs), ...createDecoders(codecs, acceptContent) };
}
