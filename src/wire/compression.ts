/**
 * Compression of bodies by the `compression` header (kombu.compression). What Node has built in is reached on first use;
 * bzip2 and xz, which it lacks, are plugged in like any other method.
 */

import type * as Zlib from 'node:zlib';
import { DecodeError, EncodeError, ImproperlyConfigured } from '../errors.ts';

/** One method. `compress` and `decompress` may throw anything; it is wrapped. */
export interface Compression {
  /** Names for the `compression` option, and aliases accepted in the header. */
  readonly names: readonly string[];
  /** What is written in the header. */
  readonly contentType: string;
  compress(data: Uint8Array): Uint8Array;
  /** Should stop at `maxBytes` of output; longer output is refused in any case. */
  decompress(data: Uint8Array, maxBytes: number): Uint8Array;
}

/** Celery's `gzip` is a zlib stream (RFC 1950), not a gzip file. */
const zlibStream: Compression = {
  names: ['zlib', 'gzip'],
  contentType: 'application/x-gzip',
  compress: (data) => zlib('deflateSync').deflateSync(data),
  decompress: (data, maxBytes) => zlib('inflateSync').inflateSync(data, { maxOutputLength: maxBytes }),
};

const brotli: Compression = {
  names: ['brotli'],
  contentType: 'application/x-brotli',
  compress: (data) => zlib('brotliCompressSync').brotliCompressSync(data),
  decompress: (data, maxBytes) => zlib('brotliDecompressSync').brotliDecompressSync(data, { maxOutputLength: maxBytes }),
};

const zstd: Compression = {
  names: ['zstd', 'zstandard'],
  contentType: 'application/zstd',
  compress: (data) => zlib('zstdCompressSync').zstdCompressSync(data),
  decompress: (data, maxBytes) => zlib('zstdDecompressSync').zstdDecompressSync(data, { maxOutputLength: maxBytes }),
};

const BUILT_IN: readonly Compression[] = [zlibStream, brotli, zstd];

/** Compresses with the method called `name`; `header` is the value for the header. Throws ImproperlyConfigured or EncodeError. */
export function compress(name: string, data: Uint8Array, extra?: readonly Compression[]): { data: Uint8Array; header: string } {
  const method = find(name, extra);
  if (method === undefined) throw new ImproperlyConfigured(`There is no compression '${name}'. ${PLUG}`);
  try {
    return { data: method.compress(data), header: method.contentType };
  } catch (cause) {
    const why = cause instanceof DecodeError ? ` ${cause.message}` : '';
    throw new EncodeError(`The body could not be compressed with '${name}'.${why}`, { path: 'body', cause });
  }
}

/** Undoes the compression the header names. Throws DecodeError `unknown-compression`, `bad-compression` or `too-large`. */
export function decompress(header: string, data: Uint8Array, maxBytes: number, extra?: readonly Compression[]): Uint8Array {
  const method = find(header, extra);
  if (method === undefined) {
    throw new DecodeError('unknown-compression', `The body is compressed as ${JSON.stringify(header.slice(0, 100))}. ${PLUG}`);
  }
  const output = decompressWith(method, data, maxBytes);
  if (output.byteLength > maxBytes) throw tooLarge(maxBytes);
  return output;
}

const PLUG =
  'Built in are zlib (also called gzip), brotli and, where Node has it, zstd; pass any other as { names, contentType, compress, decompress } in `compressions`.';

function decompressWith(method: Compression, data: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return method.decompress(data, maxBytes);
  } catch (cause) {
    if (cause instanceof DecodeError) throw cause;
    if ((cause as { code?: unknown } | null)?.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, cause);
    const hint = method === zlibStream ? ' Celery means a zlib stream (RFC 1950) by gzip, not a gzip file.' : '';
    throw new DecodeError('bad-compression', `The body is not valid ${method.contentType}.${hint}`, { cause });
  }
}

function tooLarge(maxBytes: number, cause?: unknown): DecodeError {
  return new DecodeError('too-large', `The body decompresses to more than ${maxBytes} bytes (limits.decompressedBytes).`, { cause });
}

/** Pluggable methods come first, so that one may replace a built-in. */
function find(nameOrType: string, extra: readonly Compression[] = []): Compression | undefined {
  const matches = (method: Compression) => method.contentType === nameOrType || method.names.includes(nameOrType);
  return extra.find(matches) ?? BUILT_IN.find(matches);
}

/** node:zlib, loaded when the first compressed message appears, and only if it has what is asked for. */
function zlib(needed: keyof typeof Zlib): typeof Zlib {
  const loaded = globalThis.process?.getBuiltinModule?.('node:zlib');
  if (typeof loaded?.[needed] === 'function') return loaded;
  throw new DecodeError('unknown-compression', `This runtime's node:zlib has no ${needed}. ${PLUG}`);
}
