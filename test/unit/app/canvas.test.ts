import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { type CurrentRun, runWithin } from '../../../src/app/current.ts';
import type { Settings } from '../../../src/app/settings.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { chain } from '../../../src/canvas/chain.ts';
import { chord } from '../../../src/canvas/chord.ts';
import { group } from '../../../src/canvas/group.ts';
import { AsyncResult } from '../../../src/results/async-result.ts';
import { GroupResult } from '../../../src/results/group-result.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { createRecordingTransport, refused } from '../../support/recording.ts';
import { plain } from '../../support/signatures.ts';

function setUp(settings: Partial<Settings> = {}, answer?: Parameters<typeof createRecordingTransport>[0]) {
  const transport = createRecordingTransport(answer);
  const app = createApp('shop', settings).connect({ transport, backend: createMemoryBackend() });
  const add = app.task('add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);
  const sum = app.task('sum', (numbers: readonly number[]) => numbers.length);
  const quiet = app.task('quiet', { ignoreResult: true }, (x: number) => x);
  const mail = app.task('mail', { kwargs: true }, (to: string, k: { subject: string }) => to + k.subject);
  const messages = () => transport.sent.map(({ body }) => readMessage(body, { codecs: createCodecs({}) }));
  return { app, add, sum, quiet, mail, transport, messages };
}

const run = (): CurrentRun =>
  ({ request: {} as never, id: 'parent', rootId: 'root', children: undefined, retry: undefined, over: false }) as unknown as CurrentRun;

describe('a signature that is sent', () => {
  it('is one message, its options and those of the call merged', async () => {
    const { add, messages, transport } = setUp();
    const result = await add.s(2).set({ queue: 'x', shadow: 'a' }).applyAsync([1], { shadow: 'b' });
    expect(result).toBeInstanceOf(AsyncResult);
    expect(messages()).toMatchObject([{ headers: { task: 'add', id: result.id, root_id: result.id, shadow: 'b' }, args: [1, 2] }]);
    expect(transport.sent).toMatchObject([{ queue: 'x' }]);
  });

  it('carries keywords and links', async () => {
    const { mail, add, messages } = setUp();
    await mail
      .signature(['ada'], { kwargs: { subject: 'hello' } })
      .link(add.si(1, 1))
      .linkError(add.si(2, 2))
      .applyAsync();
    expect(messages()).toMatchObject([
      { args: ['ada'], kwargs: { subject: 'hello' }, embed: { callbacks: [{ args: [1, 1] }], errbacks: [{ args: [2, 2] }] } },
    ]);
  });

  it('has the id it was given', async () => {
    const { add } = setUp();
    expect(await add.s(1, 1).applyAsync([], { taskId: 'my-id' })).toMatchObject({ id: 'my-id' });
  });

  it('gives a result that is known to be ignored, where the call or the task says so', async () => {
    const { add, quiet } = setUp();
    expect(await quiet.s(1).delay()).toMatchObject({ ignored: true });
    expect(await quiet.s(1).applyAsync([], { ignoreResult: false })).toMatchObject({ ignored: false });
    expect(await add.s(1, 1).set({ ignoreResult: true }).applyAsync()).toMatchObject({ ignored: true });
    expect(await (await quiet.s(1).delay()).get()).toBe(null);
  });

  it('refuses options that do not exist', async () => {
    await expect(
      setUp()
        .add.s(1, 1)
        .applyAsync([], { contdown: 1 } as never),
    ).rejects.toThrow("did you mean 'countdown'?");
  });

  it('rejects when it is not accepted', async () => {
    const { add } = setUp({}, refused);
    await expect(add.s(1, 1).applyAsync()).rejects.toMatchObject({ name: 'OperationalError' });
  });
});

describe('a canvas that is sent', () => {
  it('starts a chain with its first task, which has the rest with it', async () => {
    const { add, messages } = setUp();
    const result = await chain(add.s(1, 1), add.s(2), add.s(3)).applyAsync();
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toMatchObject({ args: [1, 1], embed: { chain: [{ args: [3] }, { args: [2] }] } });
    expect(result).toMatchObject({ parent: { parent: { id: messages()[0]?.headers.id } } });
    expect(messages()[0]?.embed.chain?.[0]?.options).toMatchObject({ task_id: result.id });
  });

  it('sends all members of a group', async () => {
    const { add, messages } = setUp();
    const result = await group([1, 2, 3].map((x) => add.s(x))).delay(5);
    expect(result).toBeInstanceOf(GroupResult);
    expect(result.results.map(({ id }) => id)).toEqual(messages().map(({ headers }) => headers.id));
    expect(messages().map(({ args, headers }) => [args, headers.group])).toEqual([1, 2, 3].map((x) => [[5, x], result.id]));
  });

  it('sends a chord’s header, each part with the body', async () => {
    const { add, sum, messages } = setUp();
    const result = await chord([add.s(1, 1), add.s(2, 2)], sum.s()).applyAsync();
    expect(messages()).toHaveLength(2);
    for (const { embed } of messages()) expect(embed.chord).toMatchObject({ task: 'sum', options: { task_id: result.id } });
  });

  it('is the same whether arguments are given before or when it is sent', async () => {
    const { add, sum, messages } = setUp();
    const canvases = [chain(add.s(1), add.s(2)), group(add.s(1), add.s(2)), chord([add.s(1), add.s(2)], sum.s())] as const;
    for (const canvas of canvases) {
      await (canvas as (typeof canvases)[0]).delay(5);
      await (canvas as (typeof canvases)[0]).partial([5]).delay();
    }
    const args = messages().map((message) => message.args);
    expect(args).toEqual([[5, 1], [5, 1], ...[1, 2, 1, 2, 1, 2, 1, 2].map((y) => [5, y])]);
  });

  it('asks the setting whether errbacks go to a chord’s header', async () => {
    for (const [setting, expected] of [
      [true, 1],
      [false, undefined],
    ] as const) {
      // biome-ignore format: pairs
      const { add, sum, messages } = setUp({ taskAllowErrorCbOnChordHeader: setting });
      await chord([add.s(1, 1), add.s(2, 2)], sum.s())
        .linkError(add.si(1, 1))
        .applyAsync();
      expect(messages()[0]?.embed.errbacks?.length).toBe(expected);
    }
  });

  it('counts as a child of the task that sends it, unless it shall not', async () => {
    const { add } = setUp();
    const current = run();
    const [single, all] = await runWithin(current, async () => [
      await add.s(1, 1).applyAsync(),
      await group(add.s(1, 1), add.s(2, 2)).applyAsync(),
      await add.s(1, 1).applyAsync([], { addToParent: false }),
    ]);
    expect(current.children).toEqual([single!.toTuple(), all!.toTuple()]);
  });

  it('sends chunks as a group of starmaps', async () => {
    const { add, messages } = setUp();
    const result = await add.chunks([[1, 1], [2, 2], [3, 3]], 2).applyAsync(); // biome-ignore format: one line
    expect(result.results).toHaveLength(2);
    expect(messages().map(({ headers }) => headers.task)).toEqual(['celery.starmap', 'celery.starmap']);
  });

  it.each([
    ['a group with a link', () => ({ link: setUp().add.s(1) })],
    ['a group with an errback', () => ({ linkError: setUp().add.s(1) })],
  ])('refuses %s in its call', async (_what, options) => {
    const { add, transport } = setUp();
    await expect(group(add.s(1, 1), add.s(2, 2)).applyAsync([], options())).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(transport.sent).toEqual([]);
  });
});

describe('app.signature()', () => {
  it('makes one of a name, of data, or of a signature', () => {
    const { app, add } = setUp();
    const expected = plain('add', [1, 2]);
    expect(app.signature('add', [1, 2]).toData()).toEqual(expected);
    expect(app.signature({ task: 'add', args: [2] }, [1]).toData()).toEqual(expected);
    expect(app.signature(add.s(2), [1]).toData()).toEqual(expected);
    expect(app.signature('add', [], { kwargs: { x: 1 }, countdown: 3 }).toData()).toEqual(
      plain('add', [], { kwargs: { x: 1 }, options: { countdown: 3 } }),
    );
  });

  it('is sent by the app', async () => {
    const { app, messages } = setUp();
    await app.signature(JSON.parse(JSON.stringify(chain(app.signature('a', [1]), app.signature('b'))))).delay();
    expect(messages()).toMatchObject([{ headers: { task: 'a' }, embed: { chain: [{ task: 'b' }] } }]);
  });

  it('refuses a canvas that is none', () => {
    for (const kwargs of [{}, { tasks: 1 }, { tasks: [1] }])
      expect(() => setUp().app.signature({ task: 'celery.chain', subtask_type: 'chain', kwargs })).toThrow(
        expect.objectContaining({ name: 'EncodeError', message: expect.stringContaining('signature.kwargs.tasks') }),
      );
  });

  it.each([[{}], [{ task: 1 }], [{ task: 'a', args: 1 }], [[]]])('refuses %j', (data) => {
    expect(() => setUp().app.signature(data)).toThrow(expect.objectContaining({ name: 'InvalidTaskError' }));
  });
});
