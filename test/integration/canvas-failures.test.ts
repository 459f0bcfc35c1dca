/** Canvas that fails: who is told, what is stored for what never runs, and errbacks in both of Celery's styles. */

import { describe, expect, it } from 'vitest';
import type { TaskRequest } from '../../src/app/task-request.ts';
import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { group } from '../../src/canvas/group.ts';
import { EncodeError } from '../../src/errors.ts';
import type { ResultTuple } from '../../src/wire/result.ts';
import { createCanvasTasks, createCanvasWorld } from '../support/canvas-world.ts';

interface Heard {
  readonly id: string;
  readonly task: string;
  readonly error: { readonly name: string; readonly message: string };
  readonly traceback: unknown;
  readonly stored: readonly unknown[];
}

function createWorld(options: Parameters<typeof createCanvasWorld>[0] = {}) {
  const world = createCanvasWorld(options);
  const heard: Heard[] = [];
  const hears = world.app.task('hears', (request: TaskRequest, error: Error, traceback: string | null, ...stored: unknown[]) => {
    heard.push({ id: request.id, task: request.task, error, traceback, stored });
  });
  return { ...world, heard, tasks: { ...createCanvasTasks(world.app), hears } };
}

const BOOM = { exc_type: 'RangeError', exc_message: ['boom'], exc_module: 'javascript' };
const chordError = (reason: string) => ({ exc_type: 'ChordError', exc_message: [reason], exc_module: 'celery.exceptions' });

/** Ids of a chain's steps, first to last. */
function stepsOf(tuple: ResultTuple): string[] {
  const [[id, parent]] = tuple;
  return [...(parent ? stepsOf(parent) : []), id];
}

describe('errbacks', () => {
  it('that take one argument are sent with the id of the task that failed', async () => {
    const { tasks, run, callsOf } = createWorld();
    const sent = await tasks.fail.s().linkError(tasks.told.s(), tasks.told.s()).applyAsync();
    await run();
    expect(callsOf('told')).toMatchObject([{ args: [sent.id], headers: { parent_id: sent.id, root_id: sent.id } }]);
  });

  it('that take more are called here and now with request, error and traceback before what they hold themselves', async () => {
    const { tasks, run, heard, ran } = createWorld();
    const sent = await tasks.fail.s().linkError(tasks.hears.s()).applyAsync();
    await run();
    expect(heard).toMatchObject([{ id: sent.id, task: 'fail', error: { name: 'RangeError', message: 'boom' } }]);
    expect(heard[0]!.traceback).toMatch(/^RangeError: boom\n/);
    expect(ran()).toEqual(['fail']);
  });

  it('that hold arguments are told apart by those that are left', async () => {
    const { app, run, heard, callsOf, tasks } = createWorld();
    const three = app.task('three', (_a: unknown, _b: unknown, _c: unknown) => {});
    const four = app.task('four', (_a: unknown, error: Error, _c: unknown, _own: string) => {
      heard.push({ id: 'four', task: 'four', error, traceback: null, stored: [] });
    });
    await tasks.fail.s().linkError(three.s('b', 'c') as never, four.s('own') as never).applyAsync(); // biome-ignore format: short
    await run();
    expect(callsOf('three')).toHaveLength(1);
    expect(heard.map(({ id }) => id)).toEqual(['four']);
  });

  it.each(['bound', 'immutable', 'not registered here'])('that are %s are sent', async (how) => {
    const { app, tasks, run, waiting, heard } = createWorld();
    const bound = app.task('bound', { bind: true }, (_self, _request: unknown, _error: unknown) => {});
    const errback = { bound: bound.s(), immutable: tasks.told.si('x'), 'not registered here': app.signature('elsewhere') }[how]!;
    await tasks.fail.s().linkError(errback as never).applyAsync(); // biome-ignore format: short
    const [message] = waiting();
    expect(message!.embed.errbacks).toHaveLength(1);
    await run('celery', 0).catch(() => {});
    const [sent] = waiting();
    expect(sent).toMatchObject(how === 'immutable' ? { args: ['x'] } : { args: [message!.headers.id] });
    expect(heard).toEqual([]);
  });

  it('that fail or cannot be sent are logged, and the others called all the same', async () => {
    const { app, tasks, run, logger, heard, document } = createWorld();
    const broken = app.task('broken', (_request: unknown, _error: unknown, _traceback: unknown) => {
      throw new Error('broken errback');
    });
    const unsendable = app.signature('told', [], { taskId: 'x', serializer: 'no such' });
    const sent = await tasks.fail.s().linkError(broken.s(), unsendable as never, tasks.hears.s()).applyAsync(); // biome-ignore format: short
    await run();
    expect(heard).toHaveLength(1);
    expect(logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'errback failed',
      'errbacks cannot be sent',
      'task failed',
    ]);
    expect(await document(sent.id)).toMatchObject({ status: 'FAILURE', result: BOOM });
  });

  it('have what they send counted as sent by the task that failed', async () => {
    const { app, tasks, run, callsOf } = createWorld();
    const sends = app.task('sends', async (_request: unknown, _error: unknown, _traceback: unknown) => void (await tasks.nothing.delay()));
    const sent = await tasks.fail.s().linkError(sends.s()).applyAsync();
    await run();
    expect(callsOf('nothing')[0]!.headers).toMatchObject({ parent_id: sent.id, root_id: sent.id });
  });

  it('are not called for a task that is tried again, until it has failed for good', async () => {
    const { app, tasks, run, heard } = createWorld();
    const flaky = app.task('flaky', { autoretryFor: [Error], maxRetries: 2, defaultRetryDelay: 1 }, () => {
      throw new Error('again');
    });
    await flaky.s().linkError(tasks.hears.s()).applyAsync();
    await run();
    expect(heard).toHaveLength(1);
  });
});

describe('a chain that fails', () => {
  it('has the failure stored for all the steps that never run', async () => {
    const { tasks, run, document, ran } = createWorld();
    const sent = await chain(tasks.add.s(1, 2), tasks.fail.s(), tasks.double.s(), tasks.double.s()).applyAsync();
    const ids = stepsOf(sent.toTuple());
    await run();
    expect(ran()).toEqual(['add', 'fail']);
    const documents = await Promise.all(ids.map(document));
    expect(documents.map((found) => found?.status)).toEqual(['SUCCESS', 'FAILURE', 'FAILURE', 'FAILURE']);
    for (const found of documents.slice(1)) expect(found).toMatchObject({ result: BOOM, traceback: expect.stringContaining('boom') });
    await expect(sent.get()).rejects.toMatchObject({ excType: 'RangeError' });
  });

  it('calls its errbacks once', async () => {
    const { tasks, run, heard } = createWorld();
    const sent = await chain(tasks.fail.s(), tasks.double.s(), tasks.double.s()).linkError(tasks.hears.s()).applyAsync();
    await run();
    expect(heard.map(({ id }) => id)).toEqual([stepsOf(sent.toTuple())[0]]);
  });

  it('stores names and arguments with them where results are extended', async () => {
    const { tasks, run, document } = createWorld({ settings: { resultExtended: true } });
    const sent = await chain(tasks.fail.s(), tasks.add.s(7)).applyAsync();
    await run();
    expect(await document(sent.id)).toMatchObject({ name: 'add', args: [7], kwargs: {}, retries: 0 });
  });

  it('stores nothing for them where the task that failed stores nothing', async () => {
    const { tasks, run, results } = createWorld();
    await chain(tasks.fail.s().set({ ignoreResult: true }), tasks.double.s()).applyAsync();
    await run();
    expect(results.documents().size).toBe(0);
  });

  it('fails the chord it is a part of, and the body of a chord that is one of its steps', async () => {
    const { tasks, run, document, callsOf } = createWorld();
    const part = await chord([chain(tasks.fail.s(), tasks.double.s()), tasks.add.s(1, 2)], tasks.sum.s()).applyAsync();
    const step = await chain(tasks.fail.s(), group(tasks.add.s(1), tasks.add.s(2)), tasks.sum.s()).applyAsync();
    await run();
    expect(callsOf('sum')).toEqual([]);
    expect((await document(part.id))?.result).toEqual(chordError(expect.stringMatching(/^Dependency .* raised RangeError\('boom'\)$/)));
    expect(await document(step.id)).toMatchObject({ status: 'FAILURE', result: BOOM });
  });
});

describe('a task whose follow-ups cannot be written', () => {
  it('fails, and they are told', async () => {
    const { app, tasks, run, document, heard } = createWorld();
    const strange = app.task('strange', () => new Map() as never);
    const sent = await chain(strange.s(), tasks.double.s() as never).linkError(tasks.hears.s()).applyAsync(); // biome-ignore format: short
    await run();
    expect(await document((sent as { id: string }).id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'EncodeError' } });
    expect(heard).toMatchObject([{ task: 'strange', error: { name: EncodeError.name } }]);
  });
});

describe('a chord that fails', () => {
  it('never runs its body, which ends with what failed, once all parts have ended', async () => {
    const { tasks, run, document, callsOf, heard } = createWorld();
    const header = [tasks.add.s(1, 2), tasks.fail.s(), tasks.fail.s()];
    const sent = await chord(header, tasks.sum.s().linkError(tasks.hears.s())).applyAsync();
    await run();
    const failed = callsOf('fail')[0]!.headers.id;
    expect(callsOf('sum')).toEqual([]);
    expect(await document(sent.id)).toEqual({
      status: 'FAILURE',
      result: chordError(`Dependency ${failed} raised RangeError('boom')`),
      traceback: expect.stringContaining('boom'),
      children: [],
      date_done: expect.any(String),
      task_id: sent.id,
    });
    expect(heard).toMatchObject([{ id: sent.id, task: 'sum', error: { name: 'ChordError' }, traceback: null }]);
  });

  it('sends the body’s errbacks of the old style with its id', async () => {
    const { tasks, run, callsOf } = createWorld();
    const sent = await chord([tasks.fail.s()], tasks.sum.s().linkError(tasks.told.s())).applyAsync();
    await run();
    expect(callsOf('told')).toMatchObject([{ args: [sent.id], headers: { parent_id: sent.id, root_id: sent.id } }]);
  });

  it('fails each member of a body that is a group, with what failed itself, and calls its errbacks', async () => {
    const { tasks, run, document, heard } = createWorld();
    const sent = await chord([tasks.fail.s()], group(tasks.sum.s().linkError(tasks.hears.s()), tasks.same.s())).applyAsync();
    const members = sent.toTuple()[1]!.map(([[id]]) => id);
    await run();
    for (const id of [...members, sent.id]) expect(await document(id)).toMatchObject({ status: 'FAILURE', result: BOOM });
    expect(heard.map(({ id }) => id)).toEqual([members[0]]);
  });

  it('fails the steps after it', async () => {
    const { tasks, run, document, ran } = createWorld();
    const sent = await chain(group(tasks.fail.s(), tasks.add.s(1, 2)), tasks.sum.s(), tasks.double.s(), tasks.double.s()).applyAsync();
    await run();
    expect(ran()).toEqual(['fail', 'add']);
    expect((await document(sent.id))?.result).toEqual(chordError(expect.stringContaining("raised RangeError('boom')")));
  });

  it('fails the chord around it, which would wait for ever', async () => {
    const { tasks, run, document, callsOf } = createWorld();
    const inner = chord([tasks.fail.s(), tasks.add.s(1, 2)], tasks.sum.s());
    const toGroup = chord([tasks.fail.s(), tasks.add.s(1, 2)], group(tasks.sum.s(), tasks.sum.s()));
    const [one, two] = [
      await chord([inner, tasks.add.s(3, 4)], tasks.same.s()).applyAsync(),
      await chord([toGroup, tasks.add.s(3, 4)], tasks.same.s()).applyAsync(),
    ];
    await run();
    expect(callsOf('same')).toEqual([]);
    expect(await document(one.id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'ChordError' } });
    expect(await document(two.id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'ChordError' } });
  });

  it('whose body cannot be sent fails with the reason', async () => {
    const { app, tasks, run, document } = createWorld();
    const sent = await chord([tasks.add.s(1, 2)], app.signature('sum', [], { serializer: 'no such' })).applyAsync();
    await run();
    expect((await document(sent.id))?.result).toEqual(chordError(expect.stringMatching(/^Callback error: ImproperlyConfigured\(/)));
  });

  it('is told by a header task whose errors are kept nowhere', async () => {
    const { tasks, run, document } = createWorld();
    const sent = await chord([tasks.fail.s().set({ ignoreResult: true })], tasks.sum.s()).applyAsync();
    await run();
    expect((await document(sent.id))?.result).toMatchObject({ exc_type: 'ChordError' });
  });
});

describe('a header whose chain fails before it ends', () => {
  it('in a group fails the group’s members, and the chord with them', async () => {
    const world = createCanvasWorld();
    const { fail, same } = createCanvasTasks(world.app);
    const sent = await chord([chain(fail.s(1), group(same.s(), chain(same.s(), same.s())))], same.s()).applyAsync();
    await world.run();
    expect(await sent.state()).toBe('FAILURE');
    expect((await world.document(sent.id))?.result).toMatchObject({ exc_type: 'ChordError' });
    expect(world.ran()).toEqual(['fail']);
  });

  it('in a chord whose body is a chord fails all of them, and nothing is given back', async () => {
    const world = createCanvasWorld();
    const { fail, same } = createCanvasTasks(world.app);
    const inner = chord([fail.s(1)], chord([same.s(), same.si(3)], same.s()));
    const sent = await chord([inner], same.s()).applyAsync();
    await world.run('celery', 5);
    expect(await sent.state()).toBe('FAILURE');
    expect(world.ran()).toEqual(['fail']);
  });
});

describe('a part that cannot be counted for what it is', () => {
  it('fails its chord, for its result cannot be written and is not kept either', async () => {
    const world = createCanvasWorld();
    const { same } = createCanvasTasks(world.app);
    const odd = world.app.task('odd', { ignoreResult: true }, (): string => new Map() as unknown as string);
    const sent = await chord([odd.s(), same.s(1)], same.s()).applyAsync();
    await world.run('celery', 5);
    expect((await world.document(sent.id))?.result).toMatchObject({
      exc_type: 'ChordError',
      exc_message: [expect.stringContaining('EncodeError')],
    });
    expect(world.ran().sort()).toEqual(['odd', 'same']);
  });

  it('is done with where its body is no signature', async () => {
    const world = createCanvasWorld();
    const { same, fail } = createCanvasTasks(world.app);
    const body = { task: 'celery.group', args: [], kwargs: { tasks: 5 }, options: {}, subtask_type: 'group', immutable: false };
    for (const task of [same, fail]) {
      await world.results.chords!.begin({
        groupId: `g-${task.name}`,
        size: 1,
        header: [[`g-${task.name}`, null], []],
        expiresSeconds: null,
      });
      await task.applyAsync([1], { groupId: `g-${task.name}`, chord: { toData: () => body } as never });
    }
    await world.run('celery', 5);
    expect(world.ran()).toEqual(['same', 'fail']);
  });

  it('runs with a state it did not wait to be stored', async () => {
    const world = createCanvasWorld();
    const hasty = world.app.task('hasty', { bind: true }, (self) => {
      void self.updateState({ state: 'PROGRESS', meta: 1 });
      return 'done';
    });
    const sent = await hasty.delay();
    await world.run();
    expect(await sent.get()).toBe('done');
    await expect.poll(() => world.logger.lines.map(({ message }) => message)).toContain('what a task asked of its worker failed');
  });
});
