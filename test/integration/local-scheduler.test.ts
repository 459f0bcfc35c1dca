/** EventBridge Scheduler's stand-in, driven by the real client, and a long wait through it from end to end. */

import { CreateScheduleCommand, DeleteScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { planWait } from '../../src/app/delay.ts';
import { type LocalSqs, startLocalSqs } from '../../src/local/index.ts';
import { type LocalScheduler, startLocalScheduler } from '../../src/local/scheduler.ts';
import { createSqsCalls } from '../../src/local/sqs-calls.ts';
import { createEventBridgeScheduler } from '../../src/schedulers/eventbridge.ts';
import { scheduleName, schedulePrefix } from '../../src/schedulers/schedule-name.ts';
import { createFakeClock, type FakeClock, NOON } from '../support/fake-clock.ts';

const ROLE = 'arn:aws:iam::000000000000:role/schedule';
const HOUR = 3_600_000;

const started: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of started.splice(0).reverse()) await each.close();
});

interface World {
  readonly sqs: LocalSqs;
  readonly local: LocalScheduler;
  readonly clock: FakeClock;
  readonly client: SchedulerClient;
}

async function start(): Promise<World> {
  const clock = createFakeClock();
  const sqs = await startLocalSqs({ queues: [{ name: 'celery' }, { name: 'dead' }, { name: 'orders.fifo' }] });
  started.push(sqs);
  const local = await startLocalScheduler({ sqs, groups: ['g'], clock });
  started.push(local);
  const { endpoint, region, credentials } = local;
  const client = new SchedulerClient({ endpoint, region, credentials });
  started.push({ close: async () => client.destroy() });
  return { sqs, local, clock, client };
}

const bodies = async (sqs: LocalSqs, queue: string) => (await sqs.peek(queue)).map(({ body }) => body);

interface Asked {
  readonly Name?: string;
  readonly GroupName?: string;
  readonly ScheduleExpression?: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly ActionAfterCompletion?: 'NONE' | 'DELETE';
  readonly Mode?: 'OFF' | 'FLEXIBLE';
}

const create = (sqs: LocalSqs, { Mode = 'OFF', ...more }: Asked = {}, target: object = {}) =>
  new CreateScheduleCommand({
    Name: 'n',
    GroupName: 'g',
    ScheduleExpression: 'at(2030-01-02T13:00:00)',
    ActionAfterCompletion: 'DELETE',
    FlexibleTimeWindow: { Mode, ...(Mode === 'FLEXIBLE' && { MaximumWindowInMinutes: 5 }) },
    ...more,
    Target: { Arn: sqs.queueArn('celery'), RoleArn: ROLE, Input: 'body', ...target },
  });

describe('the local Scheduler', () => {
  it('keeps a schedule, shows it, and takes it back', async () => {
    const { sqs, local, client } = await start();
    const { ScheduleArn } = await client.send(create(sqs));
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/g/n');
    expect(await client.send(new GetScheduleCommand({ Name: 'n', GroupName: 'g' }))).toMatchObject({
      Arn: ScheduleArn,
      Name: 'n',
      ScheduleExpression: 'at(2030-01-02T13:00:00)',
      Target: { Input: 'body' },
    });
    await client.send(new DeleteScheduleCommand({ Name: 'n', GroupName: 'g' }));
    expect(local.names()).toEqual([]);
  });

  it('refuses a second one of the name, and knows groups apart', async () => {
    const { sqs, local, client } = await start();
    await client.send(create(sqs));
    await expect(client.send(create(sqs))).rejects.toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    await client.send(create(sqs, { GroupName: 'default' }));
    expect(local.names()).toEqual(['n', 'n']);
    await expect(client.send(create(sqs, { GroupName: 'nowhere' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('says what is not there', async () => {
    const { client } = await start();
    const missing = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } };
    await expect(client.send(new GetScheduleCommand({ Name: 'n', GroupName: 'g' }))).rejects.toMatchObject(missing);
    await expect(client.send(new DeleteScheduleCommand({ Name: 'n' }))).rejects.toMatchObject(missing);
  });

  it('sends when the moment has come and not before, and is gone then', async () => {
    const { sqs, local, clock, client } = await start();
    await client.send(create(sqs));
    await clock.advance(HOUR - 1);
    await local.fire();
    expect(await bodies(sqs, 'celery')).toEqual([]);
    await clock.advance(1);
    await local.fire();
    await local.fire();
    expect(await bodies(sqs, 'celery')).toEqual(['body']);
    expect(local.names()).toEqual([]);
  });

  it('sends once and stays, where it is not to be deleted', async () => {
    const { sqs, local, clock, client } = await start();
    await client.send(create(sqs, { ActionAfterCompletion: 'NONE' }));
    await clock.advance(HOUR);
    await local.fire();
    await local.fire();
    expect(await bodies(sqs, 'celery')).toEqual(['body']);
    expect(local.names()).toEqual(['n']);
  });

  it('tries again, and puts aside what cannot be sent, with the reason', async () => {
    const { sqs, local, clock, client } = await start();
    const target = {
      Arn: sqs.queueArn('nobody'),
      RetryPolicy: { MaximumRetryAttempts: 1 },
      DeadLetterConfig: { Arn: sqs.queueArn('dead') },
    };
    await client.send(create(sqs, { ScheduleExpression: 'at(2030-01-02T12:00:01)' }, target));
    await clock.advance(999);
    await local.fire();
    await clock.advance(1);
    await local.fire();
    await local.fire();
    await local.fire();
    expect(local.names()).toEqual([]);
    const [dead] = await createSqsCalls(sqs).receive(sqs.queueUrl('dead'), 1, 0);
    expect(dead).toMatchObject({ Body: 'body', MessageAttributes: { RETRY_ATTEMPTS: { StringValue: '1' } } });
  });

  it('drops what cannot be sent where there is nothing to put it in, and keeps trying where that is not there', async () => {
    const { sqs, local, clock, client } = await start();
    const target = { Arn: sqs.queueArn('nobody'), RetryPolicy: { MaximumRetryAttempts: 0 } };
    const soon = 'at(2030-01-02T12:00:01)';
    await client.send(create(sqs, { Name: 'dropped', ScheduleExpression: soon }, target));
    const nowhere = { ...target, DeadLetterConfig: { Arn: sqs.queueArn('nobody') } };
    await client.send(create(sqs, { Name: 'kept', ScheduleExpression: soon }, nowhere));
    await clock.advance(1000);
    await expect(local.fire()).rejects.toMatchObject({ name: 'OperationalError' });
    await expect(local.fire()).rejects.toMatchObject({ name: 'OperationalError' });
    expect(local.names()).toEqual(['kept']);
  });

  it('sends to a FIFO queue that deduplicates by content, and keeps trying with one that does not', async () => {
    const { sqs, local, clock, client } = await start();
    const target = { Arn: sqs.queueArn('orders.fifo'), SqsParameters: { MessageGroupId: 'a' } };
    await client.send(create(sqs, {}, target));
    await clock.advance(HOUR);
    await local.fire();
    expect(local.names()).toEqual(['n']);
    const Attributes = { ContentBasedDeduplication: 'true' };
    await createSqsCalls(sqs).call('SetQueueAttributes', { QueueUrl: sqs.queueUrl('orders.fifo'), Attributes });
    await local.fire();
    expect(await sqs.peek('orders.fifo')).toMatchObject([{ body: 'body', messageGroupId: 'a' }]);
    expect(local.names()).toEqual([]);
  });

  it.each<[string, Asked, object]>([
    ['a name of other letters', { Name: 'a b' }, {}],
    ['another expression', { ScheduleExpression: 'rate(1 minute)' }, {}],
    ['a moment that is none', { ScheduleExpression: 'at(2030-13-02T13:00:00)' }, {}],
    ['a moment that has passed', { ScheduleExpression: 'at(2030-01-02T11:59:59)' }, {}],
    ['another timezone', { ScheduleExpressionTimezone: 'Europe/Paris' }, {}],
    ['a flexible window', { Mode: 'FLEXIBLE' }, {}],
    ['another target', {}, { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:x' }],
    ['no role', {}, { RoleArn: 'x' }],
    ['no input', {}, { Input: undefined }],
    ['an input too large', {}, { Input: 'x'.repeat(262_145) }],
    ['a FIFO queue without a group', {}, { Arn: 'arn:aws:sqs:us-east-1:000000000000:orders.fifo' }],
    ['a FIFO dead-letter queue', {}, { DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:orders.fifo' } }],
  ])('refuses %s', async (_what, more, target) => {
    const { sqs, client } = await start();
    await expect(client.send(create(sqs, more, target))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('answers what it does not know as AWS would', async () => {
    const { sqs, local, client } = await start();
    await client.send(create(sqs));
    const status = async (method: string, path: string, body?: string) =>
      (await fetch(local.endpoint + path, { method, ...(body !== undefined && { body }) })).status;
    expect(await status('GET', '/schedule-groups')).toBe(400);
    expect(await status('PUT', '/schedules/n?groupName=g')).toBe(400);
    expect(await status('POST', '/schedules/m', 'no json')).toBe(400);
    expect(
      await status('POST', '/schedules/m', '{"ScheduleExpression":"at(2031-01-01T00:00:00)","FlexibleTimeWindow":{"Mode":"OFF"}}'),
    ).toBe(400);
  });
});

describe('a long wait', () => {
  const connect = ({ local: { endpoint, region, credentials }, sqs }: World) => {
    const queues = { celery: sqs.queueArn('celery'), 'orders.fifo': sqs.queueArn('orders.fifo') };
    const scheduler = createEventBridgeScheduler({ endpoint, region, credentials, group: 'g', roleArn: ROLE, queues });
    started.push(scheduler);
    return scheduler;
  };

  it('is scheduled once, fires in time for a delay to end it, and brings the very body', async () => {
    const world = await start();
    const { sqs, local, clock } = world;
    const scheduler = connect(world);
    const etaMs = NOON + 2 * HOUR + 345;
    const planned = { etaMs, fifo: false, longestDelaySeconds: 900, scheduler: scheduler.limits };
    const body = JSON.stringify({ body: 'é"\\', 'content-type': 'application/json' });

    const plan = planWait({ ...planned, nowMs: clock.now(), bytes: Buffer.byteLength(body) });
    if (plan.via !== 'schedule') throw new Error(`The plan is ${plan.via}.`);
    const wait = { name: scheduleName('id', 0, etaMs), atMs: plan.atMs, queue: 'celery', body };
    await Promise.all([scheduler.schedule(wait), scheduler.schedule(wait)]);
    await scheduler.schedule({ ...wait, queue: 'celery', ownName: true });
    expect(local.names()).toEqual([wait.name]);

    await clock.advance(plan.atMs - NOON + 60_000);
    await local.fire();
    expect(await bodies(sqs, 'celery')).toEqual([body]);
    expect(planWait({ ...planned, nowMs: clock.now() })).toEqual({ via: 'delay', seconds: 16 });
  });

  it('is found by its task and taken back', async () => {
    const world = await start();
    const scheduler = connect(world);
    const wait = { atMs: NOON + HOUR, queue: 'celery', body: 'b' };
    for (let retries = 0; retries < 120; retries += 1) await scheduler.schedule({ ...wait, name: scheduleName('id', retries, 1) });
    await scheduler.schedule({ ...wait, name: scheduleName('other', 0, 1) });
    const names = await scheduler.find(schedulePrefix('id'));
    expect(names).toHaveLength(120);
    await Promise.all([...names, 'nobody'].map((name) => scheduler.cancel(name)));
    expect(world.local.names()).toEqual([scheduleName('other', 0, 1)]);
  });

  it('is refused for certain by a group that is not there', async () => {
    const world = await start();
    const { endpoint, region, credentials } = world.local;
    const options = { endpoint, region, credentials, group: 'nowhere', roleArn: ROLE, queues: { celery: world.sqs.queueArn('celery') } };
    const scheduler = createEventBridgeScheduler(options);
    started.push(scheduler);
    const refused = scheduler.schedule({ name: 'n', atMs: NOON + HOUR, queue: 'celery', body: 'b' });
    await expect(refused).rejects.toMatchObject({ name: 'OperationalError', retryable: false });
  });
});
