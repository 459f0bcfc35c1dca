/** Builders of SQS events, for tests of handlers. */

import type { LambdaContext, SqsEvent, SqsRecord } from '../lambda/event.ts';

export interface RecordOptions {
  /** Default a new UUID. */
  readonly messageId?: string;
  /** Default `celery`; a name that ends in .fifo makes a FIFO record. */
  readonly queue?: string;
  /** Default 1. */
  readonly receiveCount?: number;
  readonly messageGroupId?: string;
  readonly messageAttributes?: SqsRecord['messageAttributes'];
  /** Milliseconds since 1970; default 0. */
  readonly sentAt?: number;
}

/** One record as Lambda hands it over. */
export function createSqsRecord(body: string, options: RecordOptions = {}): SqsRecord {
  const {
    messageId = crypto.randomUUID(),
    queue = 'celery',
    receiveCount = 1,
    messageGroupId,
    messageAttributes = {},
    sentAt = 0,
  } = options;
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt),
      SenderId: 'AIDATEST',
      ApproximateFirstReceiveTimestamp: String(sentAt),
      ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    },
    messageAttributes,
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${queue}`,
    awsRegion: 'eu-central-1',
  };
}

/** An event of records, or of bodies that become records of the queue `celery`. */
export function createSqsEvent(records: readonly (SqsRecord | string)[]): SqsEvent {
  return { Records: records.map((record) => (typeof record === 'string' ? createSqsRecord(record) : record)) };
}

/** A context with so many milliseconds left, for ever. */
export function createLambdaContext(remainingMs: number | (() => number) = 30_000): LambdaContext {
  return {
    getRemainingTimeInMillis: typeof remainingMs === 'function' ? remainingMs : () => remainingMs,
    functionName: 'worker',
    awsRequestId: crypto.randomUUID(),
  };
}
