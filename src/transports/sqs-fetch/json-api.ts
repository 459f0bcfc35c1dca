/** The five SQS operations over its JSON protocol (AWS JSON 1.0), in which bytes are base64. */

import { decodeBase64 } from '../../wire/base64.ts';
import { encodeBase64 } from '../../wire/to-base64.ts';
import type { SqsApi, SqsAttributes, SqsBatchAnswer, SqsEntry, SqsReceived } from '../sqs/api.ts';
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
      const answer = await call('SendMessageBatch', { QueueUrl: queueUrl, Entries: entries.map(toJsonEntry) });
      return { Successful: listOf(answer['Successful']), Failed: listOf(answer['Failed']) } as SqsBatchAnswer;
    },
    async receiveMessage(input, signal) {
      const wanted = { ...input, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] };
      const { Messages } = await call('ReceiveMessage', wanted, { waitMs: input.WaitTimeSeconds * 1000, signal });
      return listOf(Messages).map(fromJsonMessage);
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

function toJsonEntry(entry: SqsEntry): object {
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

function fromJsonMessage(message: Fields): SqsReceived {
  const attributes = Object.entries((message['MessageAttributes'] ?? {}) as Readonly<Record<string, Fields>>);
  if (attributes.length === 0) return message;
  return {
    ...message,
    MessageAttributes: Object.fromEntries(
      attributes.map(([name, { BinaryValue, ...rest }]) => [
        name,
        typeof BinaryValue === 'string' ? { ...rest, BinaryValue: decodeBase64(BinaryValue) } : rest,
      ]),
    ),
  };
}

/** What is no list of objects has nothing in it: an entry without an answer is told as such. */
function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((item): item is Fields => typeof item === 'object' && item !== null) : [];
}
