import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, it, vi } from 'vitest';
import { type LocalSqs, startLocalSqs } from '../../src/local/index.ts';
import { loadFauxqs } from '../../src/local/sqs.ts';
import { createSqsCalls } from '../../src/local/sqs-calls.ts';

const started: LocalSqs[] = [];

const start = async (...queues: Parameters<typeof startLocalSqs>[0]['queues']): Promise<LocalSqs> => {
  const sqs = await startLocalSqs({ queues });
  started.push(sqs);
  return sqs;
};

const clientOf = ({ endpoint, region, credentials }: LocalSqs): SQSClient => new SQSClient({ endpoint, region, credentials });

afterEach(async () => {
  await Promise.all(started.splice(0).map((sqs) => sqs.close()));
});

it('listens on loopback, and the real client finds and fills a queue', async () => {
  const sqs = await start({ name: 'celery', delaySeconds: 0 });
  expect(sqs.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(sqs.queueArn('celery')).toBe('arn:aws:sqs:us-east-1:000000000000:celery');
  const client = clientOf(sqs);
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'celery' }));
  expect(QueueUrl).toBe(sqs.queueUrl('celery'));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'http://sqs.us-east-1.localhost:1/' }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 60 }));
  expect(await sqs.depth('celery')).toEqual({ ready: 1, delayed: 1, inFlight: 0 });
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages.map((message) => message.Body)).toEqual(['http://sqs.us-east-1.localhost:1/']);
  expect(await sqs.depth('celery')).toEqual({ ready: 0, delayed: 1, inFlight: 1 });
});

it('peeks without receiving, ready messages first, those whose time has come among them', async () => {
  const sqs = await start({ name: 'celery', visibilityTimeoutSeconds: 1 });
  const calls = createSqsCalls(sqs);
  const send = (MessageBody: string, more: object = {}) =>
    calls.call('SendMessage', { QueueUrl: sqs.queueUrl('celery'), MessageBody, ...more });
  await send('taken');
  expect(await calls.receive(sqs.queueUrl('celery'), 1, 0)).toHaveLength(1);
  await send('delayed', { DelaySeconds: 1 });
  await send('fresh');
  const places = async () => (await sqs.peek('celery')).map(({ body, place, receiveCount }) => `${body} ${place} ${receiveCount}`);
  expect(await places()).toEqual(['fresh ready 0', 'delayed delayed 0', 'taken inFlight 1']);
  await vi.waitFor(async () => expect(await sqs.depth('celery')).toEqual({ ready: 3, delayed: 0, inFlight: 0 }), { timeout: 3000 });
});

it('knows a FIFO queue and its groups', async () => {
  const sqs = await start({ name: 'orders.fifo' });
  const send = { QueueUrl: sqs.queueUrl('orders.fifo'), MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  await clientOf(sqs).send(new SendMessageCommand(send));
  await clientOf(sqs).send(new SendMessageCommand(send));
  expect(await sqs.peek('orders.fifo')).toEqual([expect.objectContaining({ messageGroupId: 'g', place: 'ready' })]);
});

it('says when a queue is not there', async () => {
  const sqs = await start();
  await expect(sqs.depth('nobody')).rejects.toThrow("There is no local queue 'nobody'");
});

it('refuses a definition before anything is started', async () => {
  await expect(startLocalSqs({ queues: [{ name: 'bad name' }] })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
});

it('says what to install when fauxqs is missing', async () => {
  const missing = loadFauxqs(() => Promise.reject(new Error('Cannot find package')));
  await expect(missing).rejects.toThrow('npm install --save-dev fauxqs');
});

it('a call that fails, or that nobody answers, is an OperationalError', async () => {
  const sqs = await start({ name: 'celery' });
  const calls = createSqsCalls(sqs);
  await expect(calls.receive(sqs.queueUrl('nobody'), 1, 0)).rejects.toMatchObject({ name: 'OperationalError', retryable: true });
  const nowhere = createSqsCalls({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' });
  await expect(nowhere.receive('x', 1, 0)).rejects.toThrow('cannot be reached');
});

it('deletes any number of messages and names those that were not deleted', async () => {
  const sqs = await start({ name: 'celery' });
  const calls = createSqsCalls(sqs);
  const queueUrl = sqs.queueUrl('celery');
  const handles: string[] = [];
  for (let n = 0; n < 12; n += 1) await calls.call('SendMessage', { QueueUrl: queueUrl, MessageBody: String(n) });
  while (handles.length < 12) handles.push(...(await calls.receive(queueUrl, 10, 0)).map((message) => message.ReceiptHandle));
  expect(await calls.remove(queueUrl, handles)).toEqual(new Set());
  expect(await sqs.depth('celery')).toEqual({ ready: 0, delayed: 0, inFlight: 0 });
});
