import { describe, expect, it } from 'vitest';
import { masked } from '../../../src/app/masking.ts';

const of = (paths: readonly string[], args: readonly unknown[], kwargs: Record<string, unknown> = {}) => masked({ args, kwargs }, paths);

describe('masking', () => {
  it('replaces what the paths lead to, and shares the rest', () => {
    const item = { sku: 1 };
    const given = [{ card: { number: '4111', brand: 'visa' }, item }, 'x'];
    const { args } = of(['0.card.number'], given);
    expect(args).toEqual([{ card: { number: '***', brand: 'visa' }, item }, 'x']);
    expect((args[0] as { item: unknown }).item).toBe(item);
    expect(given[0]).toEqual({ card: { number: '4111', brand: 'visa' }, item });
  });

  it('finds keywords', () => {
    expect(of(['password', 'card.number'], [], { password: 'p', card: { number: 1, brand: 2 } }).kwargs).toEqual({
      password: '***',
      card: { number: '***', brand: 2 },
    });
  });

  it.each<[string, string, unknown, unknown]>([
    ['an array by index', '0.1', ['a', 'b'], ['a', '***']],
    ['all of an array', '0.*', ['a', 'b'], ['***', '***']],
    ['a part of all of an array', '0.*.pin', [{ pin: 1, x: 2 }, { x: 3 }], [{ pin: '***', x: 2 }, { x: 3 }]],
    ['all of an object', '0.*', { a: 1, b: 2 }, { a: '***', b: '***' }],
    ['all arguments', '*', { a: 1 }, '***'],
    ['a key that is not there', '0.pin', { x: 1 }, { x: 1 }],
    ['null', '0.pin', null, null],
    ['a text where an object was expected', '0.pin', '4111', '***'],
    ['a number where an object was expected', '0.pin', 4111, '***'],
    ['an array where an object was expected', '0.pin', [{ pin: 1 }], '***'],
    ['an instance of a class', '0.pin', new Map([['pin', 1]]), '***'],
    ['what has a toJSON', '0.pin', { toJSON: () => ({ pin: 1 }) }, '***'],
  ])('hides %s', (_what, path, value, shown) => {
    expect(of([path], [value]).args).toEqual([shown]);
  });

  it.each([
    [['0.a', '0'], '***'],
    [['0', '0.a'], '***'],
    [['0.a', '0.b'], { a: '***', b: '***', c: 3 }],
    [['0.a', '0.*'], { a: '***', b: '***', c: '***' }],
    [['0.a', '*.b'], { a: '***', b: '***', c: 3 }],
  ])('takes %j together', (paths, shown) => {
    expect(of(paths, [{ a: 1, b: 2, c: 3 }]).args).toEqual([shown]);
  });

  it('leaves prototypes alone', () => {
    const value = JSON.parse('{"__proto__": {"pin": "1"}, "x": 2}') as object;
    const [shown] = of(['0.__proto__.pin'], [value]).args;
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"pin":"***"},"x":2}');
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(({} as { pin?: unknown }).pin).toBeUndefined();
  });
});
