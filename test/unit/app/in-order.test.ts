import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { group } from '../../../src/canvas/group.ts';
import { createMemoryLargeMessages } from '../../../src/large-messages/memory.ts';
import type { Outgoing, Receipt } from '../../../src/transports/transport.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { accepted, createRecordingTransport, throttled } from '../../support/recording.ts';

const first = ({ body }: Outgoing) => readMessage(body, { codecs: createCodecs({}) }).args[0];

/** Each wait is a turn of the event loop. */
const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

/** The numbers in the order in which the queue took them, whatever became of them before. */
function setUp(answer: (number: unknown, call: number) => boolean) {
  const taken: unknown[] = [];
  const transport = createRecordingTransport((message: Outgoing, call: number): Receipt => {
    if (!answer(first(message), call)) return throttled();
    taken.push(first(message));
    return accepted(message);
  });
  const app = createApp('shop').connect({ transport, clock });
  const count = app.declare<[number: number], null>('count');
  return { app, count, taken, transport };
}

describe('calls for a FIFO queue', () => {
  it('keep their order when one of them has to be sent again', async () => {
    const { count, taken } = setUp((_number, call) => call > 1);
    const numbers = Array.from({ length: 30 }, (_, number) => number);
    await Promise.all(
      numbers.map(async (number) => {
        for (let turns = 0; turns < number % 7; turns++) await Promise.resolve();
        return await count.applyAsync([number], { queue: 'q.fifo' });
      }),
    );
    expect(taken).toHaveLength(30);
    const inOrder = Array.from({ length: 7 }, (_, late) => numbers.filter((number) => number % 7 === late)).flat();
    expect(taken).toEqual(inOrder);
  });

  it('go together while one is under way', async () => {
    const { count, transport } = setUp(() => true);
    await Promise.all(Array.from({ length: 30 }, (_, number) => count.applyAsync([number], { queue: 'q.fifo' })));
    expect(transport.sent.map(first)).toEqual(Array.from({ length: 30 }, (_, number) => number));
    expect(transport.calls()).toBeLessThan(4);
  });

  it('are tried again each as its own policy says, in order all the same', async () => {
    const { count, taken, transport } = setUp((number, call) => number !== 1 || call > 6);
    const ends = await Promise.allSettled([
      count.applyAsync([0], { queue: 'q.fifo' }),
      count.applyAsync([1], { queue: 'q.fifo', retry: false }),
      count.applyAsync([2], { queue: 'q.fifo' }),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(taken).toEqual([0, 2]);
    expect(transport.sent.map(first)).toEqual([0, 1, 2]);
  });

  it('do not wait for those of another queue', async () => {
    const { count, taken } = setUp((number) => number !== 1 || taken.length === 2);
    await Promise.all([
      count.applyAsync([1], { queue: 'q.fifo', retryPolicy: { maxRetries: 100 } }),
      count.applyAsync([2], { queue: 'r.fifo' }),
      count.applyAsync([3], { queue: 'standard' }),
    ]);
    expect(taken.at(-1)).toBe(1);
  });

  it('are not overtaken while what is to be sent is put elsewhere', async () => {
    const transport = createRecordingTransport();
    const largeMessages = createMemoryLargeMessages();
    const slow = {
      ...largeMessages,
      put: async (...given: Parameters<typeof largeMessages.put>) => {
        for (let turns = 0; turns < 5; turns++) await clock.sleep();
        return await largeMessages.put(...given);
      },
    };
    const app = createApp('shop').connect({ transport, clock, largeMessages: slow });
    const say = app.declare<[text: string], null>('say');
    const calls = ['x'.repeat(2_000_000), 'short'].map((text) => say.applyAsync([text], { queue: 'q.fifo' }));
    const ids = (await Promise.all(calls)).map(({ id }) => id);
    expect(transport.sent.map(({ id }) => id)).toEqual(ids);
  });

  it.each<[string, boolean]>([
    ['in a process that has sent nothing yet', false],
    ['in one that has', true],
  ])('keep their order, whatever kind of call they are, %s', async (_where, isWarm) => {
    const { app, count, taken } = setUp(() => true);
    if (isWarm) await Promise.all([count.delay(-1), count.s(-1).set({ queue: 'other' }).applyAsync()]);
    taken.length = 0;
    const queue = 'q.fifo';
    const calls = [
      () => count.signature([0], { queue }).applyAsync(),
      () => count.applyAsync([1], { queue }),
      () => count.applyAsync([2], { queue, countdown: 60 }),
      () => count.applyAsync([3], { queue }),
      () => app.sendTask('count', [4], { queue }),
      () => count.s(5).set({ queue }).applyAsync(),
      () => count.applyAsync([6], { queue }),
    ];
    await Promise.all(calls.map(async (call) => await call()));
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('keep their order behind those that wait for their place', async () => {
    const { count, taken } = setUp(() => true);
    await count.s(-1).set({ queue: 'other' }).applyAsync();
    taken.length = 0;
    const queue = 'q.fifo';
    const many = Array.from({ length: 1200 }, (_, number) => count.applyAsync([number], { queue }));
    await Promise.all([...many, count.signature([1200], { queue }).applyAsync()]);
    expect(taken).toEqual(Array.from({ length: 1201 }, (_, number) => number));
  });

  it('keep their order within a group, one of whose members is tried again in its own way', async () => {
    const { count, taken } = setUp(() => true);
    const queue = 'q.fifo';
    const members = [count.signature([0], { queue }), count.signature([1], { queue, retry: false }), count.signature([2], { queue })];
    await group(...members).applyAsync();
    expect(taken).toEqual([0, 1, 2]);
  });
});
