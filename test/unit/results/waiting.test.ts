import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
// Imported late by the first look; here at once, so that a turn is enough for each step.
import '../../../src/results/reading.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeStore, failure, sourceOf } from './fake-store.ts';

/** Lets what has been started go as far as it can. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('without a backend that tells', () => {
  it('looks every half second until the task has ended', async () => {
    const clock = createFakeClock();
    const store = createFakeStore();
    const value = new AsyncResult('t1', sourceOf(store, { clock })).get();
    await settle();
    store.put('t1', { status: 'STARTED' });
    await clock.advance(500);
    store.put('t1', { result: 'done' });
    await clock.advance(500);
    expect(await value).toBe('done');
    expect(store.reads).toEqual([['t1'], ['t1'], ['t1']]);
    expect(clock.sleeps).toEqual([500, 500]);
  });

  it('looks as often as it is told, though never without a pause', async () => {
    const clock = createFakeClock(undefined, { autoAdvance: true });
    const store = createFakeStore();
    const result = new AsyncResult('t1', sourceOf(store, { clock }));
    await expect(result.get({ timeout: 5, interval: 2 })).rejects.toThrow('The task t1 has not ended within 5 s; its state is PENDING.');
    expect(clock.sleeps).toEqual([2000, 2000, 1000]);
    await expect(result.get({ timeout: 0.002, interval: 0 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(clock.sleeps.slice(3)).toEqual([1, 1]);
  });

  it('looks once for a time of 0, and a last time when the time is over', async () => {
    const clock = createFakeClock();
    const store = createFakeStore();
    store.put('t1', { status: 'STARTED' });
    const result = new AsyncResult('t1', sourceOf(store, { clock }));
    await expect(result.get({ timeout: 0 })).rejects.toThrow('has not ended within 0 s; its state is STARTED');
    expect(store.reads).toHaveLength(1);
    const value = result.get({ timeout: 0.2 });
    await settle();
    store.put('t1', { result: 'just in time' });
    await clock.advance(200);
    expect(await value).toBe('just in time');
  });

  it('rejects with what the backend rejects with', async () => {
    const store = createFakeStore();
    const broken = { ...store.backend, fetch: () => Promise.reject(new Error('gone')) };
    await expect(new AsyncResult('t1', sourceOf(store, { backend: broken })).get()).rejects.toThrow('gone');
  });
});

describe('with a backend that tells', () => {
  it('notices an abort that comes while an ending is looked at', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ watch: true });
    const source = sourceOf(store, { clock });
    store.put('t1', { result: 'done' });
    const abort = new AbortController();
    const group = new GroupResult('g', [new AsyncResult('t1', source), new AsyncResult('t2', source)], source);
    const reading = (async () => {
      for await (const _ of group.iterate({ signal: abort.signal })) abort.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    expect([clock.sleeps, store.watching()]).toEqual([[], 0]);
  });

  it('listens first, looks once, and wakes when it is told', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ watch: true });
    const value = new AsyncResult('t1', sourceOf(store, { clock })).get();
    await settle();
    store.put('other');
    store.put('t1', { status: 'PROGRESS', result: 1 });
    await settle();
    store.put('t1', { result: 'done' });
    expect(await value).toBe('done');
    expect(store.reads).toEqual([['t1']]);
    expect(store.watching()).toBe(0);
  });

  it('sees at the first look what ended before it listened', async () => {
    const store = createFakeStore({ watch: true });
    store.put('t1', { result: 'done' });
    expect(await new AsyncResult('t1', sourceOf(store)).get()).toBe('done');
    expect(store.watching()).toBe(0);
  });

  it('looks every ten seconds for what it was not told', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ watch: true });
    const value = new AsyncResult('t1', sourceOf(store, { clock })).get();
    await settle();
    store.putSilently('t1', { result: 'done' });
    await clock.advance(9_999);
    expect(store.reads).toHaveLength(1);
    await clock.advance(1);
    expect(await value).toBe('done');
    expect(store.reads).toHaveLength(2);
  });

  it('is told while it looks', async () => {
    const store = createFakeStore({ watch: true });
    const backend = {
      ...store.backend,
      async fetch(id: string) {
        const found = await store.backend.fetch(id);
        store.put(id, { result: 'meanwhile' });
        return found;
      },
    };
    expect(await new AsyncResult('t1', sourceOf(store, { backend })).get()).toBe('meanwhile');
    expect(store.reads).toHaveLength(1);
  });

  it('ends the watch when time is over, and keeps the value when the watch cannot be ended', async () => {
    const store = createFakeStore({ watch: true });
    await expect(new AsyncResult('t1', sourceOf(store)).get({ timeout: 0 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(store.watching()).toBe(0);
    const backend = { ...store.backend, watch: async () => () => Promise.reject(new Error('no connection')) };
    store.put('t1', { result: 'done' });
    expect(await new AsyncResult('t1', sourceOf(store, { backend })).get()).toBe('done');
  });
});

describe('a signal', () => {
  it.each([true, false])('ends the wait with its reason, and nothing runs on (told: %s)', async (watch) => {
    const clock = createFakeClock();
    const store = createFakeStore({ watch });
    const abort = new AbortController();
    const value = new AsyncResult('t1', sourceOf(store, { clock })).get({ signal: abort.signal });
    const ended = expect(value).rejects.toThrow('not needed any more');
    await settle();
    abort.abort(new Error('not needed any more'));
    await ended;
    expect(store.watching()).toBe(0);
    await clock.advance(60_000);
    expect(store.reads).toHaveLength(1);
  });

  it('is let go of with each pause', async () => {
    const store = createFakeStore();
    const clock = createFakeClock(undefined, { autoAdvance: true });
    const { signal } = new AbortController();
    await expect(new AsyncResult('t1', sourceOf(store, { clock })).get({ signal, timeout: 3 })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that was given before ends it before it begins', async () => {
    const store = createFakeStore({ watch: true });
    await expect(new AsyncResult('t1', sourceOf(store)).get({ signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect([store.reads, store.watched]).toEqual([[], []]);
  });

  it('that comes during a request ends it after that', async () => {
    const store = createFakeStore();
    store.put('t1', { result: 'done' });
    const abort = new AbortController();
    const backend = {
      ...store.backend,
      async fetch(id: string) {
        abort.abort('no');
        return store.backend.fetch(id);
      },
    };
    await expect(new AsyncResult('t1', sourceOf(store, { backend })).get({ signal: abort.signal })).rejects.toBe('no');
  });
});

describe('what came before in a chain', () => {
  const chainOf = (source: ReturnType<typeof sourceOf>, ...ids: string[]): AsyncResult =>
    ids.reduce<AsyncResult | undefined>((parent, id) => new AsyncResult(id, source, { parent }), undefined)!;

  it('ends the wait when it fails, for what comes after it never runs', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ many: true });
    const value = chainOf(sourceOf(store, { clock }), 't1', 't2', 't3').get();
    const failed = expect(value).rejects.toMatchObject({ excType: 'ValueError', excArgs: ['first'] });
    await settle();
    store.put('t1', failure('first'));
    await clock.advance(500);
    await failed;
    expect(store.reads).toEqual([
      ['t1', 't2', 't3'],
      ['t1', 't2', 't3'],
    ]);
  });

  it('is told of as well', async () => {
    const store = createFakeStore({ many: true, watch: true });
    const value = chainOf(sourceOf(store), 't1', 't2').get();
    const failed = expect(value).rejects.toMatchObject({ excArgs: ['first'] });
    await settle();
    store.put('t1', failure('first'));
    await failed;
    expect(store.watched).toEqual([['t2', 't1']]);
  });

  it('that failed wins over its own failure, from the oldest on', async () => {
    const store = createFakeStore();
    const last = chainOf(sourceOf(store), 't1', 't2', 't3');
    for (const id of ['t3', 't2', 't1']) store.put(id, failure(id));
    await expect(last.get()).rejects.toMatchObject({ excArgs: ['t1'] });
    await expect(last.get()).rejects.toMatchObject({ excArgs: ['t1'] });
    await expect(last.get({ followParents: false })).rejects.toMatchObject({ excArgs: ['t3'] });
    expect(await last.get({ propagate: false })).toMatchObject({ excArgs: ['t3'] });
  });

  it('is not asked for where its failure would not be thrown', async () => {
    const store = createFakeStore();
    store.put('t2', { result: 2 });
    expect(await chainOf(sourceOf(store), 't1', 't2').get({ propagate: false })).toBe(2);
    expect(store.reads).toEqual([['t2']]);
  });

  it('is not asked again once it has ended', async () => {
    const clock = createFakeClock();
    const store = createFakeStore({ many: true });
    store.put('t1', { result: 1 });
    const value = chainOf(sourceOf(store, { clock }), 't1', 't2').get();
    await settle();
    store.put('t2', { result: 2 });
    await clock.advance(500);
    expect(await value).toBe(2);
    expect(store.reads).toEqual([['t1', 't2'], ['t2']]);
  });

  it('may be a group, of which one member failed', async () => {
    const store = createFakeStore();
    const source = sourceOf(store);
    const header = new GroupResult('g', [chainOf(source, 'a'), chainOf(source, 'b')], source);
    store.put('a', { result: 1 });
    store.put('b', failure('in the header'));
    store.put('body', failure('the body'));
    await expect(new AsyncResult('body', source, { parent: header }).get()).rejects.toMatchObject({ excArgs: ['in the header'] });
  });
});
