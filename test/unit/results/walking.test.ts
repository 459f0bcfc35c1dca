import { describe, expect, it } from 'vitest';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
import type { ResultBase } from '../../../src/results/result-base.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeStore, type FakeStore, failure, sourceOf } from './fake-store.ts';

const task = (id: string): ResultTuple => [[id, null], null];

/** `root` has sent `one` and the group `g` of `two` and `three`; `three` has sent `four`. */
function putTree(store: FakeStore, left: readonly string[] = []): void {
  const children = {
    root: [
      task('one'),
      [
        ['g', null],
        [task('two'), task('three')],
      ],
    ] as ResultTuple[],
    three: [task('four')],
  };
  for (const id of ['root', 'one', 'two', 'three', 'four']) {
    if (!left.includes(id)) store.put(id, { result: id.toUpperCase(), children: children[id as 'root'] ?? [] });
  }
}

async function collected(results: AsyncIterable<readonly [ResultBase | undefined, unknown]>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const [first, second] of results) found.push([first?.id, (second as ResultBase | undefined)?.id ?? second]);
  return found;
}

describe('the tree of what a task has sent', () => {
  it('is walked from the root, those of one depth together', async () => {
    const store = createFakeStore({ many: true });
    putTree(store);
    const root = new AsyncResult('root', sourceOf(store));
    expect(await collected(root.iterdeps())).toEqual([
      [undefined, 'root'],
      ['root', 'one'],
      ['root', 'g'],
      ['g', 'two'],
      ['g', 'three'],
      ['three', 'four'],
    ]);
    expect(store.reads).toEqual([['root'], ['one'], ['two', 'three'], ['four']]);
  });

  it('ends with IncompleteStream where a task has not ended', async () => {
    const store = createFakeStore();
    putTree(store, ['three', 'four']);
    const root = new AsyncResult('root', sourceOf(store));
    await expect(collected(root.iterdeps())).rejects.toMatchObject({ name: 'IncompleteStream' });
    expect((await collected(root.iterdeps({ intermediate: true }))).at(-1)).toEqual(['root', 'g']);
  });

  it('is collected with its values', async () => {
    const store = createFakeStore();
    putTree(store);
    const root = new AsyncResult('root', sourceOf(store));
    expect(await collected(root.collect())).toEqual([
      ['root', 'ROOT'],
      ['one', 'ONE'],
      ['g', ['TWO', 'THREE']],
      ['two', 'TWO'],
      ['three', 'THREE'],
      ['four', 'FOUR'],
    ]);
    expect(await root.getLeaf()).toBe('FOUR');
  });

  it('is waited for while it is collected', async () => {
    const clock = createFakeClock();
    const store = createFakeStore();
    putTree(store, ['four']);
    const leaf = new AsyncResult('root', sourceOf(store, { clock })).getLeaf({ interval: 3 });
    await new Promise((resolve) => setImmediate(resolve));
    store.put('four', { result: 'late' });
    await clock.advance(3000);
    expect(await leaf).toBe('late');
  });

  it('throws what a task in it failed with, unless it is to be a value', async () => {
    const store = createFakeStore();
    putTree(store, ['one']);
    store.put('one', failure('boom'));
    const root = new AsyncResult('root', sourceOf(store));
    await expect(collected(root.collect())).rejects.toMatchObject({ excArgs: ['boom'] });
    expect(await collected(root.collect({ propagate: false }))).toHaveLength(6);
  });
});

describe('children', () => {
  it('are tasks and groups, the same ones each time once the task has ended', async () => {
    const store = createFakeStore();
    const root = new AsyncResult('root', sourceOf(store));
    store.put('root', { status: 'STARTED', children: [task('one')] });
    const [early] = await root.children();
    expect(early).toBeInstanceOf(AsyncResult);
    putTree(store);
    expect(await root.ready()).toBe(true);
    const [one, group] = await root.children();
    expect(one).not.toBe(early);
    expect(group).toBeInstanceOf(GroupResult);
    expect((await root.children())[1]).toBe(group);
    await root.forget();
    expect(await root.children()).toEqual([]);
  });
});
