/** One Lambda batch of ten: results go to DynamoDB together, what follows and what is tried again to SQS together, and nobody waits for a slow one. */

import { BatchWriteItemCommand, type BatchWriteItemCommandInput, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDBBackend } from '../../src/backends/dynamodb.ts';
import { type App, createApp, silentLogger } from '../../src/index.ts';
import { createHandler } from '../../src/lambda/index.ts';
import { createLambdaContext, createSqsEvent } from '../../src/testing/index.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { createCodecs } from '../../src/wire/codecs.ts';
import { readMessage } from '../../src/wire/protocol-read.ts';

const sqs = mockClient(SQSClient);
const dynamodb = mockClient(DynamoDBClient);
/** Single items that are being written, and the most at one time. */
let puts = { now: 0, most: 0 };
const TEN = Array.from({ length: 10 }, (_, index) => index);

beforeEach(() => {
  sqs.reset();
  dynamodb.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/celery' });
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: SendMessageBatchCommandInput) => ({
    Successful: Entries.map(({ Id }) => ({ Id, MessageId: `m${Id}` })),
  }));
  dynamodb.on(BatchWriteItemCommand).resolves({});
  puts = { now: 0, most: 0 };
  dynamodb.on(PutItemCommand).callsFake(async () => {
    puts.most = Math.max(puts.most, ++puts.now);
    await new Promise((resolve) => setImmediate(resolve));
    puts.now -= 1;
    return {};
  });
});

/** How many messages, and how many items, each request had. */
const sent = () =>
  sqs.commandCalls(SendMessageBatchCommand).map((call) => (call.args[0].input as SendMessageBatchCommandInput).Entries ?? []);
const stored = () =>
  dynamodb
    .commandCalls(BatchWriteItemCommand)
    .map((call) => (call.args[0].input as BatchWriteItemCommandInput).RequestItems?.['celery']?.length);
const sizes = (requests: readonly (readonly unknown[])[]): number[] => requests.map(({ length }) => length);
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };

/** Sends with `send`, then runs what was sent as one event, with DynamoDB and SQS behind it. */
async function runAsBatch(app: App, send: () => Promise<unknown>) {
  const queue = createMemoryTransport();
  app.connect({ transport: queue });
  await send();
  const event = createSqsEvent(queue.messages('celery').map(({ body }) => body));
  app.connect({
    transport: createSqsTransport({ region: 'eu-central-1', credentials }),
    backend: createDynamoDBBackend({ region: 'eu-central-1', credentials }),
    logger: silentLogger,
  });
  return createHandler(app)(event, createLambdaContext());
}

const createShop = () => createApp('shop', { taskPublishRetry: false });
const DONE = { batchItemFailures: [] };

describe('ten records in one batch', () => {
  it('have their results written in one request', async () => {
    const app = createShop();
    const add = app.task('tasks.add', async (x: number, y: number) => x + y);
    expect(await runAsBatch(app, () => Promise.all(TEN.map((n) => add.delay(n, 1))))).toEqual(DONE);
    expect(stored()).toEqual([10]);
    expect(dynamodb.commandCalls(PutItemCommand)).toEqual([]);
    expect(sent()).toEqual([]);
  });

  it('have their callbacks sent in one request, and then their results written in one', async () => {
    const app = createShop();
    const add = app.task('tasks.add', (x: number, y: number) => x + y);
    expect(await runAsBatch(app, () => Promise.all(TEN.map((n) => add.applyAsync([n, 1], { link: add.s(10) }))))).toEqual(DONE);
    expect([sizes(sent()), stored()]).toEqual([[10], [10]]);
  });

  it.each([
    ['asked for', {}],
    ['automatic', { autoretryFor: [RangeError], retryBackoff: 5 }],
  ])(
    'have their next attempts sent in one request, after their states, which are no ends, were written side by side (%s)',
    async (how, options) => {
      const app = createShop();
      const flaky = app.task('tasks.flaky', { ...options, bind: true, kwargs: false }, async (self, n: number) => {
        if (how === 'automatic') throw new RangeError('busy');
        self.retry({ countdown: n });
      });
      expect(await runAsBatch(app, () => Promise.all(TEN.map((n) => flaky.delay(n))))).toEqual(DONE);
      expect([sizes(sent()), stored(), puts]).toEqual([[10], [], { now: 0, most: 10 }]);
      const attempts = sent()[0]!.map(({ MessageBody }) => readMessage(MessageBody!, { codecs: createCodecs() }));
      expect(attempts.map(({ headers }) => headers.retries)).toEqual(TEN.map(() => 1));
    },
  );

  it('fail together as well', async () => {
    const app = createShop();
    const bad = app.task('tasks.bad', (_n: number) => {
      throw new RangeError('no');
    });
    expect(await runAsBatch(app, () => Promise.all(TEN.map((n) => bad.delay(n))))).toEqual(DONE);
    expect(stored()).toEqual([10]);
  });

  it('share what they can where they end in different ways', async () => {
    const app = createShop();
    const add = app.task('tasks.add', (x: number, y: number) => x + y);
    const flaky = app.task('tasks.flaky', { bind: true, kwargs: false }, async (self, _n: number) => void self.retry());
    const send = () => Promise.all(TEN.map((n) => (n % 2 === 0 ? add.applyAsync([n, 1], { link: add.s(1) }) : flaky.delay(n))));
    expect(await runAsBatch(app, send)).toEqual(DONE);
    // Callbacks go before results, and next attempts after states: two requests are enough.
    expect(sizes(sent()).toSorted()).toEqual([5, 5]);
    expect([stored(), puts.most]).toEqual([[5], 5]);
  });

  it('are written while a slow one still runs', async () => {
    const app = createShop();
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const add = app.task('tasks.add', async (n: number) => {
      if (n === 0) await slow;
    });
    const answer = runAsBatch(app, () => Promise.all(TEN.map((n) => add.delay(n))));
    await vi.waitFor(() => expect(stored()).toEqual([9]));
    finish();
    expect(await answer).toEqual(DONE);
    expect([stored(), dynamodb.commandCalls(PutItemCommand).length]).toEqual([[9], 1]);
  });
});
