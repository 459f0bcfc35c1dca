import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { OperationalError, QueueNotFound, Reject } from '../../../src/errors.ts';
import { createPoller, type PollerOptions } from '../../../src/poller/poller.ts';
import type { Delivery, Inbox, Outgoing, Transport } from '../../../src/transports/transport.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createRecordingLogger } from '../../support/recording.ts';
import { toDelivery } from '../../support/worker.ts';

/** A transport whose queue hands out what was sent and keeps a diary of what happens to it. */
function createDiary(overrides: Partial<Inbox> = {}) {
  const waiting: Outgoing[] = [];
  const diary: string[] = [];
  const asked: number[] = [];
  const inbox: Inbox = {
    async receive(_queue, { max = 10, signal } = {}) {
      asked.push(max);
      const batch = waiting.splice(0, max);
      if (batch.length === 0)
        await new Promise<void>((resolve) => (signal?.aborted === true ? resolve() : signal?.addEventListener('abort', () => resolve())));
      return batch.map(toDelivery);
    },
    async done({ messageId }) {
      diary.push(`done ${messageId}`);
    },
    async postpone({ messageId }, seconds) {
      diary.push(`postpone ${messageId} ${seconds}`);
    },
    ...overrides,
  };
  const transport: Transport = {
    limits: { messageBytes: 1_048_576, delaySeconds: 900 },
    inbox,
    async send(batch) {
      waiting.push(...batch);
      return batch.map(({ id }) => ({ ok: true, messageId: `m-${id}` }));
    },
  };
  return { transport, diary, asked, waiting };
}

function setUp(options: PollerOptions = {}, overrides: Partial<Inbox> = {}) {
  const kit = createDiary(overrides);
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const app = createApp('shop').connect({ transport: kit.transport, clock, logger });
  const gates = new Map<string, () => void>();
  const ran: string[] = [];
  const work = app.task('work', { bind: true }, async (self, end: 'ok' | 'wait' | 'back' = 'ok') => {
    ran.push(self.id);
    if (end === 'wait') await new Promise<void>((resolve) => gates.set(self.id, resolve));
    if (end === 'back') throw new Reject('later', { requeue: true });
  });
  const send = (taskId: string, end: 'ok' | 'wait' | 'back' = 'ok', extra: object = {}) => work.applyAsync([end], { taskId, ...extra });
  return { ...kit, app, clock, logger, gates, ran, send, poller: createPoller(app, { signals: [], ...options }) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true));

describe('the poller', () => {
  it('acknowledges what is done and gives back what is not', async () => {
    const { poller, send, diary } = setUp();
    await send('a');
    await send('b', 'back');
    const running = poller.run();
    await until(() => diary.length === 2);
    await poller.stop();
    await running;
    expect(diary.sort()).toEqual(['done m-a', 'postpone m-b 10']);
  });

  it('takes no more messages than it has places', async () => {
    const { poller, send, gates, ran, asked, diary } = setUp({ concurrency: 2 });
    for (const id of ['a', 'b', 'c']) await send(id, 'wait');
    void poller.run();
    await until(() => ran.length === 2);
    await settled();
    expect(asked).toEqual([2]);
    gates.get('a')!();
    await until(() => ran.length === 3);
    expect(asked).toEqual([2, 1]);
    gates.get('b')!();
    gates.get('c')!();
    await poller.stop();
    expect(diary.sort()).toEqual(['done m-a', 'done m-b', 'done m-c']);
  });

  it('keeps a message hidden while its task runs', async () => {
    const { poller, send, gates, ran, clock, diary } = setUp({ visibilitySeconds: 30 });
    await send('a', 'wait');
    void poller.run();
    await until(() => ran.length === 1);
    await clock.advance(9_999);
    expect(diary).toEqual([]);
    await clock.advance(1);
    expect(diary).toEqual(['postpone m-a 30']);
    await clock.advance(10_000);
    gates.get('a')!();
    await poller.stop();
    await clock.advance(60_000);
    expect(diary).toEqual(['postpone m-a 30', 'postpone m-a 30', 'done m-a']);
  });

  it('goes on when the visibility cannot be extended or the acknowledgement fails', async () => {
    const down = () => Promise.reject(new OperationalError('down', { retryable: true }));
    const { poller, send, gates, ran, clock, logger } = setUp({ visibilitySeconds: 30 }, { postpone: down, done: down });
    await send('a', 'wait');
    void poller.run();
    await until(() => ran.length === 1);
    await clock.advance(10_000);
    gates.get('a')!();
    await poller.stop();
    expect(logger.lines.map(({ message }) => message)).toEqual(['visibility not extended', 'task succeeded', 'message not acknowledged']);
  });

  it('when stopped finishes what runs, takes nothing more, and gives the rest back at once', async () => {
    const { poller, send, gates, ran, diary } = setUp({ queues: ['q.fifo'] });
    for (const id of ['a', 'b']) await send(id, 'wait', { queue: 'q.fifo', messageGroupId: 'g' });
    void poller.run();
    await until(() => ran.length === 1);
    const stopped = poller.stop();
    gates.get('a')!();
    await stopped;
    expect(ran).toEqual(['a']);
    expect(diary).toEqual(['done m-a', 'postpone m-b 0']);
  });

  it('keeps the order of a FIFO group: after a failure the rest is given back unrun', async () => {
    const { poller, send, ran, diary } = setUp({ queues: ['q.fifo'] });
    const group = { queue: 'q.fifo', messageGroupId: 'g' };
    await send('a', 'ok', group);
    await send('b', 'back', group);
    await send('c', 'ok', group);
    void poller.run();
    await until(() => diary.length === 3);
    await poller.stop();
    expect(ran).toEqual(['a', 'b']);
    expect(diary).toEqual(['done m-a', 'postpone m-b 10', 'postpone m-c 10']);
  });

  it('hides an early FIFO message until it is due', async () => {
    const { poller, send, diary } = setUp({ queues: ['q.fifo'] });
    await send('a', 'ok', { queue: 'q.fifo', countdown: 90 });
    void poller.run();
    await until(() => diary.length === 1);
    await poller.stop();
    expect(diary).toEqual(['postpone m-a 90']);
  });

  it('tries a failing receive again, a little later each time', async () => {
    let failures = 0;
    const clocked = setUp({}, {
      receive: async (_queue, options) => {
        if (++failures <= 3) throw new OperationalError('down', { retryable: true });
        await new Promise<void>((resolve) => options?.signal?.addEventListener('abort', () => resolve()));
        return [] as Delivery[];
      },
    }); // biome-ignore format: one call
    const running = clocked.poller.run();
    for (const ms of [1000, 2000, 3000]) {
      await until(() => clocked.clock.sleeps.at(-1) === ms);
      await clocked.clock.advance(ms);
    }
    await until(() => failures === 4);
    await clocked.poller.stop();
    await running;
    expect(clocked.logger.lines.map(({ failures: count }) => count)).toEqual([1, 2, 3]);
  });

  it('ends all its queues when one of them is not there', async () => {
    const idle = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    const receive: Inbox['receive'] = async (queue, { signal } = {}) => {
      if (queue === 'nowhere') throw new QueueNotFound(queue);
      await idle(signal!);
      return [];
    };
    const { poller } = setUp({ queues: ['celery', 'nowhere'] }, { receive });
    await expect(poller.run()).rejects.toThrow(expect.objectContaining({ name: 'QueueNotFound' }));
  });

  it('does not wait for a queue that is not there', async () => {
    const { poller } = setUp({}, { receive: () => Promise.reject(new QueueNotFound('celery')) });
    await expect(poller.run()).rejects.toThrow(expect.objectContaining({ name: 'QueueNotFound' }));
  });

  it('needs a transport that can be polled and a sensible concurrency', async () => {
    const { app, transport } = setUp();
    await expect(createPoller(app, { concurrency: 0 }).run()).rejects.toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
    app.connect({ transport: { limits: transport.limits, send: transport.send } });
    await expect(createPoller(app).run()).rejects.toThrow('needs one with an inbox');
  });

  it('stops at a signal of the process', async () => {
    const { poller, send, diary } = setUp({ signals: ['SIGUSR2'] });
    await send('a');
    const running = poller.run();
    await until(() => diary.length === 1);
    process.emit('SIGUSR2');
    await running;
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });
});
