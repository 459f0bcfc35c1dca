import { describe, expect, it } from 'vitest';
import { attemptKey, claimKey, revokedKey, stampKeys } from '../../../src/ledgers/keys.ts';

describe('a key', () => {
  it('says what it is for and the id', () => {
    expect([attemptKey('i'), claimKey('i'), revokedKey('i')]).toEqual(['celeriac-attempt-i', 'celeriac-claim-i', 'celeriac-revoked-i']);
  });

  it('holds the digest of an id of more than 1024 bytes', () => {
    const longest = 'ü'.repeat(512);
    expect(claimKey(longest)).toBe(`celeriac-claim-${longest}`);
    expect(claimKey(`${longest}x`)).toMatch(/^celeriac-claim-sha256-[0-9a-f]{64}$/);
    expect(claimKey(`${longest}x`)).not.toBe(claimKey(`${longest}y`));
  });
});

describe('the keys of stamps', () => {
  it('are one for each value of each name, in a form that people can read', () => {
    expect(stampKeys({ tenant: 'acme', tags: [1, 'ü', 1] })).toEqual([
      'celeriac-stamp-["tenant","acme"]',
      'celeriac-stamp-["tags",1]',
      'celeriac-stamp-["tags","ü"]',
    ]);
  });

  it('are the same for values that are equal', () => {
    expect(stampKeys({ s: { b: [1n, null], a: 'x' } })).toEqual(stampKeys({ s: [{ a: 'x', b: [1, null] }] }));
    expect(stampKeys({ s: [undefined] })).toEqual(stampKeys({ s: [null] }));
    expect(stampKeys({ s: new Date(0) })).toEqual(['celeriac-stamp-["s","1970-01-01T00:00:00.000Z"]']);
  });

  it('are none for stamps without a value', () => {
    expect(stampKeys({ a: null, b: undefined, c: [] })).toEqual([]);
  });
});
