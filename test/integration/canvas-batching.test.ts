/** One Lambda batch: what its tasks are followed by shares its requests, and a fault in one returns just the records it belongs to. */

import { GetQueueUrlCommand, SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { chain, createApp, silentLogger } from '../../src/index.ts';
import { createHandler } from '../../src/lambda/index.ts';
import { createLambdaContext, createSqsEvent } from '../../src/testing/index.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { createCodecs } from '../../src/wire/codecs.ts';
import { readMessage } from '../../src/wire/protocol-read.ts';

const sqs = mockClient(SQSClient);
const TEN = Array.from({ length: 10 }, (_, index) => index);

const entriesOf = (call: { args: [{ input: { Entries?: SendMessageBatchRequestEntry[] | undefined } }, ...unknown[]] }) =>
  call.args[0].input.Entries ?? [];
const sends = () => sqs.commandCalls(SendMessageBatchCommand).map((call) => entriesOf(call as never));

/** Ten chains, their first steps waiting in one event. */
async function tenChains() {
  const app = createApp('shop', { taskPublishRetry: false });
  const add = app.task('tasks.add', (x: number, y: number) => x + y);
  const slow = app.task('tasks.slow', async (x: number, y: number) => x + y);
  const queue = createMemoryTransport();
  app.connect({ transport: queue, backend: createMemoryBackend() });
  for (const index of TEN) await chain(index % 2 === 0 ? add.s(index, 1) : slow.s(index, 1), add.s(10)).applyAsync();
  const event = createSqsEvent(queue.messages('celery').map(({ body }) => body));

  const backend = createMemoryBackend();
  const stores: number[] = [];
  app.connect({
    transport: createSqsTransport({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }),
    backend: {
      ...backend,
      async storeMany(documents, keeping) {
        stores.push(documents.length);
        return await backend.storeMany!(documents, keeping);
      },
    },
    logger: silentLogger,
  });
  return { handler: createHandler(app), event, stores, backend };
}

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/celery' });
});

describe('ten chain steps in one batch', () => {
  it('cost one request for their next steps, and one for their results', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: SendMessageBatchRequestEntry[] }) => ({
      Successful: Entries.map(({ Id }) => ({ Id, MessageId: `m${Id}` })),
    }));
    const { handler, event, stores } = await tenChains();
    await expect(handler(event, createLambdaContext())).resolves.toEqual({ batchItemFailures: [] });
    expect(sends().map((entries) => entries.length)).toEqual([10]);
    expect(stores).toEqual([10]);
    const next = sends()[0]!.map(({ MessageBody }) => readMessage(MessageBody!, { codecs: createCodecs({}) }));
    expect(next.map(({ args }) => args)).toEqual(expect.arrayContaining(TEN.map((index) => [index + 1, 10])));
  });

  it('return just the record whose next step was not accepted', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: SendMessageBatchRequestEntry[] }) => ({
      Successful: Entries.slice(1).map(({ Id }) => ({ Id, MessageId: `m${Id}` })),
      Failed: [{ Id: Entries[0]!.Id, SenderFault: false, Code: 'InternalError' }],
    }));
    const { handler, event, backend } = await tenChains();
    const { batchItemFailures } = await handler(event, createLambdaContext());
    expect(batchItemFailures).toHaveLength(1);
    expect(backend.documents().size).toBe(9);
  });
});
