import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DecodeError } from '../../../src/errors.ts';
import { type Compression, compress, decompress } from '../../../src/wire/compression.ts';
import { thrownBy } from '../../support/messages.ts';

const TEXT = new TextEncoder().encode('the same words again and again, '.repeat(100));
const LIMIT = 1_000_000;

const upsideDown: Compression = {
  names: ['mirror'],
  contentType: 'application/x-mirror',
  compress: (data) => Uint8Array.from(data).reverse(),
  decompress: (data) => Uint8Array.from(data).reverse(),
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe.each([
  { name: 'gzip', header: 'application/x-gzip' },
  { name: 'zlib', header: 'application/x-gzip' },
  { name: 'brotli', header: 'application/x-brotli' },
  { name: 'zstd', header: 'application/zstd' },
  { name: 'zstandard', header: 'application/zstd' },
])('$name', ({ name, header }) => {
  test('survives both ways under its header and under its name', () => {
    const compressed = compress(name, TEXT);
    expect(compressed.header).toBe(header);
    expect(compressed.data.byteLength).toBeLessThan(TEXT.byteLength);
    expect(Uint8Array.from(decompress(header, compressed.data, LIMIT))).toEqual(TEXT);
    expect(Uint8Array.from(decompress(name, compressed.data, LIMIT))).toEqual(TEXT);
  });

  test('stops at the limit of output', () => {
    const { data } = compress(name, TEXT);
    expect(thrownBy(() => decompress(header, data, TEXT.byteLength - 1)).code).toBe('too-large');
    expect(decompress(header, data, TEXT.byteLength).byteLength).toBe(TEXT.byteLength);
  });

  test('broken data is a decode error', () => {
    expect(thrownBy(() => decompress(header, Uint8Array.of(1, 2, 3, 4), LIMIT)).code).toBe('bad-compression');
  });
});

test('a gzip file is not what Celery calls gzip, and the error says so', () => {
  const error = thrownBy(() => decompress('application/x-gzip', gzipSync(TEXT), LIMIT));
  expect(error.code).toBe('bad-compression');
  expect(error.message).toContain('RFC 1950');
});

test.each(['application/x-bz2', 'application/x-lzma', 'bzip2', 'x'.repeat(500), 'constructor'])(
  '%s is unknown, and the error says how to plug it in',
  (header) => {
    const error = thrownBy(() => decompress(header, TEXT, LIMIT));
    expect(error.code).toBe('unknown-compression');
    expect(error.message).toContain('compressions');
    expect(error.message.length).toBeLessThan(500);
  },
);

test('compressing by an unknown name is a mistake in the settings', () => {
  expect(thrownBy(() => compress('bzip2', TEXT)).name).toBe('ImproperlyConfigured');
});

test('a plugged method is used by name and by header', () => {
  const { data, header } = compress('mirror', TEXT, [upsideDown]);
  expect(header).toBe('application/x-mirror');
  expect(decompress(header, data, LIMIT, [upsideDown])).toEqual(TEXT);
});

test('a plugged method comes before a built-in one of the same name', () => {
  const mine = { ...upsideDown, contentType: 'application/x-gzip' };
  expect(decompress('application/x-gzip', Uint8Array.of(1, 2), LIMIT, [mine])).toEqual(Uint8Array.of(2, 1));
});

test('a plugged method that heeds no limit is held to it', () => {
  expect(thrownBy(() => decompress('mirror', TEXT, 10, [upsideDown])).code).toBe('too-large');
});

test('what a plugged method throws is wrapped, unless it is a DecodeError', () => {
  const failing = (error: unknown): Compression => ({
    ...upsideDown,
    compress: () => {
      throw error;
    },
    decompress: () => {
      throw error;
    },
  });
  expect(thrownBy(() => decompress('mirror', TEXT, LIMIT, [failing(null)])).code).toBe('bad-compression');
  expect(thrownBy(() => decompress('mirror', TEXT, LIMIT, [failing(new DecodeError('bad-value', 'mine'))])).code).toBe('bad-value');
  expect(thrownBy(() => compress('mirror', TEXT, [failing(new Error('mine'))])).name).toBe('EncodeError');
});

test('a runtime without the method says so', () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({} as never);
  expect(thrownBy(() => decompress('zstd', TEXT, LIMIT)).code).toBe('unknown-compression');
  vi.stubGlobal('process', undefined);
  expect(thrownBy(() => decompress('zlib', TEXT, LIMIT)).code).toBe('unknown-compression');
});
