import { describe, expect, it } from 'vitest';
import { argsTypes, HIDDEN, kwargsTypes, typeText } from '../../../src/wire/repr-types.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';

const throwing = {
  toJSON(): never {
    throw new Error('no');
  },
};

describe('a type', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'hunter2', '<str of 7>'],
    ['characters beyond the BMP as Python counts them', '😀😀', '<str of 2>'],
    ['an integer', 5, '<int>'],
    ['a big integer', 2n ** 70n, '<int>'],
    ['a fraction', 1.5, '<float>'],
    ['a negative zero', -0, '<float>'],
    ['not a number', Number.NaN, '<float>'],
    ['true', true, '<bool>'],
    ['null', null, '<NoneType>'],
    ['an array', [1, [2]], '<list of 2>'],
    ['an object', { card: '4111', cvc: 1, owner: {} }, '<dict of 3>'],
    ['an object without a prototype', Object.create(null), '<dict of 0>'],
    ['bytes', new Uint8Array(5), '<bytes of 5>'],
    ['a date and time', new PyDateTime('2030-01-02T03:04:05'), '<datetime>'],
    ['a Date', new Date(0), '<datetime>'],
    ['a date', new PyDate('2030-01-02'), '<date>'],
    ['a time', new PyTime('03:04'), '<time>'],
    ['a decimal', new Decimal('1.50'), '<Decimal>'],
    ['a uuid', new Uuid(crypto.randomUUID()), '<UUID>'],
    ['what has a toJSON', { toJSON: () => 'abc' }, '<str of 3>'],
    ['what has one twice', { toJSON: () => ({ toJSON: () => 1 }) }, '<object>'],
    ['what has one that throws', throwing, '<object>'],
    ['an instance of a class', new Map([['k', 'v']]), '<object>'],
    ['a function', () => 'secret', '<function>'],
    ['undefined', undefined, '<undefined>'],
    ['what is hidden', HIDDEN, "'***'"],
  ])('of %s is named in Python’s words', (_what, value, text) => {
    expect(typeText(value)).toBe(text);
  });
});

describe('arguments by types', () => {
  it('are a tuple', () => {
    expect(argsTypes([])).toBe('()');
    expect(argsTypes(['abc'])).toBe('(<str of 3>,)');
    expect(argsTypes(['abcdefghijkl', 1, { a: 1, b: 2, c: 3 }])).toBe('(<str of 12>, <int>, <dict of 3>)');
  });

  it('keep the names of keywords', () => {
    expect(kwargsTypes({})).toBe('{}');
    expect(kwargsTypes({ card: { number: '4111' }, times: 2 })).toBe("{'card': <dict of 1>, 'times': <int>}");
    expect(kwargsTypes(JSON.parse('{"__proto__": 1}'))).toBe("{'__proto__': <int>}");
  });

  it('are cut, however many or long', () => {
    const text = argsTypes(Array.from({ length: 100_000 }, () => 1));
    expect(text.length).toBeLessThan(1040);
    expect(text).toMatch(/^\(<int>, .*<int>, \.\.\.\)$/);
    expect(kwargsTypes({ ['n'.repeat(5000)]: 1 })).toBe('{...}');
  });
});
