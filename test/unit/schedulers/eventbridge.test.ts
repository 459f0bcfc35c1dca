import { CreateScheduleCommand, DeleteScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { describe, expect, it } from 'vitest';
import { createEventBridgeScheduler, type EventBridgeSchedulerOptions } from '../../../src/schedulers/eventbridge.ts';
import type { ScheduledWait } from '../../../src/schedulers/scheduler.ts';

const ROLE = 'arn:aws:iam::123456789012:role/schedule';
const arn = (name: string) => `arn:aws:sqs:eu-central-1:123456789012:${name}`;
const QUEUES = { 'my.jobs': arn('prod-my-jobs'), 'orders.fifo': arn('prod-orders.fifo') };

const aWait = (more: Partial<ScheduledWait> = {}): ScheduledWait => ({
  name: 'n',
  atMs: Date.parse('2030-01-02T12:00:00Z'),
  queue: 'my.jobs',
  body: 'Ym9keQ==',
  ...more,
});

const answers = (...given: readonly unknown[]) => {
  const sent: { readonly input: unknown }[] = [];
  const client = {
    async send(command: never) {
      const answer = given[sent.push(command) - 1];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { sent, client };
};

const create = (more: Partial<EventBridgeSchedulerOptions> = {}) =>
  createEventBridgeScheduler({ group: 'g', roleArn: ROLE, queues: QUEUES, ...more });

/** An error as the SDK makes them. */
const sdkError = (name: string, status?: number): Error =>
  Object.assign(new Error('why'), { name, $metadata: status === undefined ? {} : { httpStatusCode: status } });

describe('scheduling', () => {
  it('creates a one-time schedule that sends the body and is deleted then', async () => {
    const { sent, client } = answers({});
    await create({ client, deadLetterArn: arn('dead') }).schedule(aWait());
    expect(sent[0]).toBeInstanceOf(CreateScheduleCommand);
    expect(sent[0]?.input).toEqual({
      Name: 'n',
      GroupName: 'g',
      ScheduleExpression: 'at(2030-01-02T12:00:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: arn('prod-my-jobs'),
        RoleArn: ROLE,
        Input: 'Ym9keQ==',
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
        DeadLetterConfig: { Arn: arn('dead') },
      },
    });
  });

  it('knows a queue by SQS’s own name where it is told so', async () => {
    const { sent, client } = answers({});
    await create({ client }).schedule(aWait({ queue: 'prod-my-jobs', ownName: true }));
    expect(sent[0]?.input).toMatchObject({ Target: { Arn: arn('prod-my-jobs') } });
    await expect(create({ client }).schedule(aWait({ queue: 'prod-my-jobs' }))).rejects.toMatchObject({ name: 'QueueNotFound' });
  });

  it('gives a FIFO queue the group, or kombu’s default', async () => {
    const { sent, client } = answers({}, {});
    const scheduler = create({ client });
    await scheduler.schedule(aWait({ queue: 'orders.fifo', messageGroupId: 'a' }));
    await scheduler.schedule(aWait({ queue: 'orders.fifo' }));
    expect(sent.map(({ input }) => input)).toMatchObject([
      { Target: { SqsParameters: { MessageGroupId: 'a' } } },
      { Target: { SqsParameters: { MessageGroupId: 'default' } } },
    ]);
  });

  it('takes a name that is there already for the same wait', async () => {
    const { client } = answers(sdkError('ConflictException', 409));
    await expect(create({ client }).schedule(aWait())).resolves.toBeUndefined();
  });

  it.each([
    ['a queue it has no ARN of', { queue: 'constructor' }, 'QueueNotFound'],
    ['a body too large', { body: 'é'.repeat(128_001) }, 'MessageTooLarge'],
    ['a body that Scheduler would change', { body: 'a <aws.scheduler.execution-id>' }, 'EncodeError'],
    ['a group on a standard queue', { messageGroupId: 'tenant' }, 'EncodeError'],
  ])('refuses %s before the network', async (_what, more, name) => {
    const { sent, client } = answers();
    await expect(create({ client }).schedule(aWait(more))).rejects.toMatchObject({ name });
    expect(sent).toEqual([]);
  });

  it('takes a body up to the limit', async () => {
    await expect(create(answers({})).schedule(aWait({ body: 'é'.repeat(128_000) }))).resolves.toBeUndefined();
  });
});

describe('what fails', () => {
  it.each([
    ['AccessDeniedException', 403, false, 'iam:PassRole'],
    ['AccessDenied', 403, false, 'scheduler:CreateSchedule'],
    ['ResourceNotFoundException', 404, false, 'no such group'],
    ['ValidationException', 400, false, 'ValidationException: why'],
    ['ServiceQuotaExceededException', 402, false, 'ServiceQuotaExceededException'],
    ['ThrottlingException', 429, true, 'ThrottlingException'],
    ['ThrottlingException', 400, true, 'ThrottlingException'],
    ['ExpiredTokenException', 403, true, 'ExpiredTokenException'],
    ['RequestTimeout', 408, true, 'RequestTimeout'],
    ['InternalServerException', 500, true, 'InternalServerException'],
    ['TimeoutError', undefined, true, 'TimeoutError'],
  ])('as %s with %s may be tried again: %s', async (name, status, retryable, text) => {
    const { client } = answers(sdkError(name, status));
    const failed = create({ client }).schedule(aWait());
    await expect(failed).rejects.toMatchObject({ name: 'OperationalError', retryable, message: expect.stringContaining(text) });
  });

  it.each([['text'], [null], [{}]])('with %j, which is no error, may be tried again', async (thrown) => {
    const client = { send: () => Promise.reject(thrown) };
    await expect(create({ client }).schedule(aWait())).rejects.toMatchObject({ name: 'OperationalError', retryable: true });
  });

  it('is named by the request it was', async () => {
    const failing = () => create(answers(sdkError('InternalServerException', 500)));
    await expect(failing().cancel('n')).rejects.toThrow('scheduler:DeleteSchedule');
    await expect(failing().find('n')).rejects.toThrow('scheduler:ListSchedules');
  });
});

describe('taking back', () => {
  it('deletes by name within the group; what is gone is success', async () => {
    const { sent, client } = answers({}, sdkError('ResourceNotFoundException', 404));
    await create({ client }).cancel('n');
    await create({ client }).cancel('n');
    expect(sent[0]).toBeInstanceOf(DeleteScheduleCommand);
    expect(sent[0]?.input).toEqual({ Name: 'n', GroupName: 'g' });
  });

  it('finds names by prefix, page after page', async () => {
    const { sent, client } = answers({ Schedules: [{ Name: 'a-1' }, {}], NextToken: 't' }, { Schedules: [{ Name: 'a-2' }] }, undefined);
    expect(await create({ client }).find('a-')).toEqual(['a-1', 'a-2']);
    expect(sent[0]).toBeInstanceOf(ListSchedulesCommand);
    expect(sent.map(({ input }) => input)).toEqual([
      { GroupName: 'g', NamePrefix: 'a-' },
      { GroupName: 'g', NamePrefix: 'a-', NextToken: 't' },
    ]);
    expect(await create({ client }).find('b-')).toEqual([]);
  });
});

describe('what it is made with', () => {
  it.each([
    ['a role that is none', { roleArn: 'role/x' }, 'roleArn'],
    ['a queue’s URL', { queues: { celery: 'https://sqs.test/1/celery' } }, "queue 'celery'"],
    ['a dead-letter queue that is none', { deadLetterArn: 'dead' }, 'deadLetterArn'],
    ['a FIFO dead-letter queue', { deadLetterArn: arn('dead.fifo') }, 'deadLetterArn'],
  ])('is refused with %s', (_what, more, text) => {
    expect(() => create(more)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(text) }));
  });

  it('closes without having been used, and leaves a client that was given open', async () => {
    const { client } = answers({});
    const scheduler = create({ client });
    await scheduler.close();
    await scheduler.cancel('n');
    await scheduler.close();
  });
});
