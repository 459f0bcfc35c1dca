import { expect, it } from 'vitest';
import { cut } from '../../../src/wire/cut.ts';

it.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc… (1 characters cut)'],
  ['a😀b', 2, 'a… (3 characters cut)'],
  ['😀b', 1, '… (3 characters cut)'],
  ['a😀b', 3, 'a😀… (1 characters cut)'],
])('cuts %s after %i characters, between two of them', (text, length, short) => {
  expect(cut(text, length)).toBe(short);
});
