import { expect, it } from 'vitest';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
import { resultFromTuple } from '../../../src/results/tuples.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { createFakeStore, sourceOf } from './fake-store.ts';

const source = sourceOf(createFakeStore());

it.each<[string, ResultTuple]>([
  ['a task', [['a', null], null]],
  ['a chain', [['c', [['b', [['a', null], null]], null]], null]],
  ['an empty group', [['g', null], []]],
  [
    'a task after a group after a task',
    [
      [
        'd',
        [
          ['g', [['a', null], null]],
          [
            [['b', null], null],
            [['c', null], null],
          ],
        ],
      ],
      null,
    ],
  ],
  [
    'a group of a chain and a group',
    [
      ['g', null],
      [
        [['b', [['a', null], null]], null],
        [['h', null], [[['c', null], null]]],
      ],
    ],
  ],
])('%s is the same after the way to a tuple and back', (_what, tuple) => {
  expect(resultFromTuple(tuple, source).toTuple()).toEqual(tuple);
});

it('gives a group its members and a chain its parents', () => {
  const body = resultFromTuple([['d', [['g', null], [[['b', null], null]]]], null], source);
  expect(body).toBeInstanceOf(AsyncResult);
  expect(body.parent).toBeInstanceOf(GroupResult);
  expect((body.parent as GroupResult).results[0]).toBeInstanceOf(AsyncResult);
});

it.each([[null], ['a'], [['a', null]], [[['a', 'b'], null]], [[['g', null], ['a']]]])('%j is refused', (value) => {
  expect(() => resultFromTuple(value as never, source)).toThrow(expect.objectContaining({ name: 'DecodeError' }));
});

it('takes a chain of two thousand', () => {
  let tuple: ResultTuple = [['0', null], null];
  for (let index = 1; index < 2000; index++) tuple = [[String(index), tuple], null];
  expect(resultFromTuple(tuple, source).toTuple()).toEqual(tuple);
});
