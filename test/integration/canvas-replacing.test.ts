/** Tasks that put something else in their place, add to their chord, or say how far they are. */

import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../../src/app/context.ts';
import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { group } from '../../src/canvas/group.ts';
import { createCanvasTasks, createCanvasWorld, without } from '../support/canvas-world.ts';

type Replace = (self: TaskContext, x: number) => void;

/** A world with a task `swap`, which puts in its place what it is told to. */
function createWorld(
  replace: (tasks: ReturnType<typeof createCanvasTasks>) => Replace,
  options: Parameters<typeof createCanvasWorld>[0] = {},
) {
  const world = createCanvasWorld(options);
  const tasks = createCanvasTasks(world.app);
  const act = replace(tasks);
  const swap = world.app.task('swap', { bind: true }, (self, x: number): number => {
    act(self, x);
    return -1;
  });
  return { ...world, tasks: { ...tasks, swap } };
}

const byTask =
  (tasks: ReturnType<typeof createCanvasTasks>): Replace =>
  (self, x) =>
    self.replace(tasks.add.s(x, 10));
const byChain =
  (tasks: ReturnType<typeof createCanvasTasks>): Replace =>
  (self, x) =>
    self.replace(chain(tasks.add.s(x, 9), tasks.add.s(1)));
const byGroup =
  (tasks: ReturnType<typeof createCanvasTasks>): Replace =>
  (self, x) =>
    self.replace(group(tasks.add.s(x, 10)));
const byPair =
  (tasks: ReturnType<typeof createCanvasTasks>): Replace =>
  (self, x) =>
    self.replace(group(tasks.add.s(x, 1), tasks.add.s(x, 2)));
const byChord =
  (tasks: ReturnType<typeof createCanvasTasks>): Replace =>
  (self, x) =>
    self.replace(chord([tasks.add.s(x, 4), tasks.add.s(6, 0)], tasks.sum.s()));

describe.each([
  ['a task', byTask],
  ['a chain', byChain],
  ['a chord', byChord],
])('a task replaced by %s', (_what, replace) => {
  // biome-ignore format: short
  it('has the result of what took its place', async () => {
    const { tasks, run, ran, document } = createWorld(replace);
    const sent = await tasks.swap.delay(2);
    await run();
    expect(ran()[0]).toBe('swap');
    expect(await document(sent.id)).toMatchObject({ status: 'SUCCESS', result: 12 });
  });

  it('has its callbacks called with that', async () => {
    const { tasks, run, callsOf } = createWorld(replace);
    await tasks.swap.s(2).link(tasks.double.s()).applyAsync();
    await run();
    expect(callsOf('double')).toMatchObject([{ args: [12] }]);
  });

  it.each([
    ['first', 0],
    ['in the middle', 1],
    ['last', 2],
  ])('keeps its place in a chain: %s', async (_where, place) => {
    const { tasks, run } = createWorld(replace);
    const steps = [tasks.add.s(1), tasks.add.s(1), tasks.add.s(1)].toSpliced(place, 1, tasks.swap.s()) as never[];
    const sent = await chain(tasks.add.s(0, 0), ...steps).applyAsync();
    await run();
    expect(await (sent as { get(): Promise<unknown> }).get()).toBe(12);
  });

  it('keeps its place in a group and its part of a chord', async () => {
    const { tasks, run, callsOf } = createWorld(replace);
    const gathered = await group(tasks.swap.s(1), tasks.add.s(3, 4)).applyAsync();
    const summed = await chord([tasks.swap.s(1), tasks.add.s(3, 4)], tasks.same.s()).applyAsync();
    await run();
    expect(await gathered.get()).toEqual([11, 7]);
    expect(await summed.get()).toEqual([11, 7]);
    expect(callsOf('same')).toHaveLength(1);
  });

  it('is replaced by the same messages when it is delivered again', async () => {
    const { tasks, run, callsOf, memory } = createWorld(replace);
    await tasks.swap.s(2).applyAsync();
    const { body } = memory.messages('celery')[0]!;
    await memory.send([{ queue: 'celery', id: 'again', body }]);
    await run();
    const ids = callsOf('add').map(({ headers }) => headers.id);
    expect(new Set(ids).size).toBe(ids.length / 2);
  });
});

describe('a task replaced by a group', () => {
  it('has the list of its results, of one as well', async () => {
    const pair = createWorld(byPair);
    const sent = await pair.tasks.swap.delay(5);
    await pair.run();
    expect(await sent.get()).toEqual([6, 7]);
    const single = createWorld(byGroup);
    const one = await single.tasks.swap.delay(5);
    await single.run();
    expect(await one.get()).toEqual([15]);
  });

  it('goes on in its chain and its chord', async () => {
    const { tasks, run } = createWorld(byPair);
    const chained = await chain(tasks.swap.s(5), tasks.same.s()).applyAsync();
    const counted = await chord([tasks.swap.s(5), tasks.add.s(1, 1)], tasks.same.s()).applyAsync();
    await run();
    expect(await chained.get()).toEqual([6, 7]);
    expect(await counted.get()).toEqual([[6, 7], 2]);
  });
});

describe('replacing', () => {
  it('leaves no state of the task that was replaced, and its run ends as ignored', async () => {
    const { app, tasks, run, document } = createWorld(
      ({ nothing }) =>
        (self) =>
          self.replace(nothing.s().set({ ignoreResult: true })),
    );
    const states: string[] = [];
    app.on('taskPostrun', ({ state }) => void states.push(state));
    const sent = await tasks.swap.delay(2);
    await run();
    expect(states).toEqual(['IGNORED', 'SUCCESS']);
    expect(await document(sent.id)).toBeUndefined();
  });

  it('may go on with what took its place, which says how often', async () => {
    const world = createCanvasWorld();
    const nestings: unknown[] = [];
    const down = world.app.task('down', { bind: true }, (self, n: number): number => {
      nestings.push(self.request.headers['replaced_task_nesting'] ?? 0);
      if (n > 0) self.replace(world.app.signature('down', [n - 1]));
      return 99;
    });
    const sent = await down.delay(3);
    await world.run();
    expect(nestings).toEqual([0, 1, 2, 3]);
    expect(await sent.get()).toBe(99);
  });

  it('has its errbacks called when what took its place fails', async () => {
    const { tasks, run, callsOf } = createWorld(
      ({ fail }) =>
        (self) =>
          self.replace(fail.s()),
    );
    const sent = await tasks.swap.s(2).linkError(tasks.told.s()).applyAsync();
    await run();
    expect(callsOf('told')).toMatchObject([{ args: [sent.id] }]);
  });

  it('by what cannot be is the task’s failure', async () => {
    const { tasks, run, document } = createWorld(
      ({ add }) =>
        (self) =>
          self.replace(add.s(1, 2).set({ chord: add.s(1, 2) })),
    );
    const sent = await tasks.swap.delay(2);
    await run();
    expect(await document(sent.id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'ImproperlyConfigured' } });
  });
});

describe('adding to a chord', () => {
  it('has the body wait for one part more', async () => {
    const world = createCanvasWorld();
    const tasks = createCanvasTasks(world.app);
    const more = world.app.task('more', { bind: true }, async (self, n: number) => {
      const added = await self.addToChord(tasks.add.s(n, 100));
      return added.id.length;
    });
    const sent = await chord([more.s(1), tasks.add.s(1, 1)], tasks.same.s()).applyAsync();
    await world.run();
    expect(((await sent.get()) as number[]).toSorted((a, b) => a - b)).toEqual([2, 36, 101]);
    expect((await world.document(world.callsOf('more')[0]!.headers.id))?.children).toEqual([
      [[world.callsOf('add').at(-1)!.headers.id, null], null],
    ]);
  });

  it('is refused outside of chords, and where chords cannot grow', async () => {
    const messages: string[] = [];
    const backendFor: Parameters<typeof createCanvasWorld>[0] = {
      backendFor: (memory) => {
        const { grow: _, ...chords } = memory.chords!;
        return { ...memory, chords };
      },
    };
    const world = createCanvasWorld(backendFor);
    const tasks = createCanvasTasks(world.app);
    const more = world.app.task('more', { bind: true }, async (self) => {
      await self.addToChord(tasks.add.s(1, 2)).catch((error: Error) => messages.push(`${error.name}: ${error.message}`));
      return 0;
    });
    await more.delay();
    await world.run();
    await chord([more.s()], tasks.same.s()).applyAsync();
    await world.run();
    expect(messages).toEqual([expect.stringContaining('is part of no chord'), expect.stringContaining('cannot grow')]);
  });
});

describe('updating the state', () => {
  it('stores it with the request’s fields, while the task runs', async () => {
    const world = createCanvasWorld();
    const seen: unknown[] = [];
    const slow = world.app.task('slow', { bind: true }, async (self) => {
      await self.updateState({ state: 'PROGRESS', meta: { done: 1 } });
      seen.push(await world.document(self.id));
      await self.updateState({ state: 'RETRY', meta: new TypeError('later') as never });
      seen.push((await world.document(self.id))?.result);
      await self.updateState({ state: 'OTHER', taskId: 'another' });
      return 1;
    });
    const sent = await slow.applyAsync([], { groupId: 'g', parentId: 'p' });
    await world.run();
    expect(seen).toEqual([
      {
        status: 'PROGRESS', result: { done: 1 }, traceback: null, children: [], date_done: null, group_id: 'g', parent_id: 'p', task_id: sent.id,
      },
      { exc_type: 'TypeError', exc_message: ['later'], exc_module: 'builtins' },
    ]); // biome-ignore format: one document
    expect(await world.document('another')).toMatchObject({ status: 'OTHER', result: null });
    expect((await world.document(sent.id))?.status).toBe('SUCCESS');
  });

  it('is refused once the run is over, for its end is what counts', async () => {
    const world = createCanvasWorld();
    let kept: TaskContext | undefined;
    const sent = await world.app.task('short', { bind: true }, (self) => {
      kept = self;
      throw new Error('x');
    }).delay(); // biome-ignore format: short
    await world.run();
    await expect(kept!.updateState({ state: 'PROGRESS' })).rejects.toMatchObject({ name: 'BackendStoreError' });
    expect((await world.document(sent.id))?.status).toBe('FAILURE');
  });

  it('does nothing without a backend', async () => {
    const world = createCanvasWorld();
    world.app.connect({ transport: world.memory, clock: world.clock });
    const states: string[] = [];
    world.app.on('taskPostrun', ({ state }) => void states.push(state));
    await world.app.task('slow', { bind: true }, async (self) => await self.updateState({ state: 'PROGRESS' })).delay();
    await world.run();
    expect(states).toEqual(['SUCCESS']);
  });
});

describe('a direct call', () => {
  it('has nothing to replace, to add to or to update', async () => {
    const { app } = createCanvasWorld({ backendFor: without('chords') });
    const signature = app.signature('x');
    const replaced = app.task('a', { bind: true }, (self): number => self.replace(signature));
    const added = app.task('b', { bind: true }, async (self) => void (await self.addToChord(signature)));
    const updated = app.task('c', { bind: true }, async (self) => await self.updateState({ state: 'PROGRESS' }));
    for (const call of [async () => await replaced(), added, updated]) {
      await expect(call()).rejects.toMatchObject({ name: 'ImproperlyConfigured', message: expect.stringContaining('was called directly') });
    }
  });
});

it.each([
  ['replaces itself', (self: TaskContext) => self.replace({ task: 'x' } as never)],
  ['adds to its chord', async (self: TaskContext) => void (await self.addToChord(undefined as never))],
])('a task that %s with what is no signature fails, once, and says why', async (_what, act) => {
  const world = createCanvasWorld();
  const { same } = createCanvasTasks(world.app);
  const odd = world.app.task('odd', { bind: true }, act as (self: TaskContext) => void);
  const sent = await chord([odd.s()], same.s()).applyAsync();
  await world.run('celery', 5);
  expect(world.ran()).toEqual(['odd']);
  expect((await world.document(sent.id))?.result).toMatchObject({ exc_message: [expect.stringContaining('ImproperlyConfigured')] });
});
