/**
 * Logs why each message of the dead-letter queue is there, one line a message, and leaves all of them where they are.
 * Invoked on a schedule and by hand; never by an event source mapping, which would delete what it was shown
 * (docs/decisions/0001-dead-letters-are-read-not-consumed.md).
 */

import middy from '@middy/core';
import type { Delivery } from 'celeriac';
import { createCodecs, openEnvelope, readMessage } from 'celeriac/wire';
import { deadLetters, logger, transport } from './app.ts';

/** Most messages of one run, and the time kept to put them back. */
const MAX_MESSAGES = 1000;
const RESERVE_MS = 10_000;

const codecs = createCodecs();

/** Logs what is visible in the queue, and tells how many messages that was. */
async function readDeadLetters(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<{ seen: number }> {
  const seen: Delivery[] = [];
  try {
    while (seen.length < MAX_MESSAGES && context.getRemainingTimeInMillis() > RESERVE_MS) {
      const batch = await transport.inbox.receive(deadLetters.queue, { max: 10, waitSeconds: 1 });
      if (batch.length === 0) break;
      for (const delivery of batch) logger.warn(describe(delivery));
      // Up to a megabyte each: nothing but the receipt is needed any more.
      seen.push(...batch.map((delivery) => ({ ...delivery, body: '' })));
    }
  } finally {
    await Promise.allSettled(seen.map((delivery) => transport.inbox.postpone(delivery, 0)));
  }
  logger.info({ message: 'dead letters read', queue: deadLetters.queue, seen: seen.length });
  return { seen: seen.length };
}

/** What is known of a dead message: names, ids and the reason, never an argument. */
function describe(delivery: Delivery) {
  const attribute = (name: string): string | undefined => {
    const found = delivery.attributes?.[`celeriac.${name}`];
    return typeof found?.value === 'string' ? found.value : undefined;
  };
  return {
    message: 'dead letter',
    code: attribute('code') ?? 'redriven',
    reason: attribute('reason') ?? `redriven by SQS after ${deadLetters.maxReceives} receives`,
    ...nameOf(delivery.body),
    messageId: delivery.messageId,
    queue: attribute('queue'),
    ...(delivery.sentAt === undefined ? {} : { sentAt: new Date(delivery.sentAt).toISOString() }),
  };
}

/** Protocol 2 has both names in the headers, where they can be read whatever the body is; protocol 1 in the body. */
function nameOf(text: string): { task?: string; id?: string } {
  try {
    const { task, id } = openEnvelope(text).headers;
    if (typeof task === 'string' && typeof id === 'string') return { task, id };
    const { headers } = readMessage(text, { codecs });
    return { task: headers.task, id: headers.id };
  } catch {
    return {};
  }
}

export const handler = middy(readDeadLetters);
