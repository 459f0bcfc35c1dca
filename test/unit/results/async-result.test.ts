import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
import { createEagerTransport } from '../../../src/testing/eager.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import { readJson, writeJson } from '../../../src/wire/json.ts';
import { createFakeStore, failure, sourceOf } from './fake-store.ts';

const boom = { name: 'RemoteError', excType: 'ValueError', excArgs: ['boom'], traceback: 'Traceback: boom' };

describe('one look at a task', () => {
  it('of which nothing is stored gives PENDING and nothing', async () => {
    const store = createFakeStore();
    const result = new AsyncResult('t1', sourceOf(store));
    expect(await Promise.all([result.state(), result.ready(), result.successful(), result.failed(), result.exists()])).toEqual([
      'PENDING',
      false,
      false,
      false,
      false,
    ]);
    expect([await result.result(), await result.traceback(), await result.dateDone(), await result.children()]).toEqual([
      null,
      undefined,
      undefined,
      [],
    ]);
    expect(await result.document()).toBeUndefined();
    await result.maybeThrow();
  });

  it('that has succeeded gives its value, and is not asked for again', async () => {
    const store = createFakeStore();
    store.put('t1', { result: 5, date_done: '2030-01-02T12:00:00.500000+00:00' });
    const result = new AsyncResult<number>('t1', sourceOf(store));
    expect(await result.state()).toBe('SUCCESS');
    expect([await result.ready(), await result.successful(), await result.failed(), await result.exists()]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect([await result.result(), await result.info(), await result.get()]).toEqual([5, 5, 5]);
    expect(await result.dateDone()).toEqual(new Date('2030-01-02T12:00:00.500Z'));
    expect(store.reads).toEqual([['t1']]);
  });

  it('that has failed gives the error, as a value or thrown', async () => {
    const store = createFakeStore();
    store.put('t1', failure('boom'));
    const result = new AsyncResult('t1', sourceOf(store));
    expect([await result.ready(), await result.successful(), await result.failed()]).toEqual([true, false, true]);
    expect(await result.result()).toMatchObject(boom);
    expect(await result.traceback()).toBe('Traceback: boom');
    await expect(result.maybeThrow()).rejects.toMatchObject(boom);
    await expect(result.get()).rejects.toMatchObject(boom);
    expect(await result.get({ propagate: false })).toMatchObject(boom);
  });

  it('that is under way gives the meta of its state, anew each time', async () => {
    const store = createFakeStore();
    const result = new AsyncResult('t1', sourceOf(store));
    for (const current of [1, 2]) {
      store.put('t1', { status: 'PROGRESS', result: { current } });
      expect([await result.state(), await result.info()]).toEqual(['PROGRESS', { current }]);
    }
    expect(await result.ready()).toBe(false);
  });

  it('that is retried gives what led to it, or null where nothing did', async () => {
    const store = createFakeStore();
    const result = new AsyncResult('t1', sourceOf(store));
    store.put('t1', { status: 'RETRY', result: null });
    expect(await result.result()).toBeNull();
    store.put('t1', { ...failure('boom'), status: 'RETRY' });
    expect(await result.result()).toMatchObject(boom);
    await result.maybeThrow();
  });

  it('that was revoked is ready, and throws', async () => {
    const store = createFakeStore();
    store.put('t1', {
      status: 'REVOKED',
      result: { exc_type: 'TaskRevokedError', exc_message: ['revoked'], exc_module: 'celery.exceptions' },
    });
    const result = new AsyncResult('t1', sourceOf(store));
    expect([await result.ready(), await result.failed()]).toEqual([true, false]);
    await expect(result.get()).rejects.toMatchObject({ excType: 'TaskRevokedError' });
  });

  it('whose failure says nothing is an error all the same', async () => {
    const store = createFakeStore();
    store.put('t1', { status: 'FAILURE', result: null });
    await expect(new AsyncResult('t1', sourceOf(store)).get()).rejects.toMatchObject({ excType: 'UnreadableException' });
  });

  it('needs a backend', async () => {
    await expect(new AsyncResult('t1', sourceOf(undefined)).state()).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
  });
});

describe('forgetting and revoking', () => {
  it('forgets the tasks before it as well, groups among them by their members', async () => {
    const store = createFakeStore();
    const source = sourceOf(store);
    const first = new AsyncResult('first', source);
    const group = new GroupResult('g', [new AsyncResult('a', source, { parent: first }), new AsyncResult('b', source)], source);
    const last = new AsyncResult('last', source, { parent: group });
    for (const id of ['first', 'a', 'b', 'last']) store.put(id);
    expect(await last.ready()).toBe(true);
    await last.forget();
    expect(store.forgotten.sort()).toEqual(['a', 'b', 'first', 'last']);
    expect(await last.ready()).toBe(false);
  });

  it('revokes itself alone', async () => {
    const revoke = vi.fn(async () => {});
    const source = sourceOf(createFakeStore(), { revoke });
    await new AsyncResult('t2', source, { parent: new AsyncResult('t1', source) }).revoke();
    expect(revoke).toHaveBeenCalledExactlyOnceWith(['t2']);
  });
});

describe('as data', () => {
  const source = sourceOf(createFakeStore());
  const chained = new AsyncResult('t2', source, { parent: new AsyncResult('t1', source) });

  it('is its tuple with its parents, in JSON as well', () => {
    const tuple = [['t2', [['t1', null], null]], null];
    expect(chained.toTuple()).toEqual(tuple);
    expect(JSON.parse(JSON.stringify({ sent: chained }))).toEqual({ sent: tuple });
    expect(readJson(writeJson({ result: chained }))).toEqual({ result: tuple });
  });
});

describe('of an app', () => {
  it('a task that returns a result leaves its tuple, of which the app makes a result again', async () => {
    const app = createApp('a');
    const add = app.task('add', (x: number, y: number) => x + y);
    const start = app.task('start', () => add.delay(2, 3));
    const backend = createMemoryBackend();
    app.connect({ transport: createEagerTransport(app), backend });
    const sent = await start.delay();
    const tuple = (await sent.get()) as never;
    const inner = await app.resultFromTuple(tuple);
    expect(await inner.get()).toBe(5);
    expect((await sent.children()).map(({ id }) => id)).toEqual([inner.id]);
  });

  it('waiting within a task is refused, unless it is asked for', async () => {
    const app = createApp('a');
    const add = app.task('add', (x: number, y: number) => x + y);
    const wait = app.task('wait', async (disableSyncSubtasks: boolean) => (await add.delay(2, 3)).get({ disableSyncSubtasks }));
    const useDefault = app.task('default', async () => (await add.delay(2, 3)).get());
    app.connect({ transport: createEagerTransport(app), backend: createMemoryBackend() });
    expect(await (await wait.delay(false)).get()).toBe(5);
    await expect((await wait.delay(true)).get()).rejects.toMatchObject({ excType: 'SyncSubtaskError', excModule: 'celery.exceptions' });
    await expect((await useDefault.delay()).get()).rejects.toMatchObject({ excType: 'SyncSubtaskError' });
  });

  it.each([
    ['the call', {}, {}, { ignoreResult: true }],
    ['the task', {}, { ignoreResult: true }, {}],
    ['the setting', { taskIgnoreResult: true }, {}, {}],
  ])('a task whose result is ignored by %s is not waited for', async (_by, settings, options, call) => {
    const app = createApp('a', settings);
    const add = app.task('add', options, (x: number, y: number) => x + y);
    app.connect({ transport: createMemoryTransport() });
    expect(await (await add.applyAsync([2, 3], call)).get()).toBeNull();
  });

  it('a call that wants its result waits, whatever the setting says', async () => {
    const app = createApp('a', { taskIgnoreResult: true });
    const add = app.task('add', (x: number, y: number) => x + y);
    app.connect({ transport: createMemoryTransport() });
    expect((await add.applyAsync([2, 3], { ignoreResult: false })).ignored).toBe(false);
    expect((await app.sendTask('elsewhere')).ignored).toBe(false);
    expect(app.asyncResult('any').ignored).toBe(false);
  });
});
