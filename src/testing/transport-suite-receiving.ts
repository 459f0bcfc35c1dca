/** What every transport must do when it is polled: delay, visibility, receive counts and waiting. */

import assert from 'node:assert/strict';
import { bodies, drained, message, one, sent, type TransportCheck } from './transport-suite-parts.ts';

export const RECEIVING: readonly TransportCheck[] = [
  [
    'gives at most as many messages as asked for',
    async (given) => {
      const queue = given.queue();
      await sent(given, ...['a', 'b', 'c'].map((id) => message(queue, id)));
      assert.equal((await given.transport.inbox.receive(queue, { max: 1 })).length, 1);
    },
  ],
  [
    'holds a message back for its delay',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'later', { delaySeconds: 2 }), message(queue, 'now', { delaySeconds: 0 }));
      assert.deepEqual(bodies(await drained(given, queue, 2)), ['now']);
      await given.pass(2);
      assert.deepEqual(bodies(await drained(given, queue, 1)), ['later']);
    },
  ],
  [
    'removes a message that is done',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'done'));
      await given.transport.inbox.done(await one(given, queue));
      await given.pass(given.visibilityTimeoutSeconds);
      assert.deepEqual(await given.transport.inbox.receive(queue), []);
    },
  ],
  [
    'gives a message that was not done again after its visibility timeout, counting',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'again'));
      const first = await one(given, queue);
      assert.deepEqual(await given.transport.inbox.receive(queue), []);
      await given.pass(given.visibilityTimeoutSeconds);
      const second = await one(given, queue);
      assert.deepEqual([second.messageId, second.body, second.receiveCount], [first.messageId, 'again', 2]);
    },
  ],
  [
    'gives a message postponed by 0 seconds back at once, counting',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'back'));
      await given.transport.inbox.postpone(await one(given, queue), 0);
      assert.equal((await one(given, queue)).receiveCount, 2);
    },
  ],
  [
    'hides a postponed message for the time asked, counted from now',
    async (given) => {
      const queue = given.queue();
      await sent(given, message(queue, 'hidden'));
      await given.transport.inbox.postpone(await one(given, queue), given.visibilityTimeoutSeconds + 1);
      await given.pass(given.visibilityTimeoutSeconds);
      assert.deepEqual(await given.transport.inbox.receive(queue), []);
      await given.pass(1);
      assert.equal((await one(given, queue)).receiveCount, 2);
    },
  ],
  [
    'ends a wait when a message comes',
    async (given) => {
      const queue = given.queue();
      const waiting = given.transport.inbox.receive(queue, { waitSeconds: 20 });
      await sent(given, message(queue, 'awaited'));
      assert.deepEqual(bodies(await waiting), ['awaited']);
    },
  ],
  [
    'ends a wait without messages when it is aborted',
    async (given) => {
      const queue = given.queue();
      const stop = new AbortController();
      // Nothing is sent here: a stand-in for SQS may give its next message to the wait that was aborted, as fauxqs does.
      const waiting = given.transport.inbox.receive(queue, { waitSeconds: 20, signal: stop.signal });
      setTimeout(() => stop.abort(), 20);
      assert.deepEqual(await waiting, []);
      assert.deepEqual(await given.transport.inbox.receive(queue, { signal: stop.signal }), []);
    },
  ],
];
