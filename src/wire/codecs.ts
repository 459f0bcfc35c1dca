/** Serializers by name, both halves: what a message is written with, and read with (decoders.ts). */

import type { Codec, EncodeOptions } from './codec.ts';
import { createDecoders, type Decoders, found, indexed, jsonDecoder } from './decoders.ts';
import { writeJson } from './json-write.ts';

export type { Codec, EncodeOptions } from './codec.ts';

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
