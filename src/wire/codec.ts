/** What a serializer is (kombu.serialization). */

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
