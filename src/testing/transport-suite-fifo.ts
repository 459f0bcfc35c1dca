/** What every transport must do on FIFO queues: order within a group, groups apart, each message once. */

import assert from 'node:assert/strict';
import { bodies, drained, message, names, one, sent, type TransportCheck } from './transport-suite-parts.ts';

export const FIFO: readonly TransportCheck[] = [
  [
    'keeps the order within a FIFO group while other groups go on',
    async (given) => {
      const queue = given.queue('fifo');
      const inGroup = (group: string, count: number) =>
        Array.from({ length: count }, (_, at) => message(queue, `${group}${at}`, { messageGroupId: group }));
      await sent(given, ...inGroup('a', 12), ...inGroup('b', 3));
      const blocked = await one(given, queue);
      assert.equal(blocked.body, 'a0');
      const others = await drained(given, queue, 3);
      assert.deepEqual(bodies(others), ['b0', 'b1', 'b2']);
      assert.ok(others.every(({ messageGroupId }) => messageGroupId === 'b'));
      await given.transport.inbox.postpone(blocked, 0);
      assert.deepEqual(
        bodies(await drained(given, queue, 12)),
        inGroup('a', 12).map(({ body }) => body),
      );
    },
  ],
  [
    'puts FIFO messages without a group into one, named default',
    async (given) => {
      const queue = given.queue('fifo');
      await sent(given, message(queue, 'first'), message(queue, 'second'));
      const found = await drained(given, queue, 2);
      assert.deepEqual(
        found.map(({ body, messageGroupId }) => [body, messageGroupId]),
        [
          ['first', 'default'],
          ['second', 'default'],
        ],
      );
    },
  ],
  [
    'queues a FIFO message once that is sent twice, told by its task id or its own deduplication id',
    async (given) => {
      const queue = given.queue('fifo');
      const [first] = await given.transport.send([message(queue, 'task'), message(queue, 'task')]);
      const [again] = await given.transport.send([message(queue, 'task', { body: 'sent again' })]);
      assert.deepEqual(again, first);
      await sent(given, message(queue, 'task', { body: 'retry', messageDeduplicationId: 'task-retry-1' }));
      await sent(given, message(queue, 'other', { body: 'lost', messageDeduplicationId: 'task-retry-1' }));
      await sent(given, message(queue, 'an id of 140 characters '.padEnd(140, 'ü'), { body: 'odd id' }));
      assert.deepEqual(bodies(await drained(given, queue, 4)), ['task', 'retry', 'odd id']);
    },
  ],
  [
    'refuses a delay and malformed ids on a FIFO queue, while its mates go',
    async (given) => {
      const queue = given.queue('fifo');
      const receipts = await given.transport.send([
        message(queue, 'late', { delaySeconds: 1 }),
        message(queue, 'group', { messageGroupId: 'a b' }),
        message(queue, 'dedup', { messageDeduplicationId: '' }),
        message(queue, 'mate', { delaySeconds: 0 }),
      ]);
      assert.deepEqual(names(receipts), ['EncodeError', 'EncodeError', 'EncodeError', 'ok']);
      assert.deepEqual(bodies(await drained(given, queue, 2)), ['mate']);
    },
  ],
];
