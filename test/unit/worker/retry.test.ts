import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../../../src/app/context.ts';
import type { TaskDefaults } from '../../../src/app/options.ts';
import type { RetryOptions } from '../../../src/app/retry.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { BackendStoreError, Ignore, Reject } from '../../../src/errors.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { createTracedWorker } from '../../support/effects.ts';
import { NOON } from '../../support/fake-clock.ts';
import { accepted, createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker, readSent } from '../../support/worker.ts';

const ACK = { do: 'ack' };
const REQUEUE = { do: 'requeue' };

/** A worker with a task that asks for a retry with these options, each time. */
function createRetrying(options: RetryOptions = {}, defaults: TaskDefaults = {}, worker = createTestWorker()) {
  const task = worker.app.task('again', { ...defaults, bind: true, kwargs: false }, (self, _n: number): never => self.retry(options));
  return { ...worker, task };
}

/** A transport that takes the first message, and nothing after. */
const firstOnly = () => createRecordingTransport((message, call) => (call === 1 ? accepted(message) : refused()));

describe('a retry', () => {
  it('sends the same id once more, one retry on, and acknowledges', async () => {
    const { task, runLast, transport, lastMessage } = createRetrying({ countdown: 0 });
    const { id } = await task.applyAsync([7], { rootId: 'root', parentId: 'parent' });
    expect(await runLast()).toEqual(ACK);
    expect(transport.sent).toHaveLength(2);
    expect(lastMessage()).toMatchObject({ args: [7], headers: { id, retries: 1, root_id: 'root', parent_id: 'parent', eta: null } });
    expect(transport.sent[1]).toMatchObject({ queue: 'celery', ownName: true });
  });

  it('stores RETRY with its cause, not ready and with itself among the children', async () => {
    const { task, runLast, results } = createRetrying({ exc: new TypeError('busy') });
    const sent = await task.delay(7);
    await runLast();
    expect(await results.fetch(sent.id)).toMatchObject({
      status: 'RETRY',
      result: { exc_type: 'TypeError', exc_message: ['busy'] },
      traceback: expect.stringContaining('busy'),
      children: [[[sent.id, null], null]],
      date_done: null,
    });
    expect(await sent.ready()).toBe(false);
  });

  it('stores RETRY with null where it has no cause', async () => {
    const { task, runLast, results } = createRetrying();
    const { id } = await task.delay(7);
    await runLast();
    expect(await results.fetch(id)).toMatchObject({ status: 'RETRY', result: null, traceback: null });
  });

  it('is stored, then published, then acknowledged: its next attempt’s end is never hidden by it', async () => {
    const worker = createTracedWorker();
    await createRetrying({}, {}, worker as never).task.delay(7);
    await worker.receive();
    const wanted = ['result stored: RETRY', 'SQS SendMessage {"task": "again", "retries": 1}', 'SQS DeleteMessage'];
    expect(worker.trace.filter((effect) => wanted.includes(effect))).toEqual(wanted);
  });

  it.each<[RetryOptions, TaskDefaults, number]>([
    [{}, {}, 180],
    [{}, { defaultRetryDelay: 20 }, 20],
    [{ countdown: 5 }, { defaultRetryDelay: 20 }, 5],
    [{ eta: new Date(NOON + 90_000) }, {}, 90],
    [{ eta: '2030-01-02T12:00:30+00:00' }, {}, 30],
  ])('with %j of a task with %j waits %d s', async (options, defaults, seconds) => {
    const { task, runLast, transport, lastMessage } = createRetrying(options, defaults);
    await task.delay(7);
    await runLast();
    expect(transport.sent[1]?.delaySeconds).toBe(seconds);
    expect(Date.parse(lastMessage().headers.eta!)).toBe(NOON + seconds * 1000);
  });

  it('is given back when its next attempt is not accepted', async () => {
    const { task, runLast, results, logger } = createRetrying({}, {}, createTestWorker({ transport: firstOnly() }));
    await task.delay(7);
    expect(await runLast()).toEqual(REQUEUE);
    expect([...results.documents().values()]).toMatchObject([{ status: 'RETRY' }]);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', state: 'RETRY', acknowledged: false, error: { name: 'OperationalError' } });
  });

  it('fails when what it asks for cannot be written, which waiting does not mend', async () => {
    const { task, runLast, transport, results } = createRetrying({ args: [new Map()] });
    const { id } = await task.delay(7);
    expect(await runLast()).toEqual(ACK);
    expect(transport.sent).toHaveLength(1);
    expect(await results.fetch(id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'EncodeError' } });
  });

  it('is given back, and not sent on, when RETRY cannot be stored', async () => {
    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new BackendStoreError('throttled')) };
    const { task, runLast, transport } = createRetrying({}, {}, createTestWorker({ backend }));
    await task.delay(7);
    expect(await runLast()).toEqual(REQUEUE);
    expect(transport.sent).toHaveLength(1);
  });

  it('with null for a cause has none', async () => {
    const { task, runLast, results } = createRetrying({ exc: null });
    const { id } = await task.delay(7);
    await runLast();
    expect(await results.fetch(id)).toMatchObject({ status: 'RETRY', result: null });
  });
});

describe('the limit of retries', () => {
  /** Runs a task until nothing more is sent, and answers how often it ran. */
  const runOut = async ({ task, transport, runLast, results }: ReturnType<typeof createRetrying>, most = 10) => {
    const { id } = await task.delay(7);
    let runs = 0;
    while (transport.sent.length > runs && runs < most) {
      runs += 1;
      await runLast();
    }
    return { id, runs, document: await results.fetch(id) };
  };

  it('is three, so that a task is run four times, and ends in Celery’s words', async () => {
    const { id, runs, document } = await runOut(createRetrying({ countdown: 0 }));
    expect(runs).toBe(4);
    expect(document).toMatchObject({
      status: 'FAILURE',
      result: {
        exc_type: 'MaxRetriesExceededError',
        exc_message: [`Can't retry again[${id}] args:(7,) kwargs:{}`],
        exc_module: 'celery.exceptions',
      },
    });
  });

  it('throws exc instead where there is one', async () => {
    const { runs, document } = await runOut(createRetrying({ countdown: 0, exc: new RangeError('busy') }));
    expect(runs).toBe(4);
    expect(document?.result).toMatchObject({ exc_type: 'RangeError', exc_message: ['busy'] });
  });

  it.each<[RetryOptions, TaskDefaults, number]>([
    [{}, { maxRetries: 0 }, 1],
    [{}, { maxRetries: 1 }, 2],
    [{ maxRetries: 0 }, { maxRetries: 5 }, 1],
    [{ maxRetries: 2 }, { maxRetries: null }, 3],
    [{ maxRetries: null }, { maxRetries: 1 }, 10],
    [{}, { maxRetries: null }, 10],
  ])('with %j of a task with %j allows %d runs', async (options, defaults, runs) => {
    expect((await runOut(createRetrying({ ...options, countdown: 0 }, defaults))).runs).toBe(runs);
  });

  it('may be caught by the task', async () => {
    const { app, runLast, results } = createTestWorker();
    const task = app.task('caught', { bind: true, maxRetries: 0 }, (self) => {
      try {
        return self.retry();
      } catch (error) {
        return (error as Error).name;
      }
    });
    const { id } = await task.delay();
    await runLast();
    expect(await results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 'MaxRetriesExceededError' });
  });
});

describe('a retry with throw: false', () => {
  const createWorker = (end: (self: TaskContext) => unknown, worker = createTestWorker()) => {
    const task = worker.app.task('quietly', { bind: true }, (self) => {
      expect(self.retry({ throw: false, countdown: 0 })).toMatchObject({ name: 'Retry' });
      return end(self) as string;
    });
    return { ...worker, task };
  };

  it.each<[string, () => unknown, string | undefined]>([
    ['returns', () => 'done', 'SUCCESS'],
    ['fails', () => { throw new Error('after all'); }, 'FAILURE'], // biome-ignore format: short
    ['ignores itself', () => { throw new Ignore(); }, undefined], // biome-ignore format: short
    ['rejects itself', () => { throw new Reject(); }, 'FAILURE'], // biome-ignore format: short
  ])('is sent and the task ends as it ends: it %s', async (_how, end, status) => {
    const { task, runLast, results, lastMessage, transport } = createWorker(end);
    const { id } = await task.delay();
    expect(await runLast()).toEqual(ACK);
    expect((await results.fetch(id))?.status).toBe(status);
    expect(transport.sent).toHaveLength(2);
    expect(lastMessage().headers).toMatchObject({ id, retries: 1 });
  });

  it('is among the children of the result', async () => {
    const { task, runLast, results } = createWorker(() => 'done');
    const { id } = await task.delay();
    await runLast();
    expect((await results.fetch(id))?.children).toEqual([[[id, null], null]]);
  });

  it('is sent once where a Retry is thrown after it', async () => {
    const { task, runLast, transport } = createWorker((self) => self.retry({ countdown: 5 }));
    await task.delay();
    await runLast();
    expect(transport.sent.slice(1)).toMatchObject([{ delaySeconds: 5 }]);
  });

  it('gives the message back, and stores nothing, when it cannot be sent', async () => {
    const { task, runLast, results } = createWorker(() => 'done', createTestWorker({ transport: firstOnly() }));
    await task.delay();
    expect(await runLast()).toEqual(REQUEUE);
    expect(results.documents().size).toBe(0);
  });
});

describe('a retry in a direct call', () => {
  const { app } = createTestWorker();
  const direct = app.task('direct', { bind: true }, (self, options: RetryOptions): never => self.retry(options as object));

  it('throws Retry, for there is no message to send again', () => {
    expect(() => direct({})).toThrow(expect.objectContaining({ name: 'Retry', message: 'Task can be retried' }));
  });

  it('throws exc where there is one', () => {
    expect(() => direct({ exc: new RangeError('busy') } as never)).toThrow(RangeError);
  });
});

describe('a retry on a FIFO queue', () => {
  const fifo = { queue: 'q.fifo', messageGroupId: 'orders' };
  const deliveryExtra = { queue: 'q.fifo', messageGroupId: 'orders' };

  it('is sent behind what is queued, in its group and with a deduplication of its own', async () => {
    const { task, runLast, transport } = createRetrying({ countdown: 0 });
    const { id } = await task.applyAsync([7], fifo);
    await runLast(deliveryExtra);
    await runLast(deliveryExtra);
    const next = (retries: number): Partial<Outgoing> => ({ queue: 'q.fifo', messageGroupId: 'orders', id: `${id}.${retries}` });
    expect(transport.sent.slice(1)).toMatchObject([next(1), next(2)]);
    for (const outgoing of transport.sent.slice(1)) expect(outgoing).not.toHaveProperty('messageDeduplicationId');
    expect(transport.sent.map((outgoing) => readSent(outgoing).headers.id)).toEqual([id, id, id]);
  });

  it('waits by its eta, for the queue takes no delay per message', async () => {
    const { task, runLast, transport, lastMessage } = createRetrying({ countdown: 60 });
    await task.applyAsync([7], fifo);
    await runLast(deliveryExtra);
    expect(transport.sent[1]).not.toHaveProperty('delaySeconds');
    expect(Date.parse(lastMessage().headers.eta!)).toBe(NOON + 60_000);
    expect(await runLast(deliveryExtra)).toEqual({ do: 'requeue', afterSeconds: 60 });
  });

  it.each<[RetryOptions, number]>([
    [{ countdown: 60 }, 60],
    [{ countdown: 0.5 }, 1],
    [{ countdown: -5 }, 0],
    [{}, 180],
    [{ eta: new Date(NOON + 30_001) }, 31],
    [{ eta: '2030-01-02T12:00:30' }, 30],
    [{ eta: '2030-01-02T11:00:00Z' }, 0],
    [{ eta: new Date(Number.NaN) }, 0],
  ])('that holds its message hides it: %j is %d s', async (options, afterSeconds) => {
    const { task, runLast, transport, results } = createRetrying(options, { fifoRetry: 'hold' });
    const { id } = await task.applyAsync([7], fifo);
    expect(await runLast(deliveryExtra)).toEqual({ do: 'requeue', afterSeconds });
    expect(transport.sent).toHaveLength(1);
    expect(await results.fetch(id)).toMatchObject({ status: 'RETRY', children: [] });
  });

  it('that holds its message counts by receives, and ends by them', async () => {
    const { app, runLast, results, logger } = createTestWorker();
    const seen: number[] = [];
    const task = app.task('held', { bind: true, fifoRetry: 'hold', maxRetries: 2 }, (self): never => {
      seen.push(self.retries);
      return self.retry({ countdown: 1 });
    });
    const { id } = await task.applyAsync([], fifo);
    for (const receiveCount of [1, 2, 3]) await runLast({ ...deliveryExtra, receiveCount });
    expect(seen).toEqual([0, 1, 2]);
    expect(logger.lines.map(({ retries }) => retries)).toEqual([0, 1, 2]);
    expect(await results.fetch(id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'MaxRetriesExceededError' } });
  });

  it('is held on FIFO queues only', async () => {
    const { task, runLast, transport } = createRetrying({ countdown: 1 }, { fifoRetry: 'hold' });
    await task.delay(7);
    expect(await runLast({ receiveCount: 3 })).toEqual(ACK);
    expect(readSent(transport.sent[1]!).headers.retries).toBe(1);
  });
});
