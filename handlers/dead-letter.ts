/**
 * Logs why each message of the dead-letter queue is there, one line a message, and leaves all of them where they are.
 * Invoked on a schedule and by hand; never by an event source mapping, which would delete what it was shown
 * (docs/decisions/0001-dead-letters-are-read-not-consumed.md).
 */

import middy from '@middy/core';
import { createDeadLetters, type DeadLetter } from 'celeriac';
import { app, deadLetters, logger } from './app.ts';

/** Most messages of one run, how long they are hidden meanwhile, and the time kept to put them back. */
const MAX_MESSAGES = 1000;
const HIDE_SECONDS = 120;
const RESERVE_MS = 10_000;

const letters = createDeadLetters(app, { queue: deadLetters.queue });

/** Logs what is visible in the queue, and tells how many messages that was. */
async function readDeadLetters(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<{ seen: number }> {
  let seen = 0;
  for await (const letter of letters.read({ limit: MAX_MESSAGES, hideSeconds: HIDE_SECONDS })) {
    if (context.getRemainingTimeInMillis() <= RESERVE_MS) break;
    logger.warn(describe(letter));
    seen += 1;
  }
  logger.info({ message: 'dead letters read', queue: deadLetters.queue, seen });
  return { seen };
}

/** What is known of a dead message: names, ids and the reason, never an argument. */
function describe({ code, reason, task, id, messageId, queue, sentAtMs }: DeadLetter) {
  return {
    message: 'dead letter',
    code,
    reason: code === 'redriven' ? `redriven by SQS after ${deadLetters.maxReceives} receives` : reason,
    task,
    id,
    messageId,
    queue,
    ...(sentAtMs === undefined ? {} : { sentAt: new Date(sentAtMs).toISOString() }),
  };
}

export const handler = middy(readDeadLetters);
