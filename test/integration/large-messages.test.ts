/** Tasks with megabytes of arguments, from the caller through S3 on loopback to the handler; and what becomes of those whose arguments are lost. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createDeadLetters } from '../../src/app/dead-letters.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { group } from '../../src/index.ts';
import { createHandler } from '../../src/lambda/index.ts';
import type { LargeMessages } from '../../src/large-messages/large-messages.ts';
import { LARGE_CONTENT_TYPE } from '../../src/large-messages/pointer.ts';
import { createS3LargeMessages, type S3LargeMessagesOptions } from '../../src/large-messages/s3.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../src/testing/events.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { createCodecs } from '../../src/wire/codecs.ts';
import { openEnvelope, readMessage, writeMessage } from '../../src/wire/index.ts';
import { createFakeClock, NOON } from '../support/fake-clock.ts';
import { base64, fieldsWith } from '../support/messages.ts';
import { createRecordingLogger } from '../support/recording.ts';
import { type LocalS3, startS3 } from '../support/s3.ts';

const MIB = 1_048_576;
/** What no compression makes small, and no two of which are equal. */
const megabytes = (count: number): string =>
  Array.from({ length: (count * MIB) / 64 }, (_, index) =>
    base64(`${index}-${'é'.repeat(20)}`)
      .slice(0, 64)
      .padEnd(64, '.'),
  ).join('');

let s3: LocalS3;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  s3 = await startS3();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => s3.stop());

/** A store under a prefix of its own. */
function openStore(options: Partial<S3LargeMessagesOptions> = {}) {
  const prefix = `${crypto.randomUUID()}/`;
  const store = createS3LargeMessages({ bucket: s3.bucket, ...s3.connection, prefix, ...options });
  closing.push(async () => await store.close?.());
  const keys = async () => (await s3.keys()).filter((key) => key.startsWith(prefix));
  return { store, keys };
}

/** A sender and a worker of the same tasks, and the queue between them. */
function deploy(largeMessages: LargeMessages | undefined, clock = createFakeClock()) {
  const logger = createRecordingLogger();
  const transport = createMemoryTransport({ clock });
  const backend = createMemoryBackend();
  const app = createApp('shop', { deadLetterQueue: 'dead' }).connect({ transport, backend, largeMessages, clock, logger });
  const seen: string[] = [];
  const measure = app.task('measure', (text: string) => {
    seen.push(text);
    return text.length;
  });
  const stubborn = app.task('stubborn', { bind: true, defaultRetryDelay: 5 }, (self, text: string) => {
    seen.push(text);
    if (self.request.retries === 0) throw self.retry();
    return text.length;
  });
  const handler = createHandler(app);
  /** What lies in a queue is handed to the handler, and taken away where it is acknowledged. */
  const run = async (queue = 'celery'): Promise<number> => {
    const deliveries = await transport.inbox.receive(queue);
    const records = deliveries.map(({ body, messageId }) => createSqsRecord(body, { messageId, queue }));
    const answer = await handler(createSqsEvent(records), createLambdaContext());
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    await Promise.all(deliveries.filter(({ messageId }) => !failed.has(messageId)).map((delivery) => transport.inbox.done(delivery)));
    return failed.size;
  };
  const codeOf = (position = 0) => transport.messages('dead')[position]?.attributes?.['celeriac.code']?.value;
  return { app, clock, logger, transport, backend, measure, stubborn, run, seen, codeOf };
}

describe('a task with 3 MiB of arguments', () => {
  it('goes by the store and is run with all of them', async () => {
    const { store, keys } = openStore();
    const { transport, measure, run, seen, logger } = deploy(store);
    const text = megabytes(3);
    const sent = await measure.applyAsync([text], { headers: { tenant: 'acme' } });

    const [message] = transport.messages('celery');
    expect(message?.body.length).toBeLessThan(10_000);
    expect(openEnvelope(message!.body)).toMatchObject({
      'content-type': LARGE_CONTENT_TYPE,
      headers: { task: 'measure', id: sent.id, tenant: 'acme' },
    });
    expect(await keys()).toHaveLength(1);

    expect(await run()).toBe(0);
    expect(seen).toEqual([text]);
    expect(await sent.get()).toBe(3 * MIB);
    expect(transport.messages('celery')).toEqual([]);
    expect(logger.lines.map(({ state }) => state)).toEqual(['SUCCESS']);
  });

  it('is MessageTooLarge without a store, and nothing is sent', async () => {
    const { transport, measure } = deploy(undefined);
    await expect(measure.delay(megabytes(3))).rejects.toMatchObject({ name: 'MessageTooLarge' });
    expect(transport.messages('celery')).toEqual([]);
  });

  it('is retried from the same object', async () => {
    const { store, keys } = openStore();
    const { clock, transport, stubborn, run, seen } = deploy(store);
    const sent = await stubborn.delay(megabytes(2));
    const before = await keys();
    expect(await run()).toBe(0);
    expect(await keys()).toEqual(before);
    expect(transport.messages('celery')[0]).toMatchObject({ delaySeconds: 5 });
    await clock.advance(6000);
    expect(await run()).toBe(0);
    expect(await sent.get()).toBe(2 * MIB);
    expect(seen).toHaveLength(2);
  });

  it('waits as the small message that it is', async () => {
    const { store, keys } = openStore();
    const { clock, transport, measure, run, seen } = deploy(store);
    await measure.applyAsync([megabytes(2)], { countdown: 1200 });
    const [first] = transport.messages('celery');
    await clock.advance(901_000);
    expect(await run()).toBe(0);
    const [hopped] = transport.messages('celery');
    expect(hopped?.body).toBe(first?.body);
    expect(hopped?.attributes).toHaveProperty('celeriac.hops');
    expect([seen.length, (await keys()).length]).toEqual([0, 1]);
    await clock.advance(400_000);
    expect(await run()).toBe(0);
    expect(seen[0]).toHaveLength(2 * MIB);
  });

  it('is a small one also for its callbacks and the rest of a chain', async () => {
    const { store, keys } = openStore();
    const { app, transport, measure, run } = deploy(store);
    const total = app.task('total', (...counts: number[]) => counts.reduce((sum, count) => sum + count, 0));
    const sent = await measure.s(megabytes(2)).pipe(total.s(1)).applyAsync();
    expect(await run()).toBe(0);
    expect(transport.messages('celery').map(({ body }) => openEnvelope(body)['content-type'])).toEqual(['application/json']);
    expect(await run()).toBe(0);
    expect(await sent.get()).toBe(2 * MIB + 1);
    expect(await keys()).toHaveLength(1);
  });
});

describe('arguments that are lost', () => {
  it('are quarantined as changed when somebody wrote over the object', async () => {
    const { store, keys } = openStore();
    const { transport, measure, run, seen, codeOf } = deploy(store);
    await measure.delay(megabytes(2));
    const [{ body } = { body: '' }] = transport.messages('celery');
    const [key = ''] = await keys();
    const text = (await s3.text(key)) ?? '';
    await s3.put(
      key,
      text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    );
    expect(await run()).toBe(0);
    expect([seen.length, codeOf()]).toEqual([0, 'large-message-changed']);
    expect(transport.messages('dead')[0]?.body).toBe(body);
  });

  it('are quarantined as too large when somebody put more there than is fetched', async () => {
    const { store, keys } = openStore({ maxBytes: 3 * MIB });
    const { measure, run, codeOf } = deploy(store);
    await measure.delay(megabytes(2));
    const [key = ''] = await keys();
    await s3.put(key, 'x'.repeat(3 * MIB + 1));
    expect(await run()).toBe(0);
    expect(codeOf()).toBe('too-large');
  });

  it('are quarantined as gone, and run when they are back and the message is sent back', async () => {
    const { store } = openStore();
    const broken: LargeMessages = { ...store, put: async () => {} };
    const { app, transport, measure, run, seen, codeOf } = deploy(broken, createFakeClock(NOON, { autoAdvance: true }));
    const text = megabytes(2);
    await measure.delay(text);
    const small = transport.messages('celery')[0]!;
    expect(await run()).toBe(0);
    expect(codeOf()).toBe('large-message-gone');

    const whole = writeMessage(fieldsWith({ task: 'measure', args: [text] }));
    const { sha256 } = openEnvelope(small.body).headers['celeriac_large'] as { sha256: string };
    await store.put({ taskId: small.id, sha256 }, Buffer.from(openEnvelope(whole, { messageBytes: Number.POSITIVE_INFINITY }).body));
    const letters = createDeadLetters(app);
    for await (const letter of letters.read()) {
      expect(letter).toMatchObject({ task: 'measure', id: small.id, code: 'large-message-gone' });
      expect(() => letter.message()).toThrow(expect.objectContaining({ code: 'content-disallowed' }));
    }
    expect(await letters.redrive()).toMatchObject({ redriven: 1 });
    expect(transport.messages('celery')[0]?.body).toBe(small.body);
    expect(await run()).toBe(0);
    expect(seen).toEqual([text]);
  });

  it('are quarantined by a worker that is connected to no store', async () => {
    const { store } = openStore();
    const sender = deploy(store);
    await sender.measure.delay(megabytes(2));
    const worker = deploy(undefined);
    await worker.transport.send([{ queue: 'celery', id: 'x', body: sender.transport.messages('celery')[0]!.body }]);
    expect(await worker.run()).toBe(0);
    expect([worker.seen.length, worker.codeOf()]).toEqual([0, 'content-disallowed']);
  });
});

describe('a store that is down', () => {
  const down = { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

  it('leaves a task unsent, and its caller knows', async () => {
    const { transport, measure } = deploy(openStore(down).store);
    await expect(measure.delay(megabytes(2))).rejects.toMatchObject({ name: 'OperationalError', retryable: true });
    expect(transport.messages('celery')).toEqual([]);
  });

  it('sends nothing of what is sent together', async () => {
    const { transport, measure } = deploy(openStore(down).store);
    const both = group([measure.s('small'), measure.s(megabytes(2))]);
    await expect(both.applyAsync()).rejects.toMatchObject({ name: 'OperationalError' });
    expect(transport.messages('celery')).toEqual([]);
  });

  it('gives a message back, which runs when it is up again; its mates run at once', async () => {
    const { store } = openStore();
    let isDown = true;
    const get: LargeMessages['get'] = (name) => (isDown ? createS3LargeMessages({ bucket: 'b', ...down }).get(name) : store.get(name));
    const { clock, transport, measure, run, seen, logger } = deploy({ ...store, get });
    await measure.delay(megabytes(2));
    await measure.delay('mate');
    expect(await run()).toBe(1);
    expect(seen).toEqual(['mate']);
    expect(transport.messages('dead')).toEqual([]);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ message: 'message given back', error: expect.objectContaining({ name: 'OperationalError' }) }),
    );
    isDown = false;
    await clock.advance(31_000);
    expect(await run()).toBe(0);
    expect(seen[1]).toHaveLength(2 * MIB);
  });

  it('gives a message back whose retry cannot be put', async () => {
    const { store } = openStore();
    let isFull = false;
    const put: LargeMessages['put'] = (name, payload) =>
      isFull ? createS3LargeMessages({ bucket: 'b', ...down }).put(name, payload) : store.put(name, payload);
    const { transport, stubborn, run } = deploy({ ...store, put });
    await stubborn.delay(megabytes(2));
    isFull = true;
    expect(await run()).toBe(1);
    expect(transport.messages('celery')).toHaveLength(1);
  });
});

describe("a pointer of AWS's extended client", () => {
  const pointerTo = (bucket: string, key: string): string =>
    JSON.stringify(['software.amazon.payloadoffloading.PayloadS3Pointer', { s3BucketName: bucket, s3Key: key }]);
  const text = megabytes(2);
  const whole = writeMessage(fieldsWith({ task: 'measure', id: 'from-java', args: [text] }));

  const deliver = async (options: Partial<S3LargeMessagesOptions>, bucket: string, key: string) => {
    await s3.put(key, whole);
    const worker = deploy(openStore(options).store);
    await worker.transport.send([{ queue: 'celery', id: 'x', body: pointerTo(bucket, key) }]);
    expect(await worker.run()).toBe(0);
    return worker;
  };

  it('is the message that lies in our bucket', async () => {
    const { seen, backend } = await deliver({ followPrefix: 'java/' }, s3.bucket, 'java/1');
    expect(seen).toEqual([text]);
    expect(await backend.fetch('from-java')).toMatchObject({ status: 'SUCCESS', result: 2 * MIB });
    expect(readMessage(whole, { codecs: createCodecs(), limits: { messageBytes: Number.POSITIVE_INFINITY } }).headers.id).toBe('from-java');
  });

  it.each([
    ['another bucket', { followPrefix: '' }, 'theirs', 'java/1'],
    ['another prefix', { followPrefix: 'java/' }, 'results', 'other/1'],
    ['our bucket, where none is followed', {}, 'results', 'java/1'],
  ])('to %s is quarantined, and nothing is fetched', async (_where, options, bucket, key) => {
    const { seen, codeOf } = await deliver(options, bucket, key);
    expect([seen.length, codeOf()]).toEqual([0, 'foreign-pointer']);
  });
});
