/** What every transport must do with what it is given to send: carry it exactly, or refuse it alone. */

import assert from 'node:assert/strict';
import type { MessageAttributes } from '../transports/transport.ts';
import { bodies, drained, message, names, plain, refusalOf, sent, type TransportCheck } from './transport-suite-parts.ts';

const UNICODE = '{"text": "naïve façade, Ω, 漢字, a tab\t and a line\nend, \u{7f}\u{85}\u{fffd}"}';

export const SENDING: readonly TransportCheck[] = [
  [
    'answers an empty batch with no receipts',
    async ({ transport }) => {
      assert.deepEqual(await transport.send([]), []);
    },
  ],
  [
    'carries text exactly',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'text', { body: UNICODE }));
      const [delivery] = await drained(given, queue, 1);
      assert.equal(delivery?.body, UNICODE);
      assert.equal(delivery?.receiveCount, 1);
      assert.equal(typeof delivery?.sentAt, 'number');
    },
  ],
  [
    'sends to the queue that a delivery names, by its own name',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'first'));
      const [delivery] = await drained(given, queue, 1);
      await sent(given, { ...message(delivery?.queue ?? '', 'again'), ownName: true });
      assert.deepEqual(bodies(await drained(given, queue, 1)), ['again']);
    },
  ],
  [
    'knows what a delivery will call the queue, where that is another name',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'named'));
      const [delivery] = await drained(given, queue, 1);
      assert.equal((await given.transport.nameOf?.(queue)) ?? queue, delivery?.queue);
    },
  ],
  [
    'carries characters outside the basic plane',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'emoji', { body: 'a 🐇 and a 𝄞' }));
      assert.deepEqual(bodies(await drained(given, queue, 1)), ['a 🐇 and a 𝄞']);
    },
  ],
  [
    'carries 200 kB and the largest message there is',
    async (given) => {
      const queue = given.queue();
      const large = 'ü'.repeat(100_000);
      const largest = 'x'.repeat(given.transport.limits.messageBytes);
      await sent(given, message(queue, 'large', { body: large }), message(queue, 'largest', { body: largest }));
      assert.deepEqual(new Set(bodies(await drained(given, queue, 2))), new Set([large, largest]));
    },
  ],
  [
    'answers in the order given, over many messages and several queues',
    async (given) => {
      const queues = [given.queue(), given.queue(), given.queue('fifo')];
      const batch = Array.from({ length: 47 }, (_, at) => message(queues[at % 3] ?? '', `m${at}`));
      const receipts = await given.transport.send(batch);
      const ids = receipts.map((receipt) => (receipt.ok ? receipt.messageId : assert.fail(receipt.error)));
      const found = new Map((await Promise.all(queues.map((queue) => drained(given, queue, 15)))).flat().map((d) => [d.messageId, d]));
      assert.deepEqual(
        ids.map((id) => found.get(id)?.body),
        batch.map(({ body }) => body),
      );
    },
  ],
  [
    'refuses a delay that is no whole number within the limit, while its mates go',
    async (given) => {
      const queue = given.queue();
      const delays = [-1, 0.5, Number.NaN, given.transport.limits.delaySeconds + 1];
      const batch = [...delays.map((delaySeconds) => message(queue, 'bad', { delaySeconds })), message(queue, 'mate')];
      const receipts = await given.transport.send(batch);
      assert.deepEqual(names(receipts), ['EncodeError', 'EncodeError', 'EncodeError', 'EncodeError', 'ok']);
      assert.deepEqual(bodies(await drained(given, queue, 2)), ['mate']);
    },
  ],
  [
    'brings the attributes',
    async (given) => {
      const queue = given.queue();
      const attributes: MessageAttributes = {
        kind: { type: 'String', value: 'naïve' },
        size: { type: 'Number', value: '12.5' },
        raw: { type: 'Binary', value: Uint8Array.of(0, 255, 128) },
      };
      await sent(given, message(queue, 'with', { attributes }), message(queue, 'without', { attributes: {} }));
      const found = new Map((await drained(given, queue, 2)).map((delivery) => [delivery.body, plain(delivery.attributes)]));
      assert.deepEqual(found.get('with'), plain(attributes));
      assert.equal(found.get('without'), undefined);
    },
  ],
  [
    'refuses attributes that SQS does not take, while its mates go',
    async (given) => {
      const queue = given.queue();
      const one = { type: 'String', value: 'x' } as const;
      const bad: MessageAttributes[] = [
        Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`a${at}`, one])),
        { 'AWS.x': one },
        { 'a b': one },
        { empty: { type: 'String', value: '' } },
        { size: { type: 'Number', value: 'twelve' } },
      ];
      const receipts = await given.transport.send([
        ...bad.map((attributes) => message(queue, 'bad', { attributes })),
        message(queue, 'mate'),
      ]);
      assert.deepEqual(names(receipts), [...bad.map(() => 'EncodeError'), 'ok']);
      assert.deepEqual(bodies(await drained(given, queue, 2)), ['mate']);
    },
  ],
  [
    'refuses characters that SQS does not take, naming them, while its mates go',
    async (given) => {
      const queue = given.queue();
      const receipts = await given.transport.send([
        message(queue, 'nul', { body: 'a\0' }),
        message(queue, 'noncharacter', { body: '\ufffe' }),
        message(queue, 'lone', { body: '\ud83d alone' }),
        message(queue, 'empty', { body: '' }),
        message(queue, 'mate'),
      ]);
      assert.deepEqual(names(receipts), ['EncodeError', 'EncodeError', 'EncodeError', 'EncodeError', 'ok']);
      for (const [at, name] of ['U+0000', 'U+FFFE', 'U+D83D'].entries()) assert.ok(refusalOf(receipts[at]).message.includes(name));
      assert.deepEqual(bodies(await drained(given, queue, 2)), ['mate']);
    },
  ],
  [
    'refuses a message that is too large, while its mates go',
    async (given) => {
      const queue = given.queue();
      const body = 'x'.repeat(given.transport.limits.messageBytes - 'noteString1'.length + 1);
      const attributes: MessageAttributes = { note: { type: 'String', value: '1' } };
      const batch = [message(queue, 'before'), message(queue, 'large', { body, attributes }), message(queue, 'after')];
      const receipts = await given.transport.send(batch);
      assert.deepEqual(names(receipts), ['ok', 'MessageTooLarge', 'ok']);
      assert.deepEqual(new Set(bodies(await drained(given, queue, 3))), new Set(['before', 'after']));
    },
  ],
  [
    'answers for a queue that does not exist, while the others go',
    async (given) => {
      const queue = given.queue();
      const receipts = await given.transport.send([message(given.missingQueue, 'lost'), message(queue, 'mate')]);
      assert.deepEqual(names(receipts), ['QueueNotFound', 'ok']);
      await assert.rejects(given.transport.inbox.receive(given.missingQueue), { name: 'QueueNotFound' });
      assert.deepEqual(bodies(await drained(given, queue, 1)), ['mate']);
    },
  ],
  [
    'brings the trace header',
    async (given) => {
      const queue = given.queue();
      const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
      await sent(given, message(queue, 'traced', { traceHeader }));
      assert.equal((await drained(given, queue, 1))[0]?.traceHeader, traceHeader);
    },
  ],
  [
    'brings the group of a message on a standard queue',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'fair', { messageGroupId: 'tenant-7' }));
      assert.equal((await drained(given, queue, 1))[0]?.messageGroupId, 'tenant-7');
    },
  ],
];
