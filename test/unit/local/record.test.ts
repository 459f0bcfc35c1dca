import { expect, it } from 'vitest';
import { toRecord } from '../../../src/local/record.ts';

const Attributes = {
  ApproximateReceiveCount: '2',
  SentTimestamp: '1700000000000',
  SenderId: 'AIDA',
  ApproximateFirstReceiveTimestamp: '1700000000001',
};

const source = { arn: 'arn:aws:sqs:eu-west-1:000000000000:celery', region: 'eu-west-1' };

it('a message becomes the record Lambda makes of it', () => {
  const message = {
    MessageId: 'm-1',
    ReceiptHandle: 'r-1',
    Body: 'hello',
    MD5OfBody: '5d41402abc4b2a76b9719d911017c592',
    MD5OfMessageAttributes: 'abc',
    Attributes,
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'x' },
      bytes: { DataType: 'Binary', BinaryValue: 'AQI=' },
    },
  };
  expect(toRecord(message, source)).toEqual({
    messageId: 'm-1',
    receiptHandle: 'r-1',
    body: 'hello',
    attributes: Attributes,
    messageAttributes: {
      text: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
      bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
    },
    md5OfBody: '5d41402abc4b2a76b9719d911017c592',
    md5OfMessageAttributes: 'abc',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:celery',
    awsRegion: 'eu-west-1',
  });
});

it('a message without attributes of its own has none, and no digest of them', () => {
  const record = toRecord({ MessageId: 'm', ReceiptHandle: 'r', Body: '', MD5OfBody: '', Attributes }, source);
  expect(record.messageAttributes).toEqual({});
  expect(record).not.toHaveProperty('md5OfMessageAttributes');
});

it('an attribute called __proto__ is an attribute and nothing else', () => {
  const MessageAttributes = JSON.parse('{"__proto__":{"DataType":"String","StringValue":"x"}}') as Record<string, { DataType: string }>;
  const { messageAttributes } = toRecord(
    { MessageId: 'm', ReceiptHandle: 'r', Body: '', MD5OfBody: '', Attributes, MessageAttributes },
    source,
  );
  expect(Object.keys(messageAttributes)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(messageAttributes)).toBe(Object.prototype);
});
