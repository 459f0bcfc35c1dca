import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyringOf } from '../../../src/signing/keyring.ts';
import type { SigningOptions } from '../../../src/signing/signing.ts';
import { KEY, signingWith } from './signed.ts';

describe('signing options', () => {
  it.each<[what: string, options: unknown, message: RegExp]>([
    ['no keys', { current: 'main' }, /none of signing.keys \(there are none\)/],
    ['a current that is no key', signingWith({ current: 'old' }), /'old', which is none of signing.keys \('main'\)/],
    ['a current of the prototype', signingWith({ current: 'constructor' }), /none of signing.keys/],
    ['a short key', signingWith({ keys: { main: 'k'.repeat(31) } }), /'main'\] has 31 bytes/],
    ['short bytes', signingWith({ keys: { main: new Uint8Array(16) } }), /has 16 bytes/],
    ['a key that is nothing', { keys: { main: undefined }, current: 'main' }, /neither text, nor bytes/],
    ['a key that only signs', { keys: { main: { sign: () => {} } }, current: 'main' }, /neither text, nor bytes/],
    ['an id with a dot', signingWith({ keys: { main: KEY, 'a.b': KEY } }), /key id "a\.b"/],
    ['an empty id', signingWith({ keys: { main: KEY, '': KEY } }), /key id ""/],
    ['no age', signingWith({ maxAge: 0 }), /maxAge is 0/],
    ['an endless age', signingWith({ maxAge: Number.POSITIVE_INFINITY }), /maxAge is Infinity/],
    ['queues that are no list', { ...signingWith(), unsignedFrom: 'celery' }, /unsignedFrom is no array/],
    ['queues that are no names', { ...signingWith(), unsignedFrom: [1] }, /unsignedFrom is no array/],
  ])('with %s are refused', (_what, options, message) => {
    expect(() => keyringOf(options as SigningOptions)).toThrow(message);
    expect(() => keyringOf(options as SigningOptions)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });

  it('take 32 bytes, as text or bytes, counted in UTF-8', () => {
    expect([...keyringOf(signingWith({ keys: { main: 'é'.repeat(16), b: new Uint8Array(32), c: Buffer.alloc(33) } })).keys.keys()]).toEqual(
      ['main', 'b', 'c'],
    );
  });

  it('are checked once', () => {
    const options = signingWith();
    expect(keyringOf(options)).toBe(keyringOf(options));
    expect(keyringOf(signingWith())).not.toBe(keyringOf(options));
  });

  it('take signatures of 15 days unless they say otherwise', () => {
    expect(keyringOf(signingWith()).maxAgeMs).toBe(15 * 86_400_000);
    expect(keyringOf(signingWith({ maxAge: 60 })).maxAgeMs).toBe(60_000);
  });

  it('make codes of 32 bytes, and refuse those of another length', async () => {
    const { key } = keyringOf(signingWith()).current;
    const code = await key.sign(Uint8Array.of(1));
    expect(Buffer.from(code)).toEqual(createHmac('sha256', KEY).update(Uint8Array.of(1)).digest());
    expect(await key.verify(Uint8Array.of(1), code)).toBe(true);
    expect(await key.verify(Uint8Array.of(2), code)).toBe(false);
    expect(await key.verify(Uint8Array.of(1), code.subarray(1))).toBe(false);
  });
});
