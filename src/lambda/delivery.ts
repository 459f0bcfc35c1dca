/** Record → Delivery. */

import type { Delivery, MessageAttribute, MessageAttributes } from '../transports/transport.ts';
import type { SqsRecord, SqsRecordAttribute } from './event.ts';

/** @param queue the record's queue, read once per batch from its ARN @param deadline when Lambda ends the invocation */
export function toDelivery(record: SqsRecord, queue: string, deadline?: Delivery['deadline']): Delivery {
  const { attributes, messageAttributes } = record;
  const { MessageGroupId, AWSTraceHeader } = attributes;
  // Assigned, not spread: this is done for every record, and most have none of the optional fields.
  const delivery: Writable<Delivery> = {
    messageId: record.messageId,
    queue,
    body: record.body,
    receiveCount: Number(attributes.ApproximateReceiveCount) || 1,
    sentAt: Number(attributes.SentTimestamp),
    receipt: record.receiptHandle,
  };
  if (deadline !== undefined) delivery.deadline = deadline;
  if (MessageGroupId !== undefined) delivery.messageGroupId = MessageGroupId;
  if (AWSTraceHeader !== undefined) delivery.traceHeader = AWSTraceHeader;
  if (hasKeys(messageAttributes)) delivery.attributes = toAttributes(messageAttributes);
  return delivery;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const wasDeliveredBefore = ({ attributes }: SqsRecord): boolean => Number(attributes.ApproximateReceiveCount) > 1;

/** The SQS name of the queue: the last part of its ARN. */
export const queueOfArn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

function hasKeys(attributes: SqsRecord['messageAttributes'] | undefined): attributes is SqsRecord['messageAttributes'] {
  for (const _ in attributes) return true;
  return false;
}

function toAttributes(given: SqsRecord['messageAttributes']): MessageAttributes {
  return Object.fromEntries(Object.entries(given).flatMap(([name, attribute]) => toAttribute(name, attribute)));
}

/** Custom type labels (`Number.int`) are SQS's own business; the base type is what can be sent again. */
function toAttribute(name: string, { dataType, stringValue, binaryValue }: SqsRecordAttribute): [string, MessageAttribute][] {
  if (binaryValue !== undefined)
    return [[name, { type: 'Binary', value: Uint8Array.from(atob(binaryValue), (char) => char.charCodeAt(0)) }]];
  if (stringValue === undefined) return [];
  return [[name, { type: dataType.startsWith('Number') ? 'Number' : 'String', value: stringValue }]];
}
