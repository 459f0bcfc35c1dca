/** Ways to send a task, each with a client of its own. All put their message together for each call and send it to the same queue. */

import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Producer } from 'sqs-producer';
import { createApp } from '../../src/app/app.ts';
import { silentLogger } from '../../src/logger.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { createSqsFetchTransport } from '../../src/transports/sqs-fetch/index.ts';
import type { Transport } from '../../src/transports/transport.ts';
import { TASK, templateString } from './by-hand.ts';

export interface Sender {
  /** Sends one task; resolves when SQS has it. */
  one(): Promise<unknown>;
  /** Sends so many that the caller has put together; without it they are sent one by one, at once. */
  many?(count: number): Promise<unknown>;
}

/** By its name in the tables. */
export const SENDERS: ReadonlyMap<string, (endpoint: string) => Sender> = new Map([
  ['SDK SendMessage', rawSender],
  ['SDK SendMessageBatch × 10', batchSender],
  ['sqs-producer', producerSender],
  ['celeriac, SDK transport', (endpoint) => ownSender(createSqsTransport({ endpoint }))],
  ['celeriac, lean transport', (endpoint) => ownSender(createSqsFetchTransport({ endpoint }))],
  ['celeriac, SDK, sendTasks', (endpoint) => manySender(createSqsTransport({ endpoint }))],
  ['celeriac, lean, sendTasks', (endpoint) => manySender(createSqsFetchTransport({ endpoint }))],
  ['celeriac, SDK, 10 ms linger', (endpoint) => ownSender(createSqsTransport({ endpoint, lingerMs: 10 }))],
  ['celeriac, lean, 10 ms linger', (endpoint) => ownSender(createSqsFetchTransport({ endpoint, lingerMs: 10 }))],
]);

const BATCH = 10;

const queueUrl = (endpoint: string): string => `${endpoint}/000000000000/celery`;

const body = (): string => templateString([2, 3]);

/** As the SDK comes, but for the warning about calls that wait for a socket. */
function createClient(endpoint: string): SQSClient {
  return new SQSClient({ endpoint, requestHandler: { socketAcquisitionWarningTimeout: 600_000 } });
}

function rawSender(endpoint: string): Sender {
  const client = createClient(endpoint);
  const QueueUrl = queueUrl(endpoint);
  return { one: () => client.send(new SendMessageCommand({ QueueUrl, MessageBody: body() })) };
}

function batchSender(endpoint: string): Sender {
  const client = createClient(endpoint);
  const QueueUrl = queueUrl(endpoint);
  const batch = (size: number) => {
    const Entries = Array.from({ length: size }, (_, place) => ({ Id: String(place), MessageBody: body() }));
    return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  };
  return {
    one: () => batch(1),
    many: (count) =>
      Promise.all(Array.from({ length: Math.ceil(count / BATCH) }, (_, place) => batch(Math.min(BATCH, count - place * BATCH)))),
  };
}

function producerSender(endpoint: string): Sender {
  const producer = Producer.create({ queueUrl: queueUrl(endpoint), sqs: createClient(endpoint) });
  let ids = 0;
  const message = () => ({ id: String(ids++ % BATCH), body: body() });
  return { one: () => producer.send(message()), many: (count) => producer.send(Array.from({ length: count }, message)) };
}

function ownSender(transport: Transport): Sender {
  const task = createApp('bench', { transport, logger: silentLogger }).declare<[number, number], number>(TASK);
  return { one: () => task.delay(2, 3) };
}

/** What the caller has put together goes by sendTasks. */
function manySender(transport: Transport): Sender {
  const app = createApp('bench', { transport, logger: silentLogger });
  const task = app.declare<[number, number], number>(TASK);
  return { one: () => task.delay(2, 3), many: (count) => app.sendTasks(Array.from({ length: count }, () => task.s(2, 3))) };
}
