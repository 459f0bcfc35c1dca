import { describe, expect, it, vi } from 'vitest';
import { chord } from '../../../src/canvas/chord.ts';
import { OperationalError } from '../../../src/errors.ts';
import { createConsumer } from '../../../src/worker/consumer.ts';
import { idsOf } from '../../../src/worker/named-ids.ts';
import { createCanvasTasks, createCanvasWorld } from '../../support/canvas-world.ts';
import { toDelivery } from '../../support/worker.ts';

function createWorld(options: Parameters<typeof createCanvasWorld>[0] = {}) {
  const world = createCanvasWorld(options);
  return { ...world, tasks: createCanvasTasks(world.app) };
}

describe('the ids of what a task sends on', () => {
  it('are UUIDs that follow from task, purpose and count alone', () => {
    const take = (taskId: string, purpose: string) => {
      const next = idsOf(taskId, purpose);
      return [next(), next(), next()];
    };
    expect(take('a', 'success')).toEqual(take('a', 'success'));
    const all = [...take('a', 'success'), ...take('b', 'success'), ...take('a', 'errbacks'), ...take('a","success', '')];
    expect(new Set(all).size).toBe(12);
    for (const id of all) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('a message whose follow-ups cannot be sent for now', () => {
  it.each(['add', 'fail'])('is given back and has not ended: %s', async (name) => {
    const { app, tasks, memory, logger, clock, results } = createWorld();
    const task = name === 'add' ? tasks.add.s(1, 2).link(tasks.double.s()) : tasks.fail.s().linkError(tasks.told.s());
    await task.applyAsync();
    const error = new OperationalError('slow down', { retryable: false });
    const send: typeof memory.send = async (batch) => batch.map(() => ({ ok: false, error }));
    app.connect({ transport: { ...memory, send }, backend: results, clock, logger });
    const told: string[] = [];
    for (const signal of ['taskSuccess', 'taskFailure', 'taskPostrun'] as const) app.on(signal, () => void told.push(signal));
    const { body } = memory.messages('celery')[0]!;
    const consume = createConsumer(app, { hostname: 'h', pid: 1 });
    expect(await consume(toDelivery({ queue: 'celery', id: 'x', body }))).toEqual({ do: 'requeue' });
    expect(told).toEqual(['taskPostrun']);
    expect(logger.lines.at(-1)).toMatchObject({ acknowledged: false, error: { message: 'slow down' } });
  });
});

describe('a chord that was complete and could not go on', () => {
  it('is not the worse for not having been released', async () => {
    let sends = 0;
    const { tasks, run, logger, app, memory, clock, results } = createWorld();
    const sent = await chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync();
    const release = async (): Promise<never> => Promise.reject(new Error('not released'));
    const send: typeof memory.send = async (batch) => {
      if (sends++ === 0) throw new Error('down');
      return await memory.send(batch);
    };
    app.connect({ transport: { ...memory, send }, backend: { ...results, chords: { ...results.chords!, release } }, clock, logger });
    await run();
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'chord not released' }));
    expect(await sent.get()).toBe(3);
  });

  it('goes on where the backend has nothing to release', async () => {
    let sends = 0;
    const { tasks, run, logger, app, memory, clock, results } = createWorld();
    const sent = await chord([tasks.add.s(1, 2)], tasks.sum.s()).applyAsync();
    const { release: _, ...chords } = results.chords!;
    const send: typeof memory.send = async (batch) => {
      if (sends++ === 0) throw new Error('down');
      return await memory.send(batch);
    };
    app.connect({ transport: { ...memory, send }, backend: { ...results, chords }, clock, logger });
    await run();
    expect(await sent.get()).toBe(3);
  });
});

describe('what follows a failure and is no signature', () => {
  it('is logged, for it would be the same again', async () => {
    const { app, tasks, run, logger, document } = createWorld();
    const step = { toData: () => ({ task: 'celery.chord', args: [], kwargs: { header: [], body: { task: 5 } }, options: {}, subtask_type: 'chord', immutable: false }) }; // biome-ignore format: one signature
    const sent = await app.sendTask('fail', [], { chain: [step] });
    await run();
    expect((await document(sent.id))?.status).toBe('FAILURE');
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'what follows a failure cannot be sent' }));
    expect(tasks.fail.name).toBe('fail');
  });
});

describe('an errback that does not end', () => {
  it('is given up shortly before its receiver ends', async () => {
    const { app, tasks, clock, memory, logger, results } = createWorld();
    let aborted = false;
    const hangs = app.task('hangs', (_request: unknown, _error: unknown, _traceback: unknown) => new Promise<void>(() => {
      aborted = true;
    })); // biome-ignore format: short
    await tasks.fail.s().linkError(hangs.s()).applyAsync();
    app.connect({ transport: memory, backend: results, clock, logger });
    const consume = createConsumer(app, { hostname: 'h', pid: 1 });
    const { body } = memory.messages('celery')[0]!;
    const deadline = { atMs: clock.now() + 10_000, budgetMs: 10_000, atEnd: [] };
    expect(await consume({ ...toDelivery({ queue: 'celery', id: 'x', body }), deadline })).toEqual({ do: 'ack' });
    expect(aborted).toBe(true);
    expect(clock.now()).toBe(deadline.atMs - 250);
    const [line] = logger.lines.filter(({ message }) => message === 'errback failed');
    expect(line).toMatchObject({ task: 'hangs', error: { name: 'TimeLimitExceeded' } });
  });

  it('may take its time before that', async () => {
    const { app, tasks, memory, clock } = createWorld();
    let ended = false;
    const slow = app.task('slow', async (_request: unknown, _error: unknown, _traceback: unknown) => {
      await Promise.resolve();
      ended = true;
    });
    await tasks.fail.s().linkError(slow.s()).applyAsync();
    const consume = createConsumer(app, { hostname: 'h', pid: 1 });
    const { body } = memory.messages('celery')[0]!;
    const deadline = { atMs: clock.now() + 10_000, budgetMs: 10_000, atEnd: [] };
    await consume({ ...toDelivery({ queue: 'celery', id: 'x', body }), deadline });
    expect(ended).toBe(true);
  });
});

describe('a task that was given up at its limit', () => {
  it('has its errbacks sent, and adds nothing to its chord itself', async () => {
    const { app, tasks, run, callsOf } = createWorld();
    const refused: unknown[] = [];
    const late = app.task('late', { bind: true, timeLimit: 1 }, async (self) => {
      await new Promise((resolve) => self.signal.addEventListener('abort', resolve));
      await self.addToChord(tasks.add.s(1, 1)).catch((error: Error) => refused.push(error.message));
      await self.updateState({ state: 'PROGRESS' }).catch((error: Error) => refused.push(error.message));
    });
    const sent = await chord([late.s()], tasks.same.s()).linkError(tasks.told.s()).applyAsync();
    await run();
    const said = [expect.stringContaining('given up at its time limit'), expect.stringContaining('its run is over')];
    await vi.waitFor(() => expect(refused).toEqual(said));
    expect(callsOf('told').map(({ args }) => args)).toContainEqual([sent.id]);
    expect(callsOf('add')).toEqual([]);
  });
});
