/** The app of every function here, and what it is connected to. The only file that reads the environment. */

import { createApp, createJsonLogger } from 'celeriac';
import { createSqsTransport } from 'celeriac/transports/sqs';

const { DEAD_LETTER_QUEUE, MAX_RECEIVE_COUNT, QUEUE_NAME_PREFIX, SQS_ENDPOINT } = process.env;

/** One line of JSON a message, which CloudWatch Logs Insights reads as fields. */
export const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`));

export const transport = createSqsTransport({
  ...(QUEUE_NAME_PREFIX ? { queueNamePrefix: QUEUE_NAME_PREFIX } : {}),
  ...(SQS_ENDPOINT ? { endpoint: SQS_ENDPOINT } : {}),
});

/** The queue that quarantined messages are sent to and that SQS moves the rest to, and after how many receives it does. */
export const deadLetters = {
  queue: DEAD_LETTER_QUEUE || 'celery-dead-letter',
  maxReceives: Number(MAX_RECEIVE_COUNT || 5),
};

export const app = createApp('proj', {
  taskDefaultQueue: 'celery',
  deadLetterQueue: DEAD_LETTER_QUEUE || null,
});

app.connect({ transport, logger });
