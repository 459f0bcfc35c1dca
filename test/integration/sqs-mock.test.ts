/** The SQS transport through the SDK's own client and commands, with aws-sdk-client-mock in the place of SQS. */

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  RequestThrottled,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSqsTransport, type SqsClient } from '../../src/transports/sqs/index.ts';
import type { Outgoing, Receipt } from '../../src/transports/transport.ts';

const sqs = mockClient(SQSClient);
const url = 'https://sqs.eu-central-1.amazonaws.com/123456789012/celery';

const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'celery', id, body: `body of ${id}`, ...more });
const outcome = (receipt: Receipt): string => (receipt.ok ? receipt.messageId : receipt.error.name);

beforeEach(() => {
  sqs.reset();
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: url });
});

describe('a transport with its own client', () => {
  const transport = createSqsTransport({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });

  it('sends one message as a batch of one', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [{ Id: '0', MessageId: 'm0', MD5OfMessageBody: '' }], Failed: [] });
    expect(await transport.send([message('a', { delaySeconds: 3 })])).toEqual([{ ok: true, messageId: 'm0' }]);
    expect(sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input)).toEqual([
      { QueueUrl: url, Entries: [{ Id: '0', MessageBody: 'body of a', DelaySeconds: 3 }] },
    ]);
  });

  it('tells the taken from the failed in one batch', async () => {
    sqs.on(SendMessageBatchCommand).resolves({
      Successful: [{ Id: '1', MessageId: 'm1', MD5OfMessageBody: '' }],
      Failed: [
        { Id: '0', SenderFault: false, Code: 'InternalError' },
        { Id: '2', SenderFault: true, Code: 'InvalidParameterValue', Message: 'no' },
      ],
    });
    const receipts = await transport.send(['a', 'b', 'c', 'd'].map((id) => message(id)));
    expect(receipts).toMatchObject([
      { ok: false, error: { name: 'OperationalError', retryable: true } },
      { ok: true, messageId: 'm1' },
      { ok: false, error: { name: 'OperationalError', retryable: false } },
      { ok: false, error: { name: 'OperationalError', retryable: true } },
    ]);
  });

  it('makes one attempt and leaves the next to the publisher', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new RequestThrottled({ message: 'slow down', $metadata: { httpStatusCode: 400 } }));
    expect(await transport.send([message('a')])).toMatchObject([{ ok: false, error: { name: 'OperationalError', retryable: true } }]);
    expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
    const client = sqs.commandCalls(SendMessageBatchCommand)[0]?.thisValue as SQSClient;
    expect(await client.config.maxAttempts()).toBe(1);
  });

  it('knows a queue that is gone, and asks for it again', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new QueueDoesNotExist({ message: 'gone', $metadata: { httpStatusCode: 400 } }));
    expect((await transport.send([message('a')])).map(outcome)).toEqual(['QueueNotFound']);
    await transport.send([message('a')]);
    expect(sqs.commandCalls(GetQueueUrlCommand)).toHaveLength(1);
  });

  it('takes an answer without a URL for a fault, not for a queue', async () => {
    sqs.on(GetQueueUrlCommand).resolves({});
    expect(await transport.send([message('a', { queue: 'other' })])).toMatchObject([
      { ok: false, error: { name: 'OperationalError', retryable: true } },
    ]);
  });

  it('receives with all attributes, deletes and changes visibility', async () => {
    sqs.on(ReceiveMessageCommand).resolves({ Messages: [{ MessageId: 'm', ReceiptHandle: 'h', Body: 'b' }] });
    const [delivery] = await transport.inbox.receive('celery', { waitSeconds: 20 });
    await transport.inbox.postpone(delivery ?? expect.fail(), 7);
    await transport.inbox.done(delivery ?? expect.fail());
    expect(sqs.commandCalls(ReceiveMessageCommand)[0]?.args[0].input).toEqual({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    expect(sqs.commandCalls(ReceiveMessageCommand)[0]?.args).toContainEqual({ requestTimeout: 30_000 });
    const handle = { QueueUrl: url, ReceiptHandle: 'h' };
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input).toEqual({ ...handle, VisibilityTimeout: 7 });
    expect(sqs.commandCalls(DeleteMessageCommand)[0]?.args[0].input).toEqual(handle);
  });

  it('receives nothing from an empty queue', async () => {
    sqs.on(ReceiveMessageCommand).resolves({});
    expect(await transport.inbox.receive('celery')).toEqual([]);
  });

  it('destroys its client on closing, and only that one', async () => {
    const destroyed = vi.spyOn(SQSClient.prototype, 'destroy');
    await createSqsTransport({ region: 'eu-central-1' }).close();
    expect(destroyed).not.toHaveBeenCalled();
    await transport.close();
    expect(destroyed).toHaveBeenCalledOnce();
    destroyed.mockRestore();
  });
});

describe('a transport with a given client', () => {
  it('uses it alone, and leaves it open', async () => {
    const given = new SQSClient({ region: 'us-west-2' });
    const destroyed = vi.spyOn(given, 'destroy');
    const transport = createSqsTransport({ client: given, queues: { celery: { url } } });
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [{ Id: '0', MessageId: 'm0', MD5OfMessageBody: '' }], Failed: [] });
    expect((await transport.send([message('a')])).map(outcome)).toEqual(['m0']);
    expect(sqs.commandCalls(SendMessageBatchCommand)[0]?.thisValue).toBe(given);
    expect(sqs.commandCalls(GetQueueUrlCommand)).toHaveLength(0);
    await transport.close();
    expect(destroyed).not.toHaveBeenCalled();
  });

  it('takes anything that sends commands, and an answer of nothing for no success', async () => {
    const seen: unknown[] = [];
    const client: SqsClient = {
      async send(command) {
        seen.push(command);
        return undefined;
      },
    };
    const transport = createSqsTransport({ client, queues: { celery: url } });
    expect(await transport.send([message('a')])).toMatchObject([{ ok: false, error: { retryable: true } }]);
    expect(seen).toEqual([expect.any(SendMessageBatchCommand)]);
  });
});

describe('a transport without a region', () => {
  it('says so', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    const transport = createSqsTransport();
    const [receipt] = await transport.send([message('a')]);
    vi.unstubAllEnvs();
    expect(receipt).toMatchObject({ ok: false, error: { name: 'ImproperlyConfigured' } });
  });
});
