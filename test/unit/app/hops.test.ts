import { describe, expect, it } from 'vitest';
import { HOPS_ATTRIBUTE, hasOwnAttributes, hopsOf, MAX_HOPS, nextHop, withoutHops } from '../../../src/app/hops.ts';
import type { MessageAttributes } from '../../../src/transports/transport.ts';

const counted = (value: string): MessageAttributes => ({ [HOPS_ATTRIBUTE]: { type: 'Number', value } });
const text = { type: 'String', value: 'x' } as const;
const many = (count: number): MessageAttributes => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, text]));

describe('a hop', () => {
  it('is counted in an attribute of its own, beside the others', () => {
    expect(nextHop()).toEqual({ ok: true, attributes: counted('1') });
    expect(nextHop({ tenant: text, ...counted('41') })).toEqual({ ok: true, attributes: { tenant: text, ...counted('42') } });
  });

  it('is the last one at the limit, and the reason says what to do', () => {
    expect(nextHop(counted(String(MAX_HOPS - 1)))).toMatchObject({ ok: true });
    expect(nextHop(counted(String(MAX_HOPS)))).toMatchObject({ ok: false, reason: expect.stringContaining('nearer eta') });
    expect(nextHop(counted('2'), 2)).toMatchObject({ ok: false });
  });

  it('is made uncounted where SQS takes no further attribute', () => {
    expect(nextHop(many(10))).toEqual({ ok: true, attributes: many(10) });
    expect(nextHop({ ...many(9), ...counted('1') })).toMatchObject({ ok: true, attributes: counted('2') });
  });

  it('leaves the attributes it was given as they are', () => {
    const given = Object.freeze(counted('1'));
    nextHop(given);
    expect(given).toEqual(counted('1'));
  });
});

describe('a count', () => {
  it.each(['-1', '0', '1.5', 'NaN', '1e400', '', 'many'])('of %j is none', (value) => {
    expect(hopsOf(counted(value))).toBe(0);
  });

  it('is none under another type, or on a prototype', () => {
    expect(hopsOf({ [HOPS_ATTRIBUTE]: { type: 'String', value: '7' } })).toBe(0);
    expect(hopsOf(Object.create(counted('7')) as MessageAttributes)).toBe(0);
  });

  it('allows a year of the longest delays', () => {
    expect(MAX_HOPS).toBeGreaterThan((366 * 86_400) / 900);
  });
});

it('attributes are a message’s own but for the count', () => {
  expect(hasOwnAttributes()).toBe(false);
  expect(hasOwnAttributes(counted('1'))).toBe(false);
  expect(hasOwnAttributes({ tenant: text, ...counted('1') })).toBe(true);
});

it('a message that begins to count anew keeps its own attributes', () => {
  expect(withoutHops({ tenant: text, ...counted('7') })).toEqual({ tenant: text });
});
