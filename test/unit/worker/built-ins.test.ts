import { describe, expect, it } from 'vitest';
import type { createMemoryBackend } from '../../../src/backends/memory.ts';
import { SoftTimeLimitExceeded } from '../../../src/errors.ts';
import { createCanvasTasks, createCanvasWorld, without } from '../../support/canvas-world.ts';
import { createTestWorker } from '../../support/worker.ts';

function createWorld(options: Parameters<typeof createCanvasWorld>[0] = {}) {
  const world = createCanvasWorld(options);
  const tasks = createCanvasTasks(world.app);
  /** Sends a task by name, runs all there is, and gives its document. */
  const end = async (task: string, args: readonly unknown[], kwargs: object = {}) => {
    const { id } = await world.app.sendTask(task, args, { kwargs });
    await world.run();
    return (await world.document(id))!;
  };
  return { ...world, tasks, end };
}

const sig = (task: string, args: readonly unknown[] = [], options: object = {}) => ({
  task,
  args,
  kwargs: {},
  options,
  subtask_type: null,
  immutable: false,
});

describe('the built-in tasks', () => {
  it('are known without being registered or listed, and give way to a task of the same name', async () => {
    const { app, end } = createWorld();
    expect(app.tasks.some((name) => name.startsWith('celery.'))).toBe(false);
    expect((await end('celery.accumulate', [1, 2])).result).toEqual([1, 2]);
    const own = createWorld();
    own.app.task('celery.accumulate', (...args: number[]) => args.length);
    expect((await own.end('celery.accumulate', [1, 2])).result).toBe(2);
  });

  it('are as few as there are: another name of the kind is unknown', async () => {
    const { app, run } = createWorld({ settings: { onUnknownTask: 'discard' } });
    const { id } = await app.sendTask('celery.constructor');
    await run();
    expect(await app.asyncResult(id).state()).toBe('FAILURE');
  });
});

describe('celery.accumulate', () => {
  it.each([
    [[1, 2, 3], {}, [1, 2, 3]],
    [[1, 2, 3], { index: 0 }, 1],
    [[1, 2, 3], { index: -1 }, 3],
    [[1], { index: null }, [1]],
    [[[1, 2]], { index: 0 }, [1, 2]],
  ])('of %j with %j is %j', async (args, kwargs, expected) => {
    expect((await createWorld().end('celery.accumulate', args, kwargs)).result).toEqual(expected);
  });

  it('fails as a tuple does for an index beyond its end', async () => {
    const { result } = await createWorld().end('celery.accumulate', [1], { index: 1 });
    expect(result).toEqual({ exc_type: 'IndexError', exc_message: ['tuple index out of range'], exc_module: 'builtins' });
  });
});

describe('celery.backend_cleanup', () => {
  it('has the backend clean up where it can', async () => {
    let cleaned = 0;
    const backendFor = (memory: ReturnType<typeof createMemoryBackend>) => ({
      ...memory,
      async cleanup() {
        cleaned += 1;
      },
    });
    await createWorld({ backendFor: backendFor as never }).end('celery.backend_cleanup', []);
    expect(cleaned).toBe(1);
    expect((await createWorld({ backendFor: without('cleanup') }).end('celery.backend_cleanup', [])).status).toBe('SUCCESS');
  });
});

describe('celery.chain', () => {
  it('is no task', async () => {
    const { result } = await createWorld().end('celery.chain', []);
    expect(result).toEqual({ exc_type: 'NotImplementedError', exc_message: ['chain is not a real task'], exc_module: 'builtins' });
  });
});

describe('celery.map and celery.starmap', () => {
  it('call the function item by item, in one message', async () => {
    const { end, ran } = createWorld();
    expect((await end('celery.map', [], { task: sig('double'), it: [1, 2, 3] })).result).toEqual([2, 4, 6]);
    expect((await end('celery.starmap', [], { task: sig('add'), it: [[1, 2], [3, 4]] })).result).toEqual([3, 7]); // biome-ignore format: short
    expect((await end('celery.map', [sig('nothing'), []])).result).toEqual([]);
    expect(ran()).toEqual(['celery.map', 'celery.starmap', 'celery.map']);
  });

  it('wait for each call to end before the next, and know nothing as null', async () => {
    const { app, end } = createWorld();
    const events: string[] = [];
    app.task('slow', async (name: string) => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
    });
    expect((await end('celery.map', [], { task: sig('slow'), it: ['a', 'b'] })).result).toEqual([null, null]);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('hand a bound task a context with the signal of the whole', async () => {
    const { app, end } = createWorld();
    app.task('bound', { bind: true }, (self, n: number) => [self.name, self.request.calledDirectly, self.signal.aborted, n]);
    expect((await end('celery.map', [], { task: sig('bound'), it: [7] })).result).toEqual([['bound', true, false, 7]]);
  });

  it('are tried again as a whole when an item asks for it', async () => {
    const { app, end, callsOf } = createWorld();
    let calls = 0;
    app.task('flaky', { bind: true }, (self, n: number) => (calls++ === 1 ? self.retry({ countdown: 1 }) : n));
    expect((await end('celery.map', [], { task: sig('flaky'), it: [1, 2] })).result).toEqual([1, 2]);
    expect(callsOf('celery.map').map(({ headers }) => headers.retries)).toEqual([0, 1]);
    expect(calls).toBe(4);
  });

  it('stop between items once the time is over', async () => {
    const { app, run, document } = createWorld();
    const seen: number[] = [];
    app.task('slow', { bind: true }, async (self, n: number) => {
      seen.push(n);
      // Heeds the signal by waiting for it, and goes on.
      await new Promise((resolve) => self.signal.addEventListener('abort', resolve));
    });
    const { id } = await app.sendTask('celery.map', [], { kwargs: { task: sig('slow'), it: [1, 2, 3] }, softTimeLimit: 5 });
    await run();
    expect(seen).toEqual([1]);
    expect((await document(id))?.result).toMatchObject({ exc_type: SoftTimeLimitExceeded.name });
  });

  it.each([
    ['celery.map', { task: sig('elsewhere'), it: [1] }, 'NotRegistered'],
    ['celery.map', { task: sig('fail'), it: [1] }, 'RangeError'],
    ['celery.map', { task: sig('double'), it: 5 }, 'TypeError'],
    ['celery.map', { task: {}, it: [] }, 'InvalidTaskError'],
    ['celery.starmap', { task: sig('add'), it: [1] }, 'TypeError'],
    ['celery.starmap', { task: sig('add'), it: [[1]] }, 'TypeError'],
  ])('%s fails with %j as %s', async (task, kwargs, type) => {
    expect((await createWorld().end(task, [], kwargs)).result).toMatchObject({ exc_type: type });
  });
});

describe('celery.chunks', () => {
  it('sends the items in portions, and answers with the group', async () => {
    const { end, callsOf, document } = createWorld();
    const items = [1, 2, 3, 4, 5].map((n) => [n, n]);
    const { result, children } = await end('celery.chunks', [], { task: sig('add'), it: items, n: 2 });
    const [[groupId], members] = result as [[string], [[string]][]];
    expect(children).toEqual([result]);
    expect(callsOf('celery.starmap').map(({ headers }) => headers.group)).toEqual([groupId, groupId, groupId]);
    const documents = await Promise.all(members.map(([[id]]) => document(id!)));
    expect(documents.map((found) => found?.result)).toEqual([[2, 4], [6, 8], [10]]); // biome-ignore format: short
  });
});

describe('celery.group', () => {
  it('sends the members with the arguments put first, and answers with the result it was given', async () => {
    const { end, callsOf } = createWorld();
    const result = [['g', null], [[['a', null], null], [['b', null], null]]]; // biome-ignore format: short
    const tasks = [sig('add', [1], { task_id: 'a' }), sig('add', [2], { task_id: 'b' })];
    const stored = await end('celery.group', [tasks, result, 'g', [10]]);
    expect(stored).toMatchObject({ result, children: [result] });
    expect(callsOf('add')).toMatchObject([
      { args: [10, 1], headers: { id: 'a', group: 'g', parent_id: stored.task_id } },
      { args: [10, 2], headers: { id: 'b', group: 'g' } },
    ]);
    expect((await end('celery.group', [[], result, 'g', [], false])).children).toEqual([]);
  });
});

describe('celery.chord_unlock', () => {
  it.each([
    [0, 1],
    [-5, 1],
    [0.01, 1],
    [7, 7],
  ])('that is to look again after %d s looks after %d', async (interval, delaySeconds) => {
    const { app, runLast, transport } = createTestWorker();
    createCanvasTasks(app);
    const missing = [['none', null], null];
    await app.sendTask('celery.chord_unlock', ['g', sig('sum')], { kwargs: { interval, result: [missing] } });
    expect(await runLast()).toEqual({ do: 'ack' });
    expect(transport.sent).toMatchObject([{}, { delaySeconds }]);
  });
});

describe('celery.chord', () => {
  it('sends the header, and the body once that has ended; answers with the body’s result', async () => {
    const { end, callsOf, document } = createWorld();
    const { result } = await end('celery.chord', [], { header: [sig('add', [1]), sig('add', [2])], body: sig('sum'), partial_args: [10] });
    const [[id]] = result as [[string]];
    expect(callsOf('add').map(({ args }) => args)).toEqual([[10, 1], [10, 2]]); // biome-ignore format: short
    expect((await document(id))?.result).toBe(23);
  });

  it('takes a group as its header, and looks as often as it is told where nobody counts', async () => {
    const { end, callsOf } = createWorld({ backendFor: without('chords') });
    const header = { ...sig('celery.group'), kwargs: { tasks: [sig('add', [1, 1])] }, subtask_type: 'group' };
    await end('celery.chord', [header, sig('sum'), [], 3, 1, 5]);
    const looks = callsOf('celery.chord_unlock').map(({ headers }) => [headers.retries, headers['kwargsrepr']]);
    expect(looks[0]).toEqual([0, expect.stringContaining("'interval': 3, 'max_retries': 5")]);
    expect(callsOf('sum')).toMatchObject([{ args: [[2]] }]);
  });
});
