import { describe, expect, it } from 'vitest';
import { createQueueUrls } from '../../../../src/transports/sqs/queues.ts';
import { createInbox } from '../../../../src/transports/sqs/receive.ts';
import { fakeApi, sdkError } from './fake-api.ts';

function setUp(answers: Parameters<typeof fakeApi>[0] = {}) {
  const time = { now: 5_000_000 };
  const api = fakeApi(answers);
  return { time, api, inbox: createInbox(api, createQueueUrls(api, { queueNamePrefix: 'p-' }), { now: () => time.now }) };
}

const received = {
  MessageId: 'm1',
  ReceiptHandle: 'handle',
  Body: 'text',
  Attributes: { ApproximateReceiveCount: '3', SentTimestamp: '1700000000123', MessageGroupId: 'g', AWSTraceHeader: 'Root=1' },
  MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
};

describe('receiving', () => {
  it('turns every part of a message into a delivery', async () => {
    const { inbox } = setUp({ receiveMessage: async () => [received] });
    expect(await inbox.receive('q')).toEqual([
      {
        messageId: 'm1',
        queue: 'p-q',
        body: 'text',
        receiveCount: 3,
        sentAt: 1_700_000_000_123,
        messageGroupId: 'g',
        traceHeader: 'Root=1',
        attributes: { a: { type: 'String', value: 'x' } },
        receipt: { queueUrl: 'https://sqs.test/1/p-q', receiptHandle: 'handle', receivedAt: 5_000_000 },
      },
    ]);
  });

  it('makes do with the least', async () => {
    const { inbox } = setUp({ receiveMessage: async () => [{}] });
    expect(await inbox.receive('q')).toMatchObject([{ messageId: '', queue: 'p-q', body: '', receiveCount: 1 }]);
  });

  it.each([
    [{}, 10, 0],
    [{ max: 3, waitSeconds: 5 }, 3, 5],
    [{ max: 99, waitSeconds: 60 }, 10, 20],
    [{ max: 0, waitSeconds: -1 }, 1, 0],
    [{ max: 2.5, waitSeconds: 0.2 }, 2, 1],
  ])('with %j asks for %d messages and waits %d seconds', async (options, MaxNumberOfMessages, WaitTimeSeconds) => {
    const { api, inbox } = setUp();
    await inbox.receive('q', options);
    expect(api.receiveMessage.mock.calls[0]?.[0]).toEqual({ QueueUrl: 'https://sqs.test/1/p-q', MaxNumberOfMessages, WaitTimeSeconds });
  });

  it('gives no messages when it is aborted, before or meanwhile', async () => {
    const stop = new AbortController();
    const { api, inbox } = setUp({
      receiveMessage: async (_input, signal) => {
        expect(signal).toBe(stop.signal);
        stop.abort();
        throw sdkError('AbortError');
      },
    });
    expect(await inbox.receive('q', { signal: stop.signal })).toEqual([]);
    expect(await inbox.receive('q', { signal: stop.signal })).toEqual([]);
    expect(api.receiveMessage).toHaveBeenCalledOnce();
  });

  it('names the permission when it is denied, and looks up anew a queue that is gone', async () => {
    const { api, inbox } = setUp();
    api.receiveMessage.mockRejectedValueOnce(sdkError('AccessDenied')).mockRejectedValueOnce(sdkError('QueueDoesNotExist'));
    await expect(inbox.receive('q')).rejects.toThrow(/needs sqs:ReceiveMessage/);
    await expect(inbox.receive('q')).rejects.toMatchObject({ name: 'QueueNotFound' });
    expect(api.getQueueUrl).toHaveBeenCalledOnce();
    await inbox.receive('q');
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });
});

describe('a received message', () => {
  const withDelivery = async () => {
    const parts = setUp({ receiveMessage: async () => [received] });
    const [delivery] = await parts.inbox.receive('q');
    return { ...parts, delivery: delivery ?? expect.fail() };
  };

  it('is deleted when done', async () => {
    const { api, inbox, delivery } = await withDelivery();
    await inbox.done(delivery);
    expect(api.deleteMessage.mock.calls).toEqual([['https://sqs.test/1/p-q', 'handle']]);
  });

  it.each([
    [0, 0, 0],
    [1.2, 0, 2],
    [-5, 0, 0],
    [99_999, 0, 43_200],
    [43_200, 60_500, 43_139],
    [10, 43_200_000, 0],
  ])('postponed by %d seconds, %d ms after it was received, is hidden for %d', async (seconds, passedMs, hidden) => {
    const { time, api, inbox, delivery } = await withDelivery();
    time.now += passedMs;
    await inbox.postpone(delivery, seconds);
    expect(api.changeMessageVisibility.mock.calls).toEqual([['https://sqs.test/1/p-q', 'handle', hidden]]);
  });

  it('whose queue is gone by now has it looked up anew', async () => {
    const { api, inbox, delivery } = await withDelivery();
    api.deleteMessage.mockRejectedValueOnce(sdkError('QueueDoesNotExist'));
    await expect(inbox.done(delivery)).rejects.toMatchObject({ name: 'QueueNotFound', queue: 'p-q' });
    await inbox.receive('q');
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });

  it('says so when it can be neither done nor postponed', async () => {
    const { api, inbox, delivery } = await withDelivery();
    api.deleteMessage.mockRejectedValueOnce(sdkError('ReceiptHandleIsInvalid', { $fault: 'client' }));
    api.changeMessageVisibility.mockRejectedValueOnce(sdkError('AccessDenied'));
    await expect(inbox.done(delivery)).rejects.toMatchObject({ name: 'OperationalError', retryable: false });
    await expect(inbox.postpone(delivery, 1)).rejects.toThrow(/needs sqs:ChangeMessageVisibility/);
  });
});

describe('a record of Lambda’s, which brings the bare receipt handle', () => {
  const record = { messageId: 'm1', queue: 'p-q', body: 'text', receiveCount: 1, receipt: 'handle' };

  it('is deleted and hidden in the queue of that very name', async () => {
    const { api, inbox } = setUp();
    await inbox.done(record);
    await inbox.postpone(record, 10);
    expect(api.getQueueUrl.mock.calls.flat()).toEqual(['p-q']);
    expect(api.deleteMessage.mock.calls).toEqual([['https://sqs.test/1/p-q', 'handle']]);
    expect(api.changeMessageVisibility.mock.calls).toEqual([['https://sqs.test/1/p-q', 'handle', 10]]);
  });

  it('is hidden for no longer than SQS surely allows, for it is not known when it was received', async () => {
    const { api, inbox } = setUp();
    await inbox.postpone(record, 43_200);
    expect(api.changeMessageVisibility.mock.calls[0]?.[2]).toBe(43_200 - 1200);
  });

  it('whose queue is gone has it looked up anew', async () => {
    const { api, inbox } = setUp();
    api.changeMessageVisibility.mockRejectedValueOnce(sdkError('QueueDoesNotExist'));
    await expect(inbox.postpone(record, 1)).rejects.toMatchObject({ name: 'QueueNotFound', queue: 'p-q' });
    await inbox.postpone(record, 1);
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });
});
