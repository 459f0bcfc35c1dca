/** Chords over a backend that counts none: celery.chord_unlock looks until the header has ended. */

import { describe, expect, it } from 'vitest';
import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { group } from '../../src/canvas/group.ts';
import { BackendGetError } from '../../src/errors.ts';
import { createCanvasTasks, createCanvasWorld, without } from '../support/canvas-world.ts';

function createWorld(options: Parameters<typeof createCanvasWorld>[0] = { backendFor: without('chords') }) {
  const world = createCanvasWorld(options);
  return { ...world, tasks: createCanvasTasks(world.app) };
}

const unlocksOf = ({ callsOf }: ReturnType<typeof createWorld>) => callsOf('celery.chord_unlock');

describe('a chord whose parts nobody counts', () => {
  it.each([[[]], [['fetchMany']]] as const)('is completed by looking, without %j', async (more) => {
    const { tasks, run, callsOf } = createWorld({ backendFor: without('chords', ...more) });
    const header = [chain(tasks.add.s(1, 2), tasks.double.s()), group(tasks.add.s(3, 4), tasks.add.s(5, 6)), tasks.add.s(7, 8)] as const;
    const sent = await chord(header, tasks.same.s()).applyAsync();
    await run();
    expect(await sent.get()).toEqual([6, 11, 7, 15]);
    expect(callsOf('same')).toMatchObject([{ headers: { id: sent.id } }]);
  });

  it('is looked at again and again, for as long as it takes, with a delay each time', async () => {
    const world = createWorld();
    const { app, tasks, run, clock, memory } = world;
    const slow = app.task('slow', () => 5);
    const sent = await chord([slow.s().set({ queue: 'other' }), tasks.add.s(1, 1)], tasks.sum.s()).applyAsync();
    const delays = new Set<unknown>();
    app.on('afterTaskPublish', ({ task }) => {
      if (task === 'celery.chord_unlock') delays.add(memory.messages('celery').length);
    });
    await expect(run('celery', 60)).rejects.toThrow('does not get empty');
    expect(unlocksOf(world).length).toBeGreaterThan(25);
    const { retries, ignore_result } = unlocksOf(world).at(-1)!.headers;
    expect([retries! > 25, ignore_result]).toEqual([true, true]);
    expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await run('other');
    await clock.advance(2000);
    await run();
    expect(await sent.get()).toBe(7);
  });

  it('fails like any other', async () => {
    const { tasks, run, callsOf, document } = createWorld();
    const sent = await chord([tasks.add.s(1, 2), tasks.fail.s()], tasks.sum.s().linkError(tasks.told.s())).applyAsync();
    await run();
    expect(callsOf('sum')).toEqual([]);
    expect(callsOf('told')).toMatchObject([{ args: [sent.id] }]);
    const failed = callsOf('fail')[0]!.headers.id;
    expect((await document(sent.id))?.result).toMatchObject({
      exc_type: 'ChordError',
      exc_message: [`Dependency ${failed} raised RangeError('boom')`],
    });
  });

  it('fails when it may not be looked at any more', async () => {
    const world = createWorld();
    const { app, tasks, run, document } = world;
    const kwargs = { max_retries: 2, interval: 1, result: [[['never', null], null]] };
    const body = { ...tasks.sum.s().toData(), options: { task_id: 'the-body' } };
    const { id } = await app.sendTask('celery.chord_unlock', ['a-group', body], { kwargs });
    await run();
    expect(unlocksOf(world)).toHaveLength(3);
    expect((await document('the-body'))?.result).toMatchObject({
      exc_type: 'ChordError',
      exc_message: [expect.stringMatching(/^chord_unlock could not be retried: MaxRetriesExceededError\(/)],
    });
    expect((await document(id))?.status ?? 'ignored').toMatch(/FAILURE|ignored/);
  });

  it('is looked at later when the backend cannot be read, and its body sent again when it could not be', async () => {
    let failures = 3;
    const { tasks, run } = createWorld({
      backendFor: (results) => ({
        ...without('chords')(results),
        async fetchMany(ids) {
          if (failures-- > 0) throw new BackendGetError('down');
          return await results.fetchMany!(ids);
        },
      }),
    });
    const sent = await chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync();
    await run();
    expect(await sent.get()).toBe(3);
  });

  it('is completed later when its body cannot be sent now', async () => {
    const { tasks, run, memory, app, clock, results, logger } = createWorld();
    let refusals = 1;
    const send: typeof memory.send = async (batch) => {
      if (batch.some(({ id }) => id === 'the-body') && refusals-- > 0) throw new Error('down');
      return await memory.send(batch);
    };
    app.connect({ backend: without('chords')(results), clock, logger, transport: { ...memory, send } });
    const sent = await chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync([], { taskId: 'the-body' });
    await run();
    expect(await sent.get()).toBe(3);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'chord not completed' }));
  });

  it('without a backend cannot be sent', async () => {
    const { app, tasks, memory, clock } = createWorld();
    app.connect({ transport: memory, clock });
    await expect(chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync()).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(memory.messages('celery')).toEqual([]);
  });
});
