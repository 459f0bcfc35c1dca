/** The app of every function here, and what it is connected to. The only file that reads the environment. */

import { createApp, createJsonLogger } from 'celeriac';
import { createDynamoDBBackend } from 'celeriac/backends/dynamodb';
import { createS3LargeMessages } from 'celeriac/large-messages/s3';
import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { createEventBridgeScheduler } from 'celeriac/schedulers/eventbridge';
import { createSqsTransport } from 'celeriac/transports/sqs';

const { DEAD_LETTER_QUEUE, LEDGER_TABLE, MAX_RECEIVE_COUNT, QUEUE_NAME_PREFIX, RESULTS_TABLE, SQS_ENDPOINT } = process.env;
const { LARGE_MESSAGES_BUCKET, LARGE_MESSAGES_OWNER, LARGE_MESSAGES_PREFIX } = process.env;
const { SCHEDULE_GROUP, SCHEDULE_ROLE_ARN, SCHEDULE_DEAD_LETTER_ARN, CELERY_QUEUE_ARN } = process.env;

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

/** Waits beyond 15 minutes, where the template has a group for them; else they go by hops through the queue. */
const scheduler =
  SCHEDULE_GROUP && SCHEDULE_ROLE_ARN && CELERY_QUEUE_ARN
    ? createEventBridgeScheduler({
        group: SCHEDULE_GROUP,
        roleArn: SCHEDULE_ROLE_ARN,
        queues: { celery: CELERY_QUEUE_ARN },
        ...(SCHEDULE_DEAD_LETTER_ARN ? { deadLetterArn: SCHEDULE_DEAD_LETTER_ARN } : {}),
      })
    : undefined;

/** Results, groups and chords, where the template has a table for them. What it takes is imported with the first request. */
const backend = RESULTS_TABLE ? createDynamoDBBackend({ table: RESULTS_TABLE }) : undefined;

/** Revocations, starts that never ended, and who may run a task, where the template has a table for them; imported as the backend is. */
const ledger = LEDGER_TABLE ? createDynamoDBLedger({ tableName: LEDGER_TABLE }) : undefined;

/** Arguments that are too large for the queue, where the template has a bucket for them; without one such a message is not sent. */
const largeMessages = LARGE_MESSAGES_BUCKET
  ? createS3LargeMessages({
      bucket: LARGE_MESSAGES_BUCKET,
      ...(LARGE_MESSAGES_PREFIX ? { prefix: LARGE_MESSAGES_PREFIX } : {}),
      ...(LARGE_MESSAGES_OWNER ? { expectedBucketOwner: LARGE_MESSAGES_OWNER } : {}),
    })
  : undefined;

app.connect({ transport, backend, scheduler, ledger, largeMessages, logger });
