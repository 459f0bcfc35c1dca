import middy from '@middy/core';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { Reject } from '../../../src/errors.ts';
import type { SqsRecord } from '../../../src/lambda/event.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../../src/testing/events.ts';
import { createRecordingLogger, createRecordingTransport } from '../../support/recording.ts';

function setUp() {
  const transport = createRecordingTransport();
  const logger = createRecordingLogger();
  const app = createApp('shop').connect({ transport, logger });
  const ran: string[] = [];
  let running = 0;
  let most = 0;
  const work = app.task('work', async (name: string, end: 'ok' | 'back' = 'ok') => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    ran.push(name);
    if (end === 'back') throw new Reject('later', { requeue: true });
  });
  const record = async (name: string, end: 'ok' | 'back' = 'ok', extra: Parameters<typeof createSqsRecord>[1] = {}): Promise<SqsRecord> => {
    await work.delay(name, end);
    return createSqsRecord(transport.sent.at(-1)!.body, { messageId: name, ...extra });
  };
  return { app, ran, record, logger, most: () => most, running: () => running };
}

const failures = (...names: string[]) => ({ batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })) });
const fifo = (group: string) => ({ queue: 'q.fifo', messageGroupId: group });

describe('the handler', () => {
  it('answers with the records that are not done, and only those', async () => {
    const { app, record, ran, running } = setUp();
    const records = [await record('a'), await record('b', 'back'), createSqsRecord('garbage', { messageId: 'bad' }), await record('c')];
    expect(await createHandler(app)(createSqsEvent(records), createLambdaContext())).toEqual(failures('b', 'bad'));
    expect(ran.sort()).toEqual(['a', 'b', 'c']);
    expect(running()).toBe(0);
  });

  it('answers with an empty list when all is done', async () => {
    const { app, record } = setUp();
    expect(await createHandler(app)(createSqsEvent([await record('a')]), createLambdaContext())).toEqual(failures());
  });

  it('names a record once, however often the batch holds it', async () => {
    const { app, record } = setUp();
    const twice = await record('a', 'back');
    expect(await createHandler(app)(createSqsEvent([twice, { ...twice }]), createLambdaContext())).toEqual(failures('a'));
  });

  it.each([1, 3, 10])('runs at most %i records of a standard queue at a time', async (concurrency) => {
    const { app, record, most } = setUp();
    const records = await Promise.all(Array.from({ length: 7 }, (_, index) => record(`r${index}`)));
    await createHandler(app, { concurrency })(createSqsEvent(records), createLambdaContext());
    expect(most()).toBe(Math.min(concurrency, 7));
  });

  it('starts no record once the time runs out, and gives back what it did not start', async () => {
    const { app, record, ran } = setUp();
    const records = [await record('a'), await record('b'), await record('c')];
    const left = [10_000, 10_000, 900, 900];
    const context = createLambdaContext(() => left.shift() ?? 0);
    expect(await createHandler(app, { concurrency: 1 })(createSqsEvent(records), context)).toEqual(failures('b', 'c'));
    expect(ran).toEqual(['a']);
  });

  it('takes a reserve of its own', async () => {
    const { app, record, ran } = setUp();
    const event = createSqsEvent([await record('a')]);
    expect(await createHandler(app, { reserveMs: 5000 })(event, createLambdaContext(5000))).toEqual(failures('a'));
    expect(ran).toEqual([]);
    expect(await createHandler(app, { reserveMs: 5000 })(event, createLambdaContext(5001))).toEqual(failures());
  });

  describe('on a FIFO queue', () => {
    it('keeps the order of each group, and other groups go on beside it', async () => {
      const { app, record, ran, most } = setUp();
      const records = [
        await record('a1', 'ok', fifo('a')),
        await record('b1', 'ok', fifo('b')),
        await record('a2', 'ok', fifo('a')),
        await record('a3', 'ok', fifo('a')),
      ];
      expect(await createHandler(app)(createSqsEvent(records), createLambdaContext())).toEqual(failures());
      expect(ran.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
      expect(most()).toBe(2);
    });

    it('stops a group at its first failure and returns the rest of it unrun', async () => {
      const { app, record, ran } = setUp();
      const records = [
        await record('a1', 'ok', fifo('a')),
        await record('a2', 'back', fifo('a')),
        await record('b1', 'ok', fifo('b')),
        await record('a3', 'ok', fifo('a')),
        await record('b2', 'ok', fifo('b')),
      ];
      expect(await createHandler(app)(createSqsEvent(records), createLambdaContext())).toEqual(failures('a2', 'a3'));
      expect(ran).not.toContain('a3');
      expect(ran).toContain('b2');
    });
  });

  it.each([
    ['no event', undefined],
    ['no records', { Records: [] }],
    ['an S3 event', { Records: [{ eventSource: 'aws:s3' }] }],
    ['a record without id', { Records: [{ ...createSqsRecord('x'), messageId: '' }] }],
    ['a record without ARN', { Records: [{ ...createSqsRecord('x'), eventSourceARN: undefined }] }],
  ])('throws InvalidEvent for %s, for it cannot answer for it', async (_name, event) => {
    const { app } = setUp();
    await expect(createHandler(app)(event as never, createLambdaContext())).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidEvent' }),
    );
  });

  it('answers the first event of an app without tasks or connection with ImproperlyConfigured', async () => {
    const event = createSqsEvent(['x']);
    const unconnected = createApp('a');
    unconnected.task('t', () => 1);
    await expect(createHandler(unconnected)(event, createLambdaContext())).rejects.toThrow('is not connected');
    const empty = createApp('b').connect({ transport: createRecordingTransport() });
    await expect(createHandler(empty)(event, createLambdaContext())).rejects.toThrow('has no tasks');
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a concurrency of %d', (concurrency) => {
    expect(() => createHandler(createApp('a'), { concurrency })).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });

  it('takes two parameters, as newer Lambda runtimes want', () => {
    expect(createHandler(createApp('a'))).toHaveLength(2);
  });

  it('works inside middy', async () => {
    const { app, record } = setUp();
    const seen: string[] = [];
    const handler = middy(createHandler(app) as never).use({
      before: () => void seen.push('before'),
      after: () => void seen.push('after'),
    });
    const event = createSqsEvent([await record('a'), await record('b', 'back')]);
    expect(await handler(event as never, createLambdaContext() as never)).toEqual(failures('b'));
    expect(seen).toEqual(['before', 'after']);
  });

  it('passes queue, receive count, group, attributes and trace on to the task’s message', async () => {
    const { app, record, logger } = setUp();
    let seen: unknown;
    app.task('look', { bind: true }, (self) => {
      seen = self.request.deliveryInfo.redelivered;
    });
    await app.sendTask('look');
    const source = await record('x', 'ok', { queue: 'prod-celery', receiveCount: 4 });
    await createHandler(app)(createSqsEvent([source]), createLambdaContext());
    expect(logger.lines[0]).toMatchObject({ queue: 'prod-celery', receiveCount: 4, messageId: 'x' });
    expect(seen).toBeUndefined();
  });
});
