/** One run of the program, looked at from outside: what it answered, the messages it sent, and what the worker made of them. */

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, silentLogger } from '../../src/index.ts';
import { createHandler } from '../../src/lambda/index.ts';
import { createEventSourceMapping, type LocalSqs, startLocalSqs } from '../../src/local/index.ts';
import { createSqsFetchTransport } from '../../src/transports/sqs-fetch/index.ts';
import { decodeOuter } from '../../src/wire/index.ts';
import type { Host } from './hosts.ts';
import type { Report } from './program.ts';
import { REQUESTS, SENT, TEXT } from './sent.ts';

const QUEUES = ['celery', 'orders.fifo'];
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+\+00:00/g;

export interface Observed {
  /** The answer and the messages, the same for whoever sends the same. */
  readonly seen: string;
  /** In a line. */
  readonly told: string;
}

export async function observe(host: Host): Promise<Observed> {
  const sqs = await startLocalSqs({ queues: QUEUES.map((name) => ({ name })) });
  const counter = await startCounter(sqs.endpoint);
  try {
    const report = await host.run({ endpoint: counter.endpoint, region: sqs.region });
    const requests = counter.requests('SendMessageBatch');
    const messages = await messagesOf(sqs);
    const seen = JSON.stringify({ ...report, ids: report.ids.length, messages: messages.map(anonymous).sort() }, undefined, 1);
    checkReport(report, messages);
    assert.equal(requests, REQUESTS, 'requests with messages');
    assert.deepEqual(await results(sqs, expectedResults().length), expectedResults(), 'results');
    return { seen, told: `${messages.length} messages in ${requests} requests, run by the worker` };
  } finally {
    await counter.close();
    await sqs.close();
  }
}

function checkReport({ ids, failures, observed, current }: Report, messages: readonly string[]): void {
  const sent = messages.join();
  assert.deepEqual(
    ids.filter((id) => id === '' || !sent.includes(id)),
    [],
    'ids without a message',
  );
  assert.deepEqual(
    failures.map((text) => text.split(':')[0]),
    ['QueueNotFound', 'MessageTooLarge'],
  );
  assert.equal(observed.length, messages.length);
  assert.equal(current, 'undefined');
  assert.equal(messages.length, SENT.celery + SENT.fifo);
}

/** Of both queues, opened: the envelope with its body read, as JSON. */
async function messagesOf(sqs: LocalSqs): Promise<readonly string[]> {
  const peeked = await Promise.all(QUEUES.map(async (queue) => (await sqs.peek(queue)).map((message) => ({ queue, ...message }))));
  return peeked.flat().map(({ queue, body, messageGroupId }) => {
    const envelope = JSON.parse(decodeOuter(body)) as { readonly body: string };
    const opened = { ...envelope, body: JSON.parse(Buffer.from(envelope.body, 'base64').toString()) as unknown };
    return JSON.stringify({ queue, messageGroupId, opened });
  });
}

/** Ids by the order they appear in, and no times. */
function anonymous(message: string): string {
  const known: string[] = [];
  return message.replace(TIME, '<time>').replace(UUID, (id) => {
    if (!known.includes(id)) known.push(id);
    return `<id ${known.indexOf(id)}>`;
  });
}

/** What the tasks return when the worker has run what is in the queues, sorted. */
async function results(sqs: LocalSqs, count: number): Promise<readonly string[]> {
  const { endpoint, region, credentials } = sqs;
  const transport = createSqsFetchTransport({ endpoint, region, credentials });
  const app = createApp('edge', { transport, logger: silentLogger });
  const returned: string[] = [];
  const all = Promise.withResolvers<void>();
  const noted = <R>(value: R): R => {
    returned.push(JSON.stringify(value));
    if (returned.length === count) all.resolve();
    return value;
  };
  app.task('edge.add', (x: number, y: number) => noted(x + y));
  app.task('edge.echo', (text: string) => noted(text));
  const handler = createHandler(app);
  const mappings = QUEUES.map((queue) =>
    createEventSourceMapping({
      sqs,
      queue,
      functionResponseType: 'ReportBatchItemFailures',
      invoke: async (event) => ({ ok: true, payload: JSON.stringify(await handler(event, { getRemainingTimeInMillis: () => 30_000 })) }),
    }),
  );
  const late = setTimeout(() => all.reject(new Error(`the worker ran ${returned.length} of ${count}`)), 20_000);
  try {
    await all.promise;
  } finally {
    clearTimeout(late);
    await Promise.all(mappings.map((mapping) => mapping.close()));
    await transport.close();
  }
  return returned.sort();
}

function expectedResults(): readonly string[] {
  const together = Array.from({ length: 25 }, (_, index) => index + index);
  const many = Array.from({ length: 12 }, (_, index) => 100 + index);
  const sums = [2 + 3, ...together, 1 + 1, 1 + 1 + 10, 1 + 2, 3 + 4, 5 + 5, 6 + 6, 50 + 50, ...many];
  return [...sums, TEXT, 'a group', 'flushed', 'first', 'second'].map((value) => JSON.stringify(value)).sort();
}

interface Counter {
  readonly endpoint: string;
  requests(operation: string): number;
  close(): Promise<void>;
}

/** Stands before SQS, and counts. */
async function startCounter(endpoint: string): Promise<Counter> {
  const seen: string[] = [];
  const server: Server = createServer((incoming: IncomingMessage, outgoing) => {
    seen.push(String(incoming.headers['x-amz-target']));
    const { method, url, headers } = incoming;
    const onward = request(endpoint + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: (operation) => seen.filter((target) => target === `AmazonSQS.${operation}`).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
