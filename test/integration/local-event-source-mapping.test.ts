import { afterEach, expect, it, vi } from 'vitest';
import {
  createEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
  type InvokeResult,
  type LocalSqs,
  type LocalSqsEvent,
  type MappingEvent,
  type QueueDefinition,
  startLocalSqs,
} from '../../src/local/index.ts';
import { createSqsCalls } from '../../src/local/sqs-calls.ts';

const servers: LocalSqs[] = [];
const mappings: EventSourceMapping[] = [];

afterEach(async () => {
  await Promise.all(mappings.splice(0).map((mapping) => mapping.close()));
  await Promise.all(servers.splice(0).map((sqs) => sqs.close()));
});

const start = async (...queues: QueueDefinition[]): Promise<LocalSqs> => {
  const sqs = await startLocalSqs({ queues });
  servers.push(sqs);
  return sqs;
};

const send = async (sqs: LocalSqs, queue: string, bodies: readonly string[], more: object = {}): Promise<void> => {
  const { call } = createSqsCalls(sqs);
  for (const MessageBody of bodies) await call('SendMessage', { QueueUrl: sqs.queueUrl(queue), MessageBody, ...more });
};

const map = (sqs: LocalSqs, options: Partial<EventSourceMappingOptions> & Pick<EventSourceMappingOptions, 'queue' | 'invoke'>) => {
  const seen: MappingEvent[] = [];
  const mapping = createEventSourceMapping({
    sqs,
    functionResponseType: 'ReportBatchItemFailures',
    observe: (event) => seen.push(event),
    ...options,
  });
  mappings.push(mapping);
  return { mapping, seen };
};

const success: InvokeResult = { ok: true, payload: 'null' };

const bodiesOf = (event: LocalSqsEvent): string[] => event.Records.map((record) => record.body);

const emptied = (sqs: LocalSqs, queue: string, timeout = 5000) =>
  vi.waitFor(async () => expect(await sqs.depth(queue)).toEqual({ ready: 0, delayed: 0, inFlight: 0 }), { timeout });

it('hands a function the records Lambda would, and deletes them on success', async () => {
  const sqs = await start({ name: 'celery' });
  const events: LocalSqsEvent[] = [];
  const { seen } = map(sqs, {
    queue: 'celery',
    invoke: async (event) => {
      events.push(event);
      return success;
    },
  });
  const MessageAttributes = { kind: { DataType: 'String', StringValue: 'x' }, raw: { DataType: 'Binary', BinaryValue: 'AQI=' } };
  await send(sqs, 'celery', ['hello'], { MessageAttributes });
  await emptied(sqs, 'celery');
  expect(events).toHaveLength(1);
  expect(events[0]!.Records).toEqual([
    {
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'hello',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {
        kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
        raw: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
      md5OfBody: '5d41402abc4b2a76b9719d911017c592',
      md5OfMessageAttributes: expect.any(String),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:celery',
      awsRegion: 'us-east-1',
    },
  ]);
  const { messageId } = events[0]!.Records[0]!;
  expect(seen).toEqual([
    { kind: 'received', messageId, receiveCount: 1 },
    { kind: 'deleted', messageId },
  ]);
});

it('deletes what is not reported and lets the rest return after the visibility timeout', async () => {
  const sqs = await start({ name: 'celery', visibilityTimeoutSeconds: 1 });
  const received: string[][] = [];
  await send(sqs, 'celery', ['good', 'bad']);
  const { seen } = map(sqs, {
    queue: 'celery',
    invoke: async (event) => {
      received.push(bodiesOf(event));
      const failed = event.Records.filter((record) => record.body === 'bad' && record.attributes['ApproximateReceiveCount'] === '1');
      return { ok: true, payload: JSON.stringify({ batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }) };
    },
  });
  await emptied(sqs, 'celery');
  expect(received).toEqual([['good', 'bad'], ['bad']]);
  expect(seen.map((event) => event.kind)).toEqual(['received', 'received', 'deleted', 'returned', 'received', 'deleted']);
  expect(seen[3]).toMatchObject({ reason: 'reported in batchItemFailures' });
});

it.each([
  ['answers with a failure', async (): Promise<InvokeResult> => ({ ok: false, errorType: 'E', message: 'm' }), 'E: m'],
  ['rejects', () => Promise.reject(new TypeError('gone')), 'TypeError: gone'],
  ['rejects with a text', () => Promise.reject('gone'), 'Error: gone'],
])('deletes nothing when the invocation %s', async (_, invoke, reason) => {
  const sqs = await start({ name: 'celery' });
  await send(sqs, 'celery', ['a', 'b']);
  const { seen } = map(sqs, { queue: 'celery', invoke });
  await vi.waitFor(() => expect(seen.filter((event) => event.kind === 'returned')).toHaveLength(2));
  expect(seen[3]).toMatchObject({ reason });
  expect(await sqs.depth('celery')).toMatchObject({ inFlight: 2 });
});

it('moves a message that keeps failing to the dead-letter queue', async () => {
  const sqs = await start(
    { name: 'celery', visibilityTimeoutSeconds: 0, redrive: { deadLetterQueue: 'dead', maxReceiveCount: 3 } },
    { name: 'dead' },
  );
  await send(sqs, 'celery', ['poison']);
  const { seen } = map(sqs, { queue: 'celery', invoke: async () => ({ ok: false, errorType: 'E', message: 'm' }) });
  await vi.waitFor(async () => expect(await sqs.peek('dead')).toHaveLength(1), { timeout: 5000 });
  expect(seen.filter((event) => event.kind === 'received').map((event) => event.receiveCount)).toEqual([1, 2, 3]);
});

it('a batch larger than a receive fills during its window', async () => {
  const sqs = await start({ name: 'celery' });
  const sizes: number[] = [];
  await send(
    sqs,
    'celery',
    Array.from({ length: 25 }, (_, n) => String(n)),
  );
  map(sqs, {
    queue: 'celery',
    batchSize: 20,
    maximumBatchingWindowSeconds: 1,
    invoke: async (event) => {
      sizes.push(event.Records.length);
      return success;
    },
  });
  await emptied(sqs, 'celery');
  expect(sizes).toEqual([20, 5]);
});

it('what arrives in the last part of a window still joins the batch', async () => {
  const sqs = await start({ name: 'celery' });
  const batches: string[][] = [];
  const { seen } = map(sqs, {
    queue: 'celery',
    maximumBatchingWindowSeconds: 1,
    invoke: async (event) => {
      batches.push(bodiesOf(event));
      return success;
    },
  });
  for (const [index, body] of ['a', 'b', 'c'].entries()) {
    await send(sqs, 'celery', [body]);
    await vi.waitFor(() => expect(seen).toHaveLength(index + 1), { interval: 10 });
  }
  await emptied(sqs, 'celery');
  expect(batches).toEqual([['a', 'b', 'c']]);
});

it('runs as many batches at a time as it may, and no more', async () => {
  const sqs = await start({ name: 'celery' });
  await send(sqs, 'celery', ['a', 'b', 'c', 'd', 'e']);
  let running = 0;
  let most = 0;
  const invoke = async (): Promise<InvokeResult> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 50));
    running -= 1;
    return success;
  };
  map(sqs, { queue: 'celery', batchSize: 1, maximumConcurrency: 3, invoke });
  await emptied(sqs, 'celery');
  expect(most).toBe(3);
});

it('closing hands on what was received and waits until it is settled', async () => {
  const sqs = await start({ name: 'celery' });
  await send(sqs, 'celery', ['a']);
  let finished = false;
  const { mapping, seen } = map(sqs, {
    queue: 'celery',
    batchSize: 10,
    maximumBatchingWindowSeconds: 300,
    invoke: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      finished = true;
      return success;
    },
  });
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  await mapping.close();
  expect(finished).toBe(true);
  expect(seen.map((event) => event.kind)).toEqual(['received', 'deleted']);
  await send(sqs, 'celery', ['b']);
  expect(await sqs.depth('celery')).toEqual({ ready: 1, delayed: 0, inFlight: 0 });
});

it('keeps the order of a FIFO group across a failure, and goes on with other groups', async () => {
  const sqs = await start({ name: 'orders.fifo', visibilityTimeoutSeconds: 1 });
  for (const [index, body] of ['a1', 'a2', 'b1', 'a3', 'b2'].entries()) {
    await send(sqs, 'orders.fifo', [body], { MessageGroupId: body[0], MessageDeduplicationId: String(index) });
  }
  const done: string[] = [];
  const tried: string[] = [];
  map(sqs, {
    queue: 'orders.fifo',
    maximumConcurrency: 3,
    invoke: async (event) => {
      const failed = event.Records.filter(({ body, attributes }) => body === 'a1' && attributes['ApproximateReceiveCount'] === '1');
      for (const record of event.Records) {
        expect(record.attributes).toMatchObject({ MessageGroupId: record.body[0], SequenceNumber: expect.any(String) });
        tried.push(record.body);
        if (!failed.includes(record)) done.push(record.body);
      }
      return { ok: true, payload: JSON.stringify({ batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }) };
    },
  });
  await emptied(sqs, 'orders.fifo');
  expect(done.filter((body) => body.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(done.filter((body) => body.startsWith('b'))).toEqual(['b1', 'b2']);
  expect(tried.indexOf('b2')).toBeLessThan(tried.lastIndexOf('a1'));
});

it('a FIFO group does not wait for another', async () => {
  const sqs = await start({ name: 'orders.fifo' });
  const tried: string[] = [];
  const bothTried = () => vi.waitFor(() => expect(tried).toEqual(['a', 'b']), { timeout: 3000 });
  await send(sqs, 'orders.fifo', ['a'], { MessageGroupId: 'a', MessageDeduplicationId: 'a' });
  const invoke = async (event: LocalSqsEvent): Promise<InvokeResult> => {
    tried.push(...bodiesOf(event));
    await bothTried();
    return success;
  };
  map(sqs, { queue: 'orders.fifo', invoke });
  await vi.waitFor(() => expect(tried).toEqual(['a']));
  await send(sqs, 'orders.fifo', ['b'], { MessageGroupId: 'b', MessageDeduplicationId: 'b' });
  await bothTried();
  await emptied(sqs, 'orders.fifo');
});

it('never runs two batches of one FIFO group at a time, even when its message becomes visible too soon', async () => {
  const sqs = await start({ name: 'orders.fifo', visibilityTimeoutSeconds: 0 });
  await send(sqs, 'orders.fifo', ['a'], { MessageGroupId: 'g', MessageDeduplicationId: '1' });
  let running = 0;
  let most = 0;
  let runs = 0;
  const { mapping } = map(sqs, {
    queue: 'orders.fifo',
    invoke: async () => {
      running += 1;
      runs += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running -= 1;
      return { ok: false, errorType: 'E', message: 'm' };
    },
  });
  await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
  await mapping.close();
  expect(most).toBe(1);
});

it('says when polling fails, and goes on when SQS is back', async () => {
  const sqs = await start();
  const { mapping, seen } = map(sqs, { queue: 'celery', invoke: async () => success });
  await vi.waitFor(() => expect(seen).toEqual([{ kind: 'pollFailed', reason: expect.stringContaining('ReceiveMessage failed with 400') }]));
  await createSqsCalls(sqs).call('CreateQueue', { QueueName: 'celery' });
  await send(sqs, 'celery', ['a']);
  await emptied(sqs, 'celery');
  await mapping.close();
  expect(seen.at(-1)).toMatchObject({ kind: 'deleted' });
});

it('says when SQS did not delete a message', async () => {
  const sqs = await start({ name: 'celery' });
  await send(sqs, 'celery', ['a']);
  const { seen } = map(sqs, {
    queue: 'celery',
    invoke: async () => {
      await sqs.close();
      return success;
    },
  });
  await vi.waitFor(() => expect(seen).toContainEqual(expect.objectContaining({ kind: 'returned', reason: 'SQS did not delete it' })));
});

it.each([
  [{ batchSize: 0 }, /batchSize is 0/],
  [{ batchSize: 10_001, maximumBatchingWindowSeconds: 1 }, /batchSize is 10001/],
  [{ batchSize: 11 }, /batchSize 11 needs maximumBatchingWindowSeconds/],
  [{ batchSize: 11, queue: 'orders.fifo' }, /batchSize is 11/],
  [{ maximumBatchingWindowSeconds: 301 }, /maximumBatchingWindowSeconds is 301/],
  [{ maximumBatchingWindowSeconds: 1, queue: 'orders.fifo' }, /maximumBatchingWindowSeconds is 1/],
  [{ maximumConcurrency: 0 }, /maximumConcurrency is 0/],
  [{ maximumConcurrency: 1.5 }, /maximumConcurrency is 1.5/],
])('refuses %o', (options, complaint) => {
  const sqs = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' };
  expect(() => createEventSourceMapping({ sqs, queue: 'celery', invoke: async () => success, ...options })).toThrow(complaint);
});
