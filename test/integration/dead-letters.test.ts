import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { deadLetterAttributes } from '../../src/app/dead-letter-attributes.ts';
import { createDeadLetters, type DeadLetter, type DeadLetters } from '../../src/app/dead-letters.ts';
import { type LocalSqs, startLocalSqs } from '../../src/local/index.ts';
import { createSqsTransport, type SqsTransport } from '../../src/transports/sqs/index.ts';
import type { MessageAttributes } from '../../src/transports/transport.ts';
import { createCodecs, readMessage, writeMessage } from '../../src/wire/index.ts';
import { fieldsWith } from '../support/messages.ts';

let sqs: LocalSqs;
let transport: SqsTransport;
let letters: DeadLetters;
let orders: DeadLetters;

const codecs = createCodecs();
const redrive = { deadLetterQueue: 'prod-dead', maxReceiveCount: 1 };

beforeEach(async () => {
  sqs = await startLocalSqs({
    queues: [
      { name: 'prod-dead' },
      { name: 'prod-celery', visibilityTimeoutSeconds: 0, redrive },
      { name: 'prod-mail' },
      { name: 'prod-dead.fifo' },
      { name: 'prod-orders.fifo' },
    ],
  });
  const { endpoint, region, credentials } = sqs;
  transport = createSqsTransport({ endpoint, region, credentials, queueNamePrefix: 'prod-' });
  const app = createApp('shop', { deadLetterQueue: 'dead', transport });
  letters = createDeadLetters(app);
  orders = createDeadLetters(app, { queue: 'dead.fifo' });
});

afterEach(async () => {
  await transport.close();
  await sqs.close();
});

const bodyOf = (id: string, retries = 0): string => writeMessage(fieldsWith({ id, retries, task: `proj.${id}` }));

/** Puts a message where the worker puts those it sets aside. */
async function bury(id: string, queue: string, more: { attributes?: MessageAttributes; body?: string; dead?: string } = {}): Promise<void> {
  const body = more.body ?? bodyOf(id, 2);
  const delivery = { messageId: id, queue, body, receiveCount: 1, sentAt: 1_900_000_000_000, attributes: more.attributes ?? {} };
  const attributes = deadLetterAttributes(delivery, { code: 'bad-eta', reason: 'No time.', task: `proj.${id}`, id });
  const [receipt] = await transport.send([{ queue: more.dead ?? 'dead', id, body, attributes, messageGroupId: 'group' }]);
  expect(receipt).toMatchObject({ ok: true });
}

async function readAll(from: DeadLetters = letters): Promise<DeadLetter[]> {
  const seen: DeadLetter[] = [];
  for await (const letter of from.read()) seen.push(letter);
  return seen;
}

describe('dead letters in SQS', () => {
  it('are read with all they bring, and left', async () => {
    await bury('a', 'prod-mail');
    const [letter] = await readAll();
    expect(letter).toMatchObject({
      code: 'bad-eta',
      reason: 'No time.',
      task: 'proj.a',
      id: 'a',
      retries: 2,
      queue: 'prod-mail',
      firstSeenMs: 1_900_000_000_000,
      receiveCount: 1,
    });
    expect(letter?.message().args).toEqual([2, 3]);
    expect(await sqs.depth('prod-dead')).toEqual({ ready: 1, delayed: 0, inFlight: 0 });
  });

  it('go back to the queue they came from, with the attributes of their sender', async () => {
    await bury('a', 'prod-mail', {
      attributes: { own: { type: 'String', value: 'x' }, bytes: { type: 'Binary', value: Uint8Array.of(1, 2) } },
    });
    expect(await letters.redrive()).toEqual({ redriven: 1, skipped: 0, failed: 0 });
    expect(await sqs.depth('prod-dead')).toEqual({ ready: 0, delayed: 0, inFlight: 0 });
    const [back] = await transport.inbox.receive('mail');
    expect(readMessage(back!.body, { codecs }).headers).toMatchObject({ id: 'a', retries: 0 });
    expect(Object.keys(back?.attributes ?? {}).sort()).toEqual(['bytes', 'celeriac.redriven', 'own']);
  });

  it('that SQS moved go back to the default queue', async () => {
    await transport.send([{ queue: 'celery', id: 'b', body: bodyOf('b') }]);
    for (const _ of [1, 2]) await transport.inbox.receive('celery');
    expect((await readAll()).map(({ code, task }) => [code, task])).toEqual([['redriven', 'proj.b']]);
    await letters.redrive({ retries: 'keep' });
    expect((await sqs.peek('prod-celery')).map(({ body }) => body)).toEqual([bodyOf('b')]);
  });

  it('of which some are meant are sent back or deleted, and the others stay', async () => {
    for (let n = 0; n < 12; n++) await bury(`id${n}`, n < 6 ? 'prod-mail' : 'prod-celery');
    expect(await letters.redrive({ filter: { queue: 'prod-mail' } })).toEqual({ redriven: 6, skipped: 6, failed: 0 });
    expect(await letters.purge({ filter: { task: 'proj.id1*' } })).toEqual({ purged: 2 });
    expect((await readAll()).map(({ id }) => id).sort()).toEqual(['id6', 'id7', 'id8', 'id9']);
    expect(await sqs.depth('prod-dead')).toMatchObject({ ready: 4, inFlight: 0 });
    expect(await sqs.depth('prod-mail')).toMatchObject({ ready: 6 });
  });

  it('whose queue is gone stay', async () => {
    await bury('a', 'prod-gone');
    expect(await letters.redrive()).toEqual({ redriven: 0, skipped: 0, failed: 1 });
    expect(await sqs.depth('prod-dead')).toMatchObject({ ready: 1, inFlight: 0 });
  });

  it('of a FIFO queue go back in order, though SQS still remembers the first sending', async () => {
    for (let n = 0; n < 12; n++) {
      await transport.send([{ queue: 'orders.fifo', id: `id${n}`, body: bodyOf(`id${n}`), messageGroupId: 'group' }]);
      await bury(`id${n}`, 'prod-orders.fifo', { dead: 'dead.fifo' });
    }
    for (let left = 12; left > 0; ) {
      const received = await transport.inbox.receive('orders.fifo');
      for (const delivery of received) await transport.inbox.done(delivery);
      left -= received.length;
    }
    expect(await orders.redrive()).toEqual({ redriven: 12, skipped: 0, failed: 0 });
    const back = (await sqs.peek('prod-orders.fifo')).map(({ body }) => readMessage(body, { codecs }).headers.id);
    expect(back).toEqual(Array.from({ length: 12 }, (_, n) => `id${n}`));
  });
});
