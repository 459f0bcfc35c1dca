/**
 * Content type to decoder, and the accept list: the reading half of the codecs. Only JSON is built in: pickle runs the sender's code
 * and YAML has no safe subset everyone agrees on, so neither is here, and anything else is plugged in by whoever trusts it.
 */

import { ContentDisallowed, ImproperlyConfigured } from '../errors.ts';
import { decodeUtf8 } from './base64.ts';
import type { Codec } from './codec.ts';
import { readJson } from './json-read.ts';

/** The reading half of a codec. */
export type Decoder = Pick<Codec, 'name' | 'contentType' | 'contentEncoding' | 'decode'>;

/** JSON with kombu's tagged values; `application/json`. */
export const jsonDecoder: Decoder = Object.freeze({
  name: 'json',
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  decode: (data: string | Uint8Array, limits?: { readonly depth?: number; readonly values?: number }) =>
    readJson(typeof data === 'string' ? data : decodeUtf8(data), limits),
});

export interface Decoders {
  /** The codec to read with. Throws ContentDisallowed unless the exact content type is accepted. */
  decoder(contentType: string): Decoder;
}

/** Settles what may be read. Throws ImproperlyConfigured when `acceptContent` names what has no codec. */
export function createDecoders(known: readonly Decoder[] = [], acceptContent: readonly string[] = ['json']): Decoders {
  const byKey = indexed([jsonDecoder, ...known]);
  const accepted = new Map(acceptContent.map((name) => found(byKey, name)).map((decoder) => [decoder.contentType, decoder]));
  return {
    decoder: (contentType) => {
      const decoder = accepted.get(contentType);
      if (decoder === undefined) throw new ContentDisallowed(refusal(contentType));
      return decoder;
    },
  };
}

/** By name and by content type; a later one replaces an earlier. */
export function indexed<C extends Decoder>(codecs: readonly C[]): ReadonlyMap<string, C> {
  return new Map(codecs.flatMap((codec) => [codec.name, codec.contentType].map((key) => [key, codec] as const)));
}

/** Throws ImproperlyConfigured for a name nobody plugged in. */
export function found<C>(known: ReadonlyMap<string, C>, name: string): C {
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
