/**
 * The five SQS operations over its JSON protocol (AWS JSON 1.0), in which bytes are base64. Of an answer what has another type than it
 * should is not there.
 */

import { binaryOf, decodeBase64 } from '../../wire/base64.ts';
import { encodeBase64 } from '../../wire/to-base64.ts';
import type { SqsApi, SqsAttributes, SqsEntry, SqsFailedEntry, SqsReceived, SqsReceivedAttribute } from '../sqs/api.ts';
import type { Fields } from './answers.ts';
import type { Call } from './caller.ts';

export function createJsonApi(call: Call, close: () => void): SqsApi {
  return {
    async getQueueUrl(queueName) {
      const { QueueUrl } = await call('GetQueueUrl', { QueueName: queueName });
      if (typeof QueueUrl !== 'string') throw new Error(`SQS answered without a URL for queue '${queueName}'.`);
      return QueueUrl;
    },
    async sendMessageBatch(queueUrl, entries) {
      const answer = await call(
        'SendMessageBatch',
        `{"QueueUrl":${JSON.stringify(queueUrl)},"Entries":[${entries.map(toJsonText).join()}]}`,
      );
      return { Successful: listOf(answer['Successful']).map(toTaken), Failed: listOf(answer['Failed']).map(toFailed) };
    },
    async receiveMessage(input, signal) {
      const wanted = { ...input, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] };
      const { Messages } = await call('ReceiveMessage', wanted, { waitMs: input.WaitTimeSeconds * 1000, signal });
      return listOf(Messages).map(toReceived);
    },
    async deleteMessage(queueUrl, receiptHandle) {
      await call('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: receiptHandle });
    },
    async changeMessageVisibility(queueUrl, receiptHandle, seconds) {
      await call('ChangeMessageVisibility', { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds });
    },
    async close() {
      close();
    },
  };
}

/** An entry as JSON. A body in base64 needs no escaping, and looking for what does is the most of what JSON.stringify costs. */
function toJsonText(entry: SqsEntry): string {
  const { MessageBody, ...rest } = entry;
  const isPlain = !MessageBody.startsWith('{') && binaryOf(MessageBody) !== undefined;
  return `${JSON.stringify(toJsonEntry(rest)).slice(0, -1)},"MessageBody":${isPlain ? `"${MessageBody}"` : JSON.stringify(MessageBody)}}`;
}

function toJsonEntry(entry: Omit<SqsEntry, 'MessageBody'>): object {
  if (entry.MessageAttributes === undefined) return entry;
  return { ...entry, MessageAttributes: toJsonAttributes(entry.MessageAttributes) };
}

function toJsonAttributes(attributes: SqsAttributes): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { BinaryValue, ...rest }]) => [
      name,
      BinaryValue === undefined ? rest : { ...rest, BinaryValue: encodeBase64(BinaryValue) },
    ]),
  );
}

function toTaken({ Id, MessageId }: Fields) {
  return { Id: textOf(Id), MessageId: textOf(MessageId) };
}

function toFailed({ Id, SenderFault, Code, Message }: Fields): SqsFailedEntry {
  return { Id: textOf(Id), SenderFault: SenderFault === true, Code: textOf(Code), Message: textOf(Message) };
}

function toReceived({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Fields): SqsReceived {
  return {
    MessageId: textOf(MessageId),
    ReceiptHandle: textOf(ReceiptHandle),
    Body: textOf(Body),
    Attributes: mapped(Attributes, textOf),
    ...(MessageAttributes !== undefined && { MessageAttributes: mapped(MessageAttributes, toAttribute) }),
  };
}

function toAttribute(value: unknown): SqsReceivedAttribute {
  const { DataType, StringValue, BinaryValue } = isFields(value) ? value : {};
  return {
    DataType: textOf(DataType),
    StringValue: textOf(StringValue),
    BinaryValue: typeof BinaryValue === 'string' ? decodeBase64(BinaryValue) : undefined,
  };
}

/** An entry that is missing is told as such by those who look for it. */
function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function mapped<To>(value: unknown, to: (value: unknown) => To): Readonly<Record<string, To>> {
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, to(inner)])) : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
