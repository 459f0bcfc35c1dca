import { describe, expect, it } from 'vitest';
import { queueOfArn, toDelivery } from '../../../src/lambda/delivery.ts';
import { createSqsRecord } from '../../../src/testing/events.ts';

describe('a record', () => {
  it('becomes a delivery', () => {
    const record = createSqsRecord('text', { messageId: 'm', receiveCount: 2, sentAt: 5 });
    expect(toDelivery(record, 'celery')).toEqual({
      messageId: 'm',
      queue: 'celery',
      body: 'text',
      receiveCount: 2,
      sentAt: 5,
      receipt: 'receipt-m',
    });
  });

  it('keeps group, trace header and attributes in a form that can be sent again', () => {
    const record = createSqsRecord('text', {
      messageGroupId: 'g',
      messageAttributes: {
        text: { dataType: 'String.label', stringValue: 'x' },
        count: { dataType: 'Number.int', stringValue: '7' },
        bytes: { dataType: 'Binary', binaryValue: '/wA=' },
        list: { dataType: 'String' },
      },
    });
    const traced = { ...record, attributes: { ...record.attributes, AWSTraceHeader: 'Root=1' } };
    expect(toDelivery(traced, 'q')).toMatchObject({
      messageGroupId: 'g',
      traceHeader: 'Root=1',
      attributes: {
        text: { type: 'String', value: 'x' },
        count: { type: 'Number', value: '7' },
        bytes: { type: 'Binary', value: Uint8Array.of(255, 0) },
      },
    });
  });

  it('counts as received once where the count is missing', () => {
    const record = createSqsRecord('x');
    expect(toDelivery({ ...record, attributes: { ...record.attributes, ApproximateReceiveCount: '' } }, 'q').receiveCount).toBe(1);
  });

  it('comes from the queue its ARN ends in', () => {
    expect(queueOfArn('arn:aws:sqs:eu-central-1:1:prod-celery.fifo')).toBe('prod-celery.fifo');
  });
});
