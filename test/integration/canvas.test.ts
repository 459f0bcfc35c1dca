/** Canvas through the worker: what is sent on, with which ids, parents and roots, and what whoever waits for it finds. */

import { describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { group } from '../../src/canvas/group.ts';
import { createEagerTransport } from '../../src/testing/eager.ts';
import { createCanvasTasks, createCanvasWorld } from '../support/canvas-world.ts';

function createWorld(options: Parameters<typeof createCanvasWorld>[0] = {}) {
  const world = createCanvasWorld(options);
  return { ...world, tasks: createCanvasTasks(world.app) };
}

describe('callbacks', () => {
  it('are sent with the result put first, and are the children of the task', async () => {
    const { tasks, run, callsOf, document } = createWorld();
    const sent = await tasks.add.s(2, 3).link(tasks.double.s()).applyAsync();
    await run();
    const [callback] = callsOf('double');
    expect(callback).toMatchObject({ args: [5], headers: { parent_id: sent.id, root_id: sent.id } });
    expect(await document(sent.id)).toMatchObject({ result: 5, children: [[[callback!.headers.id, null], null]] });
    expect(await document(callback!.headers.id)).toMatchObject({ result: 10, parent_id: sent.id });
  });

  it('that are several go as a group, and groups among them each for itself', async () => {
    const { app, tasks, run, callsOf, document } = createWorld();
    const options = { link: [tasks.double.s(), group(tasks.add.s(10), tasks.add.s(20)), tasks.same.s()] };
    const sent = await app.sendTask('add', [2, 3], options as object);
    await run();
    const [double] = callsOf('double');
    const [same] = callsOf('same');
    const added = callsOf('add').slice(1);
    expect(double!.headers.group).toEqual(same!.headers.group);
    expect(added.map(({ args }) => args)).toEqual([[5, 10], [5, 20]]); // biome-ignore format: short
    expect(added[0]!.headers.group).not.toEqual(double!.headers.group);
    expect((await document(sent.id))?.children.map(([[id]]) => id)).toEqual([added[0]!.headers.group, double!.headers.group]);
  });

  it('that are immutable get no result', async () => {
    const { tasks, run, callsOf } = createWorld();
    await tasks.add.s(2, 3).link(tasks.double.si(8)).applyAsync();
    await run();
    expect(callsOf('double')).toMatchObject([{ args: [8] }]);
  });

  it('are given null by a task that returns nothing', async () => {
    const { tasks, run, callsOf } = createWorld();
    await tasks.nothing.s().link(tasks.same.s()).applyAsync();
    await run();
    expect(callsOf('same')).toMatchObject([{ args: [null] }]);
  });

  it('and chains need no backend', async () => {
    const { app, tasks, run, ran, memory, clock } = createWorld();
    app.connect({ transport: memory, clock });
    await chain(tasks.add.s(2, 3), tasks.double.s()).link(tasks.same.s()).applyAsync();
    await run();
    expect(ran()).toEqual(['add', 'double', 'same']);
  });

  it('keep the ids they have when their task is delivered again', async () => {
    const { tasks, run, callsOf, memory } = createWorld();
    await tasks.add.s(2, 3).link(group(tasks.double.s(), tasks.same.s()), tasks.double.s()).applyAsync();
    const { body } = memory.messages('celery')[0]!;
    await run();
    await memory.send([{ queue: 'celery', id: 'again', body }]);
    await run();
    const ids = (task: string) => callsOf(task).map(({ headers }) => headers.id);
    expect(ids('double')).toHaveLength(4);
    expect(new Set(ids('double')).size).toBe(2);
    expect(new Set([...ids('double'), ...ids('same')]).size).toBe(3);
    for (const id of ids('double')) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are not sent by a task that is ignored, rejected or tried again', async () => {
    const { app, tasks, run, ran } = createWorld();
    const { Ignore } = await import('../../src/errors.ts');
    let tries = 0;
    const ignored = app.task('ignored', () => {
      throw new Ignore();
    });
    const flaky = app.task('flaky', { bind: true }, (self) => {
      if (tries++ === 0) self.retry({ countdown: 0 });
      return 1;
    });
    await ignored.s().link(tasks.same.s()).applyAsync();
    await run();
    expect(ran()).toEqual(['ignored']);
    await flaky.s().link(tasks.same.s()).applyAsync();
    await run();
    expect(ran()).toEqual(['ignored', 'flaky', 'flaky', 'same']);
  });
});

describe('a chain', () => {
  it('goes on step by step under ids that were given when it was sent', async () => {
    const { tasks, run, calls, document } = createWorld();
    const sent = await chain(tasks.add.s(2, 3), tasks.add.s(10), tasks.double.s()).applyAsync();
    await run();
    expect(calls.map(({ task, args }) => [task, args])).toEqual([['add', [2, 3]], ['add', [5, 10]], ['double', [15]]]); // biome-ignore format: short
    const [first, second, third] = calls.map(({ headers }) => headers);
    expect(third!.id).toBe(sent.id);
    expect([second!.parent_id, third!.parent_id]).toEqual([first!.id, second!.id]);
    expect([second!.root_id, third!.root_id]).toEqual([first!.id, first!.id]);
    expect((await document(first!.id))?.children).toEqual([[[second!.id, null], null]]);
    expect(await sent.get()).toBe(30);
  });

  it('that ends in a group, or is a chord in the middle, comes to nested results', async () => {
    const { tasks, run } = createWorld();
    const ending = await chain(tasks.add.s(1, 2), group(tasks.add.s(10), tasks.add.s(20))).applyAsync();
    const inside = await chain(tasks.add.s(1, 2), group(tasks.add.s(10), tasks.add.s(20)), tasks.sum.s(), tasks.double.s()).applyAsync();
    await run();
    expect(await ending.get()).toEqual([13, 23]);
    expect(await inside.get()).toBe(72);
  });

  it('runs at once over an eager transport', async () => {
    const { app, tasks, ran } = createWorld();
    app.connect({ transport: createEagerTransport(app), backend: createMemoryBackend() });
    const sent = await chain(group(tasks.add.s(1, 2), tasks.add.s(3, 4)), tasks.sum.s(), tasks.double.s()).applyAsync();
    expect(await sent.get()).toBe(20);
    expect(ran()).toEqual(['add', 'add', 'sum', 'double']);
  });
});

describe('a chord', () => {
  it('sends its body once with the results in header order, under the id that was given', async () => {
    const { tasks, run, callsOf } = createWorld();
    const sent = await chord([tasks.add.s(1, 2), tasks.add.s(3, 4), tasks.double.s(5)], tasks.sum.s()).applyAsync();
    await run();
    expect(await sent.get()).toBe(20);
    const parts = [...callsOf('add'), ...callsOf('double')];
    expect(callsOf('sum')).toMatchObject([{ args: [[3, 7, 10]], headers: { id: sent.id } }]);
    expect(parts.map(({ headers }) => headers.id)).toContain(callsOf('sum')[0]!.headers.parent_id);
  });

  it.each([
    [1, 2],
    [12, 156],
  ])('of %i parts completes', async (parts, expected) => {
    const { tasks, run, callsOf } = createWorld();
    const sent = await chord(
      Array.from({ length: parts }, (_, n) => tasks.add.s(n + 1, n + 1)),
      tasks.sum.s(),
    ).applyAsync();
    await run();
    expect(await sent.get()).toBe(expected);
    expect(callsOf('sum')).toHaveLength(1);
  });

  it('without a header sends its body at once', async () => {
    const { tasks, run } = createWorld();
    const sent = await chord([], tasks.sum.s() as never).applyAsync();
    await run();
    expect(await (sent as { get(): Promise<unknown> }).get()).toBe(0);
  });

  it('counts chains by their last step, groups by their members and chords by their bodies', async () => {
    const { tasks, run, callsOf } = createWorld();
    const header = [
      chain(tasks.add.s(1, 2), tasks.double.s()),
      chord([tasks.add.s(3, 4), tasks.add.s(5, 6)], tasks.sum.s()),
      tasks.add.s(7, 8),
      group(tasks.double.s(1), tasks.double.s(2)),
    ] as const;
    const sent = await chord(header, tasks.same.s()).applyAsync();
    await run();
    expect(await sent.get()).toEqual([6, 18, 15, 4, 2]);
    expect(callsOf('same')).toHaveLength(1);
  });

  it('may have a group, a chain or a chord as its body', async () => {
    const { tasks, run } = createWorld();
    const header = [tasks.add.s(1, 2), tasks.add.s(3, 4)] as const;
    const toGroup = await chord(header, group(tasks.sum.s(), tasks.same.s())).applyAsync();
    const toChain = await chord(header, chain(tasks.sum.s(), tasks.double.s())).applyAsync();
    const toChord = await chord(header, chord([tasks.sum.s(), tasks.sum.s()], tasks.same.s())).applyAsync();
    await run();
    expect(await toGroup.get()).toEqual([10, [3, 7]]);
    expect(await toChain.get()).toBe(20);
    expect(await toChord.get()).toEqual([10, 10]);
  });

  it('takes the results of parts that keep none', async () => {
    const { tasks, run, document, callsOf } = createWorld();
    const sent = await chord([tasks.add.s(1, 2).set({ ignoreResult: true }), tasks.add.s(3, 4)], tasks.sum.s()).applyAsync();
    await run();
    expect(await sent.get()).toBe(10);
    expect(await document(callsOf('add')[0]!.headers.id)).toBeUndefined();
  });

  it('waits for a part that is tried again', async () => {
    const { app, tasks, run } = createWorld();
    const flaky = app.task('flaky', { bind: true }, (self) => (self.retries < 2 ? self.retry({ countdown: 1 }) : 5));
    const sent = await chord([flaky.s(), tasks.add.s(1, 2)], tasks.sum.s()).applyAsync();
    await run();
    expect(await sent.get()).toBe(8);
  });

  it('counts a part that is delivered again once', async () => {
    const { tasks, run, memory, callsOf } = createWorld();
    await chord([tasks.add.s(1, 2), tasks.add.s(3, 4)], tasks.sum.s()).applyAsync();
    const bodies = memory.messages('celery').map(({ body }) => body);
    await memory.send([...bodies, bodies[0]!].map((body, at) => ({ queue: 'celery', id: `again-${at}`, body })));
    await run();
    expect(callsOf('sum')).toMatchObject([{ args: [[3, 7]] }]);
  });

  it('that has ended sends its body no more, whichever part is delivered again', async () => {
    const { tasks, run, memory, callsOf } = createWorld();
    await chord([tasks.add.s(1, 2), tasks.add.s(3, 4)], tasks.sum.s()).applyAsync();
    const bodies = memory.messages('celery').map(({ body }) => body);
    await run();
    await memory.send(bodies.map((body, at) => ({ queue: 'celery', id: `again-${at}`, body })));
    await run();
    expect(callsOf('add')).toHaveLength(4);
    expect(callsOf('sum')).toHaveLength(1);
  });

  it('sent from inside a task has the task as parent, and its body among the children', async () => {
    const { app, tasks, run, callsOf, document } = createWorld();
    const outer = app.task('outer', async () => (await chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync()).id);
    const sent = await outer.delay();
    await run();
    const [part] = callsOf('add');
    expect(part!.headers).toMatchObject({ parent_id: sent.id, root_id: sent.id });
    expect(callsOf('sum')[0]!.headers.root_id).toBe(sent.id);
    expect((await document(sent.id))?.children).toHaveLength(1);
  });

  it('of parts that were revoked or expired fails', async () => {
    const { tasks, run, callsOf, document } = createWorld();
    const late = tasks.add.s(1, 2).set({ expires: -1 });
    const sent = await chord([late, tasks.add.s(3, 4)], tasks.sum.s()).applyAsync();
    await run();
    expect(callsOf('sum')).toEqual([]);
    expect((await document(sent.id))?.result).toMatchObject({
      exc_type: 'ChordError',
      exc_module: 'celery.exceptions',
      exc_message: [expect.stringMatching(/^Dependency .* raised TaskRevokedError\('expired'\)$/)],
    });
  });
});

describe('a task that returns a result', () => {
  it('is stored with its tuple', async () => {
    const { app, tasks, run, document } = createWorld();
    const outer = app.task('outer', async () => (await tasks.add.delay(1, 2)) as never);
    const sent = await outer.delay();
    await run();
    expect((await document(sent.id))?.result).toEqual([[expect.any(String), null], null]);
  });
});
