import { describe, expect, it } from 'vitest';
import { isPrivate, sensitivePaths } from '../../../src/app/sensitive.ts';
import { ImproperlyConfigured } from '../../../src/errors.ts';

describe('sensitive paths', () => {
  it('name a parameter by place and by name', () => {
    expect(sensitivePaths('pay', { sensitive: ['card', '1.pin', 'other.x'], params: ['card', 'auth'] })).toEqual([
      'card',
      '0',
      '1.pin',
      'auth.pin',
      'other.x',
    ]);
  });

  it('stay as they are without parameters', () => {
    expect(sensitivePaths('pay', { sensitive: ['0.card.number', '7', '*.pin'] })).toEqual(['0.card.number', '7', '*.pin']);
    expect(sensitivePaths('pay', { sensitive: ['3'], params: ['a'] })).toEqual(['3']);
  });

  it.each([[''], ['.'], ['a.'], ['.a'], ['a..b']])('may not be %j', (path) => {
    expect(() => sensitivePaths('pay', { sensitive: [path] })).toThrow(ImproperlyConfigured);
    expect(() => sensitivePaths('pay', { sensitive: [path] })).toThrow(JSON.stringify(path));
  });

  it.each<[string, unknown, string]>([
    ['a text', 'card', 'is no array'],
    ['null', null, 'is no array'],
    ['a number in an array', [0], 'has 0'],
    ['nothing in an array', [undefined], 'has undefined'],
  ])('are no %s', (_what, sensitive, found) => {
    expect(() => sensitivePaths('pay', { sensitive: sensitive as string[] })).toThrow(found);
  });
});

describe('a task is private', () => {
  const values = { taskArgsrepr: 'values' } as const;
  it.each([
    ['never by itself', undefined, values, false],
    ['not with an empty list', { sensitive: [] }, values, false],
    ['with a sensitive argument', { sensitive: ['0'] }, values, true],
    ['with types', { argsrepr: 'types' }, values, true],
    ['where the setting says so', undefined, { taskArgsrepr: 'types' }, true],
    ['unless it says otherwise', { argsrepr: 'values' }, { taskArgsrepr: 'types' }, false],
  ] as const)('%s', (_when, defaults, settings, expected) => {
    expect(isPrivate(defaults, settings)).toBe(expected);
  });
});
