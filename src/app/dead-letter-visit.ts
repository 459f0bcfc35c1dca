/**
 * One visit to a dead-letter queue: what lies there is received once, and what was not settled is given back at the end, however
 * the visit ends.
 */

import type { Clock } from '../clock.ts';
import { errorFields, type Logger } from '../logger.ts';
import type { Delivery, Inbox } from '../transports/transport.ts';

const LARGEST_BATCH = 10;

/** SQS asks all its servers only when it may wait; an empty answer then means an empty queue. */
const WAIT_SECONDS = 1;

export interface VisitOptions {
  readonly inbox: Inbox;
  readonly queue: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many more messages are wanted; 0 ends the visit. */
  readonly wanted: () => number;
  /** Ids of messages that are dealt with and not given back. */
  readonly settled: ReadonlySet<string>;
  /** How long each message is hidden from others; default as long as the queue itself hides it. */
  readonly hideSeconds?: number;
}

/**
 * Batches of up to ten, no message twice. Messages sent after the visit began are left: a task that dies again at once would else be
 * met for ever.
 */
export async function* visit(options: VisitOptions): AsyncGenerator<readonly Delivery[], void> {
  const { inbox, queue, clock, wanted, settled, hideSeconds } = options;
  const beganMs = clock.now();
  const held = new Map<string, Delivery>();
  try {
    for (let most = wanted(); most > 0; most = wanted()) {
      const received = await inbox.receive(queue, { max: Math.min(most, LARGEST_BATCH), waitSeconds: WAIT_SECONDS });
      const fresh = received.filter(({ messageId }) => !held.has(messageId) && !settled.has(messageId));
      // Up to a megabyte each: nothing but the latest receipt is needed any more.
      for (const delivery of received) held.set(delivery.messageId, { ...delivery, body: '' });
      if (fresh.length === 0) return;
      if (hideSeconds !== undefined) await Promise.allSettled(fresh.map((delivery) => inbox.postpone(delivery, hideSeconds)));
      yield fresh.filter(({ sentAt }) => sentAt === undefined || sentAt <= beganMs);
    }
  } finally {
    const left = Array.from(held.values()).filter(({ messageId }) => !settled.has(messageId));
    await giveBack(left, options);
  }
}

/** What cannot be given back is hidden no longer than its receipt lasts. */
async function giveBack(deliveries: readonly Delivery[], { inbox, queue, logger }: VisitOptions): Promise<void> {
  const ends = await Promise.allSettled(deliveries.map((delivery) => inbox.postpone(delivery, 0)));
  const failed = ends.filter((end) => end.status === 'rejected');
  if (failed.length === 0) return;
  logger.warn({ message: 'dead letters not given back', queue, count: failed.length, error: errorFields(failed[0]?.reason) });
}
