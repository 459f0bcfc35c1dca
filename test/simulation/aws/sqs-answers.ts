/** What a message looks like to whoever receives it, through SQS or through Lambda, and a queue to whoever asks for its attributes. */

import { Buffer } from 'node:buffer';
import type { Received } from './contract.ts';
import type { SentAttribute } from './sqs-entries.ts';
import type { Queue, StoredMessage } from './sqs-queue.ts';

export const REGION = 'us-east-1';

function systemAttributes(message: StoredMessage): Received['attributes'] {
  const { receiveCount, sentAtMs, firstReceivedAtMs, group, dedupId, sequence, traceHeader, sourceArn } = message;
  return {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(Math.floor(sentAtMs)),
    SenderId: 'AIDASIMULATION',
    ApproximateFirstReceiveTimestamp: String(Math.floor(firstReceivedAtMs)),
    ...(group !== undefined && { MessageGroupId: group }),
    ...(dedupId !== undefined && { MessageDeduplicationId: dedupId }),
    ...(sequence !== undefined && { SequenceNumber: sequence }),
    ...(traceHeader !== undefined && { AWSTraceHeader: traceHeader }),
    ...(sourceArn !== undefined && { DeadLetterQueueSourceArn: sourceArn }),
  };
}

export function toSqsMessage(message: StoredMessage) {
  const { messageId, receipt, body, attributes } = message;
  const Attributes = systemAttributes(message);
  return {
    MessageId: messageId,
    ReceiptHandle: receipt,
    Body: body,
    Attributes,
    ...(hasAny(attributes) && { MessageAttributes: attributes }),
  };
}

export function toRecord(message: StoredMessage, eventSourceARN: string): Received {
  return {
    messageId: message.messageId,
    receiptHandle: message.receipt!,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(Object.entries(message.attributes).map(([name, value]) => [name, toRecordAttribute(value)])),
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: REGION,
  };
}

function toRecordAttribute({ DataType = 'String', StringValue, BinaryValue }: SentAttribute): Received['messageAttributes'][string] {
  return {
    dataType: DataType,
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  };
}

const hasAny = (record: object): boolean => Object.keys(record).length > 0;

export function attributesOf({ definition, fifo, live }: Queue, now: number, arn: (queue: string) => string): Record<string, string> {
  const { name, visibilitySeconds, delaySeconds = 0, deadLetterQueue, maxReceiveCount, contentBasedDeduplication = false } = definition;
  const all = [...live.values()];
  const ready = all.filter(({ visibleAtMs }) => visibleAtMs <= now).length;
  const inFlight = all.filter(({ visibleAtMs, receipt }) => visibleAtMs > now && receipt !== undefined).length;
  const redrive = deadLetterQueue !== undefined && { deadLetterTargetArn: arn(deadLetterQueue), maxReceiveCount };
  return {
    QueueArn: arn(name),
    VisibilityTimeout: String(visibilitySeconds),
    DelaySeconds: String(delaySeconds),
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(all.length - ready - inFlight),
    ...(fifo && { FifoQueue: 'true', ContentBasedDeduplication: String(contentBasedDeduplication) }),
    ...(redrive && { RedrivePolicy: JSON.stringify(redrive) }),
  };
}
