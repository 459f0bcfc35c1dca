/**
 * A received SQS message as the record Lambda makes of it: lower-case keys, the attributes regrouped, the queue's ARN added.
 * What a reader may count on is lambda/event; a record made here has all that Lambda's have.
 */

import type { SqsRecord, SqsRecordAttribute } from '../lambda/event.ts';

/** A message attribute as SQS delivers it; binary values are base64. */
export interface ReceivedAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message as ReceiveMessage answers it when all attributes are asked for. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly Attributes: SqsRecord['attributes'];
  readonly MessageAttributes?: Readonly<Record<string, ReceivedAttribute>>;
}

export interface LocalSqsRecordAttribute extends SqsRecordAttribute {
  /** Always empty: reserved by AWS. */
  readonly stringListValues: readonly string[];
  /** Always empty: reserved by AWS. */
  readonly binaryListValues: readonly string[];
}

/** One record of an SQS event, as Lambda hands it to a function. */
export interface LocalSqsRecord extends SqsRecord {
  readonly messageAttributes: Readonly<Record<string, LocalSqsRecordAttribute>>;
  readonly md5OfBody: string;
  readonly md5OfMessageAttributes?: string;
  readonly eventSource: 'aws:sqs';
  readonly awsRegion: string;
}

/** What a function is invoked with. */
export interface LocalSqsEvent {
  readonly Records: readonly LocalSqsRecord[];
}

/** The record of a message from the queue at `arn`. */
export function toRecord(message: ReceivedMessage, source: { readonly arn: string; readonly region: string }): LocalSqsRecord {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    // fromEntries defines own properties: an attribute called __proto__ stays an attribute.
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [name, toRecordAttribute(attribute)]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: source.arn,
    awsRegion: source.region,
  };
}

function toRecordAttribute(attribute: ReceivedAttribute): LocalSqsRecordAttribute {
  return {
    ...(attribute.StringValue === undefined ? {} : { stringValue: attribute.StringValue }),
    ...(attribute.BinaryValue === undefined ? {} : { binaryValue: attribute.BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: attribute.DataType,
  };
}
