import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeStore, type FakeStore, failure, sourceOf } from './fake-store.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A group of tasks named so. */
function groupOf(ids: readonly string[], source: ReturnType<typeof sourceOf>, parent?: AsyncResult): GroupResult {
  return new GroupResult(
    'g',
    ids.map((id) => new AsyncResult(id, source)),
    source,
    { parent },
  );
}

function put(store: FakeStore, ...ids: string[]): void {
  for (const id of ids) store.put(id, { result: `${id} done` });
}

describe('the values of a group', () => {
  it('come in the order of the members, those of groups among them as lists', async () => {
    const store = createFakeStore({ many: true });
    const source = sourceOf(store);
    const group = new GroupResult('g', [new AsyncResult('b', source), groupOf(['d', 'a'], source), new AsyncResult('b', source)], source);
    put(store, 'a', 'b', 'd');
    expect(await group.get()).toEqual(['b done', ['d done', 'a done'], 'b done']);
    expect(await group.join()).toEqual(await group.get());
    expect(store.reads).toEqual([['b', 'd', 'a']]);
  });

  it('of nothing are nothing, without a request', async () => {
    const source = sourceOf(undefined);
    const empty = groupOf([], source);
    expect([await empty.get(), await empty.ready(), await empty.successful(), await empty.failed(), await empty.completedCount()]).toEqual([
      [],
      true,
      true,
      false,
      0,
    ]);
  });

  it('are waited for, and who has ended is not asked for again', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ many: true });
    put(store, 'b');
    const values = groupOf(['a', 'b', 'c'], sourceOf(store, { clock })).get();
    await settle();
    put(store, 'a');
    await clock.advance(500);
    put(store, 'c');
    await clock.advance(500);
    expect(await values).toEqual(['a done', 'b done', 'c done']);
    expect(store.reads).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']]);
  });

  it('are told where the backend tells', async () => {
    const store = createFakeStore({ many: true, watch: true });
    const values = groupOf(['a', 'b'], sourceOf(store)).get();
    await settle();
    put(store, 'b');
    await settle();
    put(store, 'a');
    expect(await values).toEqual(['a done', 'b done']);
    expect(store.reads).toEqual([['a', 'b']]);
    expect(store.watching()).toBe(0);
  });

  it('end with the first failure, though others are missing', async () => {
    const store = createFakeStore({ watch: true });
    const group = groupOf(['a', 'b', 'c'], sourceOf(store));
    store.put('b', failure('boom'));
    await expect(group.get()).rejects.toMatchObject({ excArgs: ['boom'] });
    expect(store.watching()).toBe(0);
    put(store, 'a', 'c');
    expect(await group.get({ propagate: false })).toMatchObject(['a done', { excArgs: ['boom'] }, 'c done']);
  });

  it('end when a task before the group failed, or before a member', async () => {
    const store = createFakeStore();
    const source = sourceOf(store);
    store.put('first', failure('before'));
    const first = new AsyncResult('first', source);
    await expect(groupOf(['a'], source, first).get()).rejects.toMatchObject({ excArgs: ['before'] });
    const ofChains = new GroupResult('g', [new AsyncResult('a', source, { parent: first })], source);
    await expect(ofChains.get()).rejects.toMatchObject({ excArgs: ['before'] });
  });

  it('say how many are missing when time is over', async () => {
    const store = createFakeStore();
    put(store, 'a');
    const values = groupOf(['a', 'b', 'c'], sourceOf(store)).get({ timeout: 0 });
    await expect(values).rejects.toThrow('2 of 3 tasks have not ended within 0 s; b is one of them.');
  });

  it('leave out members whose result is ignored', async () => {
    const store = createFakeStore();
    const source = sourceOf(store);
    put(store, 'a');
    const group = new GroupResult('g', [new AsyncResult('a', source), new AsyncResult('b', source, { ignored: true })], source);
    expect(await group.get()).toEqual(['a done', null]);
    const seen: unknown[] = [];
    for await (const [member, value] of group.iterate()) seen.push([member.id, value]);
    expect(seen).toEqual([
      ['b', null],
      ['a', 'a done'],
    ]);
  });

  it('are not waited for within a task', async () => {
    const group = groupOf(['a'], sourceOf(createFakeStore(), { insideTask: () => true }));
    await expect(group.get()).rejects.toMatchObject({ name: 'SyncSubtaskError' });
    await expect(group.iterate().next()).rejects.toMatchObject({ name: 'SyncSubtaskError' });
  });
});

describe('iterating', () => {
  it('gives each member as it ends, and a group among them when all of it has', async () => {
    const store = createFakeStore({ watch: true });
    const source = sourceOf(store);
    const group = new GroupResult('g', [new AsyncResult('a', source), groupOf(['b', 'c'], source)], source);
    const iterating = group.iterate();
    const next = async () => {
      const { value } = await iterating.next();
      return value === undefined ? undefined : [value[0].id, value[1]];
    };
    const first = next();
    await settle();
    put(store, 'c', 'a', 'b');
    expect([await first, await next(), await next()]).toEqual([['a', 'a done'], ['g', ['b done', 'c done']], undefined]);
  });

  it('gives at once what ended while the reader was busy', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ watch: true });
    put(store, 'a');
    const seen: string[] = [];
    for await (const [member] of groupOf(['a', 'b'], sourceOf(store, { clock })).iterate()) {
      seen.push(member.id);
      if (member.id === 'a') put(store, 'b');
    }
    expect([seen, clock.sleeps]).toEqual([['a', 'b'], []]);
  });

  it('ends the wait when the reader has enough', async () => {
    const store = createFakeStore({ watch: true });
    put(store, 'a');
    for await (const [member] of groupOf(['a', 'b'], sourceOf(store)).iterate()) {
      expect([member.id, store.watching()]).toEqual(['a', 1]);
      break;
    }
    expect(store.watching()).toBe(0);
  });

  it('gives a failure as a value where it is not to be thrown', async () => {
    const store = createFakeStore();
    store.put('a', failure('boom'));
    const group = groupOf(['a', 'b'], sourceOf(store));
    await expect(group.iterate().next()).rejects.toMatchObject({ excArgs: ['boom'] });
    const { value } = await group.iterate({ propagate: false }).next();
    expect(value?.[1]).toMatchObject({ excArgs: ['boom'] });
  });
});

describe('one look at a group', () => {
  it('counts who is done', async () => {
    const store = createFakeStore({ many: true });
    const source = sourceOf(store);
    const group = new GroupResult('g', [new AsyncResult('a', source), new AsyncResult('b', source), groupOf(['c', 'd'], source)], source);
    const told = async () => [
      await group.ready(),
      await group.waiting(),
      await group.successful(),
      await group.failed(),
      await group.completedCount(),
    ];
    put(store, 'a', 'c');
    expect(await told()).toEqual([false, true, false, false, 1]);
    put(store, 'd');
    expect(await told()).toEqual([false, true, false, false, 2]);
    store.put('b', failure('boom'));
    expect(await told()).toEqual([true, false, false, true, 2]);
    await expect(group.maybeThrow()).rejects.toMatchObject({ excArgs: ['boom'] });
    expect((await group.children()).map(({ id }) => id)).toEqual(['a', 'b', 'g']);
  });

  it('asks one by one where the backend cannot do more, sixteen at a time', async () => {
    const store = createFakeStore();
    let running = 0;
    let most = 0;
    const backend = {
      ...store.backend,
      async fetch(id: string) {
        most = Math.max(most, ++running);
        await settle();
        running -= 1;
        return store.backend.fetch(id);
      },
    };
    const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
    put(store, ...ids);
    const group = groupOf(ids, sourceOf(store, { backend }));
    expect(await group.successful()).toBe(true);
    expect([most, store.reads.length]).toEqual([16, 40]);
  });
});

describe('ten thousand members', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `t${index}`);

  it('are looked at a thousand at a time, without a pause while some end', async () => {
    const clock = createFakeClock(undefined, { autoAdvance: true });
    const store = createFakeStore({ many: true });
    put(store, ...ids);
    const values = await groupOf(ids, sourceOf(store, { clock })).get();
    expect((values as unknown[]).length).toBe(10_000);
    expect(store.reads.map((read) => read.length)).toEqual(Array.from({ length: 10 }, () => 1000));
    expect(clock.sleeps).toEqual([]);
  });

  it('are all looked at once, then a thousand at each interval', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ many: true });
    const abort = new AbortController();
    const values = groupOf(ids, sourceOf(store, { clock })).get({ signal: abort.signal });
    const ended = expect(values).rejects.toBe('enough');
    await settle();
    expect(new Set(store.reads.flat()).size).toBe(10_000);
    expect(clock.sleeps).toEqual([500]);
    await clock.advance(500);
    expect(store.reads.slice(10).map((read) => [read.length, read[0]])).toEqual([[1000, 't0']]);
    await clock.advance(500);
    expect(store.reads[11]?.[0]).toBe('t1000');
    abort.abort('enough');
    await ended;
  });

  it('before a task are no hindrance to it', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ many: true, watch: true });
    const source = sourceOf(store, { clock });
    const value = new AsyncResult('body', source, { parent: groupOf(ids, source) as never }).get();
    await settle();
    expect(store.watched[0]).toHaveLength(1001);
    store.put('body', { result: 'done' });
    expect(await value).toBe('done');
  });
});

describe('forgetting and revoking', () => {
  it('are done to each member', async () => {
    const store = createFakeStore();
    const revoke = vi.fn(async () => {});
    const source = sourceOf(store, { revoke });
    const group = new GroupResult('g', [new AsyncResult('a', source), groupOf(['b', 'c'], source)], source, {
      parent: new AsyncResult('before', source),
    });
    await group.revoke();
    expect(revoke).toHaveBeenCalledExactlyOnceWith(['a', 'b', 'c']);
    await group.forget();
    expect(store.forgotten.sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('saving', () => {
  const tuple: ResultTuple = [
    ['g', [['before', null], null]],
    [
      [['a', null], null],
      [['b', null], null],
    ],
  ];

  it('keeps the tuple for as long as results are kept, until it is deleted', async () => {
    const store = createFakeStore({ groups: true });
    const source = sourceOf(store, { expiresSeconds: 3600 });
    const group = groupOf(['a', 'b'], source, new AsyncResult('before', source));
    await group.save();
    expect(store.backend.groups?.save).toHaveBeenCalledExactlyOnceWith('g', tuple, { expiresSeconds: 3600 });
    await group.delete();
    expect(store.groups.size).toBe(0);
  });

  it('is refused where the backend keeps no groups', async () => {
    const group = groupOf([], sourceOf(createFakeStore()));
    await expect(group.save()).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
  });

  it('lets the app find the group again', async () => {
    const app = createApp('a');
    const backend = createMemoryBackend();
    app.connect({ transport: createMemoryTransport(), backend });
    const group = await app.resultFromTuple(tuple);
    expect(group).toBeInstanceOf(GroupResult);
    await (group as GroupResult).save();
    const restored = await app.groupResult('g');
    expect(restored?.toTuple()).toEqual(tuple);
    expect(JSON.parse(JSON.stringify(restored))).toEqual(tuple);
    expect(await app.groupResult('other')).toBeUndefined();
  });

  it('of what is no group finds none', async () => {
    const app = createApp('a');
    const backend = createMemoryBackend();
    app.connect({ transport: createMemoryTransport(), backend });
    await backend.groups?.save('g', [['g', null], null]);
    expect(await app.groupResult('g')).toBeUndefined();
  });
});
