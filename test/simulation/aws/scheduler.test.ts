/** The simulated Scheduler under the production code that asks it, and by itself. */

import { describe, expect, it } from 'vitest';
import { createEventBridgeScheduler } from '../../../src/schedulers/eventbridge.ts';
import { createSimScheduler, createSimSqs, type SimSchedulerOptions, type SimScheduleTarget } from './index.ts';
import { createEnv, directClient, thrownBy } from './worlds.ts';

const ROLE = 'arn:aws:iam::000000000000:role/sends';

function make(options: Partial<SimSchedulerOptions> = {}, chances: number | readonly number[] = [0.5, 0.5]) {
  const env = createEnv(chances);
  const queues = ['q', 'q.fifo', 'dead'].map((name) => ({ name, visibilitySeconds: 30, contentBasedDeduplication: true }));
  const sqs = createSimSqs(env, { queues });
  const onFire = ({ queue, body, messageGroupId: group }: SimScheduleTarget): void => {
    sqs.put(queue, { body, ...(group !== undefined && { group }) });
  };
  const machine = createSimScheduler(env, { groups: ['g'], onFire, ...options });
  const arns = { q: sqs.arn('q'), 'q.fifo': sqs.arn('q.fifo') };
  const client = directClient(machine);
  const scheduler = createEventBridgeScheduler({ client, group: 'g', roleArn: ROLE, queues: arns, deadLetterArn: sqs.arn('dead') });
  const wait = (name: string, seconds: number, more: object = {}) =>
    scheduler.schedule({ name, queue: 'q', body: name, atMs: env.now() + seconds * 1000, ...more });
  const bodies = (queue = 'q') => sqs.messages(queue).map(({ body }) => body);
  return { env, sqs, machine, scheduler, wait, bodies };
}

const input = (more: object = {}) => ({
  Name: 'n',
  ScheduleExpression: 'at(2026-01-02T00:00:00)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  ActionAfterCompletion: 'DELETE',
  Target: { Arn: 'arn:aws:sqs:us-east-1:000000000000:q', RoleArn: ROLE, Input: 'i' },
  ...more,
});

describe('a simulated schedule', () => {
  it('fires late, once, and is gone', async () => {
    const { env, machine, wait, bodies } = make();
    await wait('n', 3600);
    expect(machine.nextEventMs()).toBe(env.now() + 3_630_000);
    env.pass(3629);
    expect([machine.fireDue(), bodies()]).toEqual([[], []]);
    env.pass(1);
    expect(machine.fireDue()).toMatchObject([{ name: 'n', group: 'g', queue: 'q', body: 'n', messageGroupId: undefined }]);
    expect([bodies(), machine.schedules(), machine.nextEventMs(), machine.fireDue()]).toEqual([['n'], [], undefined, []]);
  });

  it('sometimes fires twice, even when it is cancelled between', async () => {
    const { env, machine, scheduler, wait, bodies } = make({ duplicates: 1 });
    await wait('n', 3600);
    env.pass(3630);
    machine.fireDue();
    await scheduler.cancel('n');
    expect(machine.schedules()).toMatchObject([{ name: 'n', state: 'again' }]);
    env.pass(30);
    machine.fireDue();
    expect([bodies(), machine.schedules()]).toEqual([['n', 'n'], []]);
  });

  it('is one for a name, until it has fired', async () => {
    const { machine, wait } = make();
    await wait('n', 3600);
    await wait('n', 3600, { body: 'other' });
    expect(machine.schedules()).toMatchObject([{ name: 'n', body: 'n', state: 'waiting' }]);
    expect(thrownBy(() => machine.handle('CreateSchedule', input({ GroupName: 'g' })))).toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('is found by its prefix, cancelled, and looked at', async () => {
    const { machine, scheduler, wait } = make({}, 1);
    for (let at = 0; at < 120; at += 1) await wait(`a-${at}`, 3600);
    await wait('b-0', 3600);
    expect(await scheduler.find('a-')).toHaveLength(120);
    await scheduler.cancel('b-0');
    await scheduler.cancel('b-0');
    expect(await scheduler.find('b-')).toEqual([]);
    expect(machine.handle('GetSchedule', { Name: 'a-1', GroupName: 'g' })).toMatchObject({ Name: 'a-1', GroupName: 'g', State: 'ENABLED' });
    expect(thrownBy(() => machine.handle('GetSchedule', { Name: 'b-0', GroupName: 'g' }))?.name).toBe('ResourceNotFoundException');
  });

  it('sends to a FIFO queue under a group', async () => {
    const { env, machine, sqs, wait } = make();
    await wait('n', 3600, { queue: 'q.fifo', messageGroupId: 'm' });
    env.pass(3660);
    machine.fireDue();
    expect(sqs.messages('q.fifo')).toMatchObject([{ body: 'n', group: 'm' }]);
  });

  it('tries again while the queue does not take it, and gives up after a day', async () => {
    let fails = true;
    const sent: string[] = [];
    const dead: string[] = [];
    const onFire = ({ name }: SimScheduleTarget): void => {
      if (fails) throw new Error('refused');
      sent.push(name);
    };
    const { env, machine, wait } = make({ onFire, onDead: ({ name }) => void dead.push(name), duplicates: 0 }, 1);
    await wait('n', 3600);
    env.pass(3660);
    expect(machine.fireDue()).toEqual([]);
    expect(machine.schedules()).toMatchObject([{ name: 'n', state: 'waiting' }]);
    fails = false;
    env.pass(90);
    expect([machine.fireDue().length, sent]).toEqual([1, ['n']]);

    fails = true;
    await wait('late', 3600);
    for (let minutes = 0; minutes < 26 * 60 && dead.length === 0; minutes += 10) {
      env.pass(600);
      machine.fireDue();
    }
    expect([dead, machine.schedules()]).toEqual([['late'], []]);
  });

  it('stays as it is when it is not to be deleted', () => {
    const { env, machine } = make();
    machine.handle('CreateSchedule', input({ ActionAfterCompletion: 'NONE' }));
    env.pass(86_460);
    expect([machine.fireDue().length, machine.fireDue().length, machine.schedules()]).toEqual([1, 0, []]);
    expect(machine.handle('GetSchedule', { Name: 'n' })).toMatchObject({ Name: 'n' });
    expect(machine.handle('DeleteSchedule', { Name: 'n' })).toEqual({});
  });

  it.each([
    ['a moment in the past', { ScheduleExpression: 'at(2025-12-31T23:59:59)' }],
    ['a rate', { ScheduleExpression: 'rate(1 minute)' }],
    ['a name with a space', { Name: 'a b' }],
    ['another timezone', { ScheduleExpressionTimezone: 'Europe/Berlin' }],
    ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }],
    ['no target', { Target: undefined }],
    ['a target that is no queue', { Target: { ...input().Target, Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' } }],
    ['no role', { Target: { ...input().Target, RoleArn: 'x' } }],
    ['no input', { Target: { ...input().Target, Input: '' } }],
    ['too long an input', { Target: { ...input().Target, Input: 'x'.repeat(262_145) } }],
    ['a group for a standard queue', { Target: { ...input().Target, SqsParameters: { MessageGroupId: 'g' } } }],
    ['a FIFO dead-letter queue', { Target: { ...input().Target, DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:d.fifo' } } }],
  ])('is refused with %s', (_what, more) => {
    const { machine } = make();
    expect(thrownBy(() => machine.handle('CreateSchedule', input(more)))).toMatchObject({ name: 'ValidationException', $fault: 'client' });
  });

  it('is refused in a group that is not there', () => {
    const { machine } = make();
    expect(thrownBy(() => machine.handle('CreateSchedule', input({ GroupName: 'x' })))?.name).toBe('ResourceNotFoundException');
  });
});
