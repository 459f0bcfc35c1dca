import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, isDigest, placeOf } from '../../../src/large-messages/name.ts';

const sha256 = 'a'.repeat(64);

describe('the place of a large message', () => {
  it('shows a plain task id', () => {
    const taskId = '2f1c4d2e-0d5b-4c57-9d3e-6f1f7c1d7a10';
    expect(placeOf({ taskId, sha256 })).toBe(`${taskId}/${sha256}`);
  });

  it.each(['..', '../other', 'a/b', 'a.b', '', ' ', 'ü', '~x', 'a\n', 'a'.repeat(129), '%2e%2e', '__proto__/x'])(
    'shows nothing of the id %j',
    (taskId) => {
      expect(placeOf({ taskId, sha256 })).toBe(`~${digestOf(Buffer.from(taskId))}/${sha256}`);
    },
  );

  it('is another one for another task, whatever ids are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const places = [one, other].map((taskId) => placeOf({ taskId, sha256 }));
        for (const place of places) expect(place).toMatch(/^~?[\w-]+\/a{64}$/);
        expect(places[0] === places[1]).toBe(one === other);
      }),
    );
  });
});

describe('a digest', () => {
  it('is 64 hexadecimal digits in lower case, and nothing else', () => {
    expect(isDigest(digestOf(Buffer.from('x')))).toBe(true);
    const others = ['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), `${'a'.repeat(63)}/`, `${sha256}\n`, undefined, 7, [sha256]];
    expect(others.filter(isDigest)).toEqual([]);
  });
});
