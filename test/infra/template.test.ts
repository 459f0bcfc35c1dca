import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toSqsName } from 'celeriac/transports/sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, deadLetters } from '../../handlers/app.ts';
import '../../handlers/tasks.ts';
import { functions } from '../../infra/bundle.ts';
import { internalsOf } from '../../src/app/app.ts';
import { createRouteLookup } from '../../src/app/routes.ts';
import { packageCopy } from '../support/packaging.ts';
import { faultsOf, resourcesOf, type Template } from '../support/template.ts';
import { nameOf, type Properties, permissionsIn, propertiesOf, statementsIn, variable } from '../support/template-properties.ts';

const DAY = 86_400;

let directory: string;
let template: Template;
let prefixed: Template;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'celeriac-template-'));
  // What is in the zips is the bundle's test; the template only names them.
  await Promise.all(functions.map((name) => writeFile(join(directory, `${name}.zip`), '')));
  template = await packageCopy({ serviceDir: join(directory, 'plain'), buildDir: directory });
  prefixed = await packageCopy({ serviceDir: join(directory, 'prefixed'), buildDir: directory, params: { queueNamePrefix: 'test-' } });
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

// ── looking things up; a thing that is not there fails the test ─────────────

function the(type: string, where: (properties: Properties) => boolean, from = template): { id: string; properties: Properties } {
  const found = [...resourcesOf(from, type)].filter(([, resource]) => where(propertiesOf(resource)));
  expect(found, `the one ${type}`).toHaveLength(1);
  const [id, resource] = found[0]!;
  return { id, properties: propertiesOf(resource) };
}

const queueNamed = (name: string, from = template) => the('AWS::SQS::Queue', ({ QueueName }) => QueueName === name, from);
const functionFor = (name: string) => the('AWS::Lambda::Function', ({ Handler }) => Handler === `${name}.handler`);
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const all = (type: string): Properties[] => [...resourcesOf(template, type).values()].map(propertiesOf);

/** What the function of this name is allowed. */
const permissionsOf = (name: string) =>
  permissionsIn(propertiesOf(template.Resources[functionFor(name).properties.Role['Fn::GetAtt']?.[0] ?? '']));

/** The role that no function has. */
const scheduleRole = () => {
  const taken = all('AWS::Lambda::Function').map(({ Role }) => Role['Fn::GetAtt']?.[0]);
  const [id, ...more] = [...resourcesOf(template, 'AWS::IAM::Role').keys()].filter((role) => !taken.includes(role));
  expect(more).toEqual([]);
  return { id, properties: propertiesOf(template.Resources[id ?? '']) };
};
const groupArn = () => arnOf(the('AWS::Scheduler::ScheduleGroup', () => true).id);

describe('the packaged template', () => {
  it('is sound by the published specification of its resources', () => {
    expect(faultsOf(template)).toEqual([]);
    expect(faultsOf(prefixed)).toEqual([]);
  });

  it('gives a message six times the function time-out, and the window, before it shows again', () => {
    const { MaximumBatchingWindowInSeconds: window = 0 } = the('AWS::Lambda::EventSourceMapping', () => true).properties;
    const { Timeout } = functionFor('worker').properties;
    expect(queueNamed('celery').properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout + window);
  });

  it('polls queues long', () => {
    for (const { ReceiveMessageWaitTimeSeconds } of all('AWS::SQS::Queue')) expect(ReceiveMessageWaitTimeSeconds).toBe(20);
  });

  it('moves a message to a dead-letter queue of the same type after five receives', () => {
    const { properties } = queueNamed('celery');
    const dead = queueNamed(deadLetters.queue);
    expect(properties.RedrivePolicy).toEqual({ deadLetterTargetArn: arnOf(dead.id), maxReceiveCount: 5 });
    expect(dead.properties.FifoQueue).toBe(properties.FifoQueue);
  });

  it('tells the reader of dead letters after how many receives that is', () => {
    const { Variables } = functionFor('dead-letter').properties.Environment;
    expect(Variables.MAX_RECEIVE_COUNT).toBe(String(queueNamed('celery').properties.RedrivePolicy.maxReceiveCount));
    expect(deadLetters.maxReceives).toBe(Number(Variables.MAX_RECEIVE_COUNT));
  });

  it('keeps dead messages fourteen days, and others ten at most', () => {
    expect(queueNamed(deadLetters.queue).properties.MessageRetentionPeriod).toBe(14 * DAY);
    expect(queueNamed('celery').properties.MessageRetentionPeriod).toBeLessThanOrEqual(10 * DAY);
  });

  it('lets the one queue alone use the dead-letter queue', () => {
    const source = { 'Fn::Sub': `arn:${variable('AWS::Partition')}:sqs:${variable('AWS::Region')}:${variable('AWS::AccountId')}:celery` };
    expect(queueNamed(deadLetters.queue).properties.RedriveAllowPolicy).toEqual({
      redrivePermission: 'byQueue',
      sourceQueueArns: [source],
    });
    expect(queueNamed('celery').properties.RedriveAllowPolicy).toEqual({ redrivePermission: 'denyAll' });
  });

  it('hides a dead message for as long as its reader may run', () => {
    const { Timeout } = functionFor('dead-letter').properties;
    expect(queueNamed(deadLetters.queue).properties.VisibilityTimeout).toBeGreaterThanOrEqual(Timeout);
  });

  it('encrypts every queue at rest', () => {
    for (const { SqsManagedSseEnabled, KmsMasterKeyId } of all('AWS::SQS::Queue'))
      expect(SqsManagedSseEnabled === true || KmsMasterKeyId).toBe(true);
  });

  it('refuses whoever speaks to a queue without TLS', () => {
    for (const id of resourcesOf(template, 'AWS::SQS::Queue').keys()) {
      const { properties } = the('AWS::SQS::QueuePolicy', ({ Queues }) => Queues.some((queue) => queue.Ref === id));
      expect(properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: arnOf(id),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });
});

describe('the event source mapping', () => {
  const mapping = () => the('AWS::Lambda::EventSourceMapping', () => true).properties;

  it('hands the queue to the worker, ten records at a time', () => {
    expect(mapping().EventSourceArn).toEqual(arnOf(queueNamed('celery').id));
    expect(mapping().FunctionName).toEqual(arnOf(functionFor('worker').id));
    expect(mapping().BatchSize).toBe(10);
  });

  it('takes failures record by record', () => {
    expect(mapping().FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('bounds concurrency where it costs no receives', () => {
    expect(mapping().ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    expect(mapping().ScalingConfig.MaximumConcurrency).toBeLessThanOrEqual(1000);
    for (const properties of all('AWS::Lambda::Function')) expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('filters nothing, for base64 never matches and what does not match is deleted', () => {
    expect(mapping()).not.toHaveProperty('FilterCriteria');
  });
});

describe('the functions', () => {
  it('run on Node 24 and arm64', () => {
    for (const { Runtime, Architectures } of all('AWS::Lambda::Function'))
      expect([Runtime, Architectures]).toEqual(['nodejs24.x', ['arm64']]);
  });

  it('are those of the bundle, each with its own zip', () => {
    const found = all('AWS::Lambda::Function').map(({ Handler, Code }) => [Handler, Code.S3Key.split('/').at(-1)]);
    expect(found.sort()).toEqual(functions.map((name) => [`${name}.handler`, `${name}.zip`]).sort());
  });

  it('let the worker send to its own queue as often as it needs', () => {
    expect(functionFor('worker').properties.RecursiveLoop).toBe('Allow');
  });

  it('let nobody send over HTTP who does not sign the request', () => {
    for (const { AuthType } of all('AWS::Lambda::Url')) expect(AuthType).toBe('AWS_IAM');
  });

  it('never have the dead-letter queue for an event source, which would delete from it', () => {
    const dead = arnOf(queueNamed(deadLetters.queue).id);
    for (const { EventSourceArn } of all('AWS::Lambda::EventSourceMapping')) expect(EventSourceArn).not.toEqual(dead);
  });

  it('know the queues by the names they have', () => {
    for (const [from, prefix] of [[template, ''] as const, [prefixed, 'test-'] as const]) {
      for (const resource of resourcesOf(from, 'AWS::Lambda::Function').values()) {
        const { QUEUE_NAME_PREFIX, DEAD_LETTER_QUEUE } = propertiesOf(resource).Environment.Variables;
        expect(QUEUE_NAME_PREFIX).toBe(prefix);
        if (DEAD_LETTER_QUEUE !== undefined) queueNamed(toSqsName(prefix + DEAD_LETTER_QUEUE), from);
      }
    }
  });

  it('quarantine where the messages that SQS moves go as well', () => {
    expect(functionFor('worker').properties.Environment.Variables.DEAD_LETTER_QUEUE).toBe(deadLetters.queue);
  });

  it('have a log group with an end', () => {
    for (const { FunctionName } of all('AWS::Lambda::Function')) {
      expect(
        the('AWS::Logs::LogGroup', ({ LogGroupName }) => LogGroupName === `/aws/lambda/${FunctionName}`).properties.RetentionInDays,
      ).toBe(30);
    }
  });
});

describe('the roles', () => {
  const log = (id: string) => [`logs:CreateLogStream on ${id}.Arn`, `logs:PutLogEvents on ${id}.Arn`];

  const schedules = `arn:${variable('AWS::Partition')}:scheduler:${variable('AWS::Region')}:${variable('AWS::AccountId')}:schedule/${variable('ScheduleGroup')}/*`;
  /** May have something sent later, by the one role there is for it. */
  const schedule = ['CreateSchedule', 'DeleteSchedule'].map(
    (action) => `scheduler:${action} on ${JSON.stringify({ 'Fn::Sub': schedules })}`,
  );

  it('are one a function, and one for Scheduler', () => {
    const roles = all('AWS::Lambda::Function').map(({ Role }) => nameOf(Role));
    expect(new Set(roles).size).toBe(roles.length);
    expect(resourcesOf(template, 'AWS::IAM::Role').size).toBe(roles.length + 1);
  });

  it('let the publisher send to the queue, note chords and read results, and no more', () => {
    expect(permissionsOf('enqueue')).toEqual([
      'dynamodb:BatchGetItem on ResultsTable.Arn',
      'dynamodb:GetItem on ResultsTable.Arn',
      'dynamodb:PutItem on ResultsTable.Arn',
      'iam:PassRole on ScheduleRole.Arn',
      ...log('EnqueueLogGroup'),
      ...schedule,
      'sqs:GetQueueUrl on CeleryQueue.Arn',
      'sqs:SendMessage on CeleryQueue.Arn',
    ]);
  });

  it('let the worker receive and send on, keep results, and bury but not dig', () => {
    expect(permissionsOf('worker')).toEqual([
      'dynamodb:BatchGetItem on ResultsTable.Arn',
      'dynamodb:BatchWriteItem on ResultsTable.Arn',
      'dynamodb:DeleteItem on ResultsTable.Arn',
      'dynamodb:GetItem on ResultsTable.Arn',
      'dynamodb:PutItem on ResultsTable.Arn',
      'dynamodb:UpdateItem on ResultsTable.Arn',
      'iam:PassRole on ScheduleRole.Arn',
      ...log('WorkerLogGroup'),
      ...schedule,
      'sqs:ChangeMessageVisibility on CeleryQueue.Arn',
      'sqs:DeleteMessage on CeleryQueue.Arn',
      'sqs:GetQueueAttributes on CeleryQueue.Arn',
      'sqs:GetQueueUrl on CeleryQueue.Arn',
      'sqs:GetQueueUrl on DeadLetterQueue.Arn',
      'sqs:ReceiveMessage on CeleryQueue.Arn',
      'sqs:SendMessage on CeleryQueue.Arn',
      'sqs:SendMessage on DeadLetterQueue.Arn',
    ]);
  });

  it('let the reader of dead letters look and put back, never delete', () => {
    expect(permissionsOf('dead-letter')).toEqual([
      ...log('DeadLetterLogGroup'),
      'sqs:ChangeMessageVisibility on DeadLetterQueue.Arn',
      'sqs:GetQueueUrl on DeadLetterQueue.Arn',
      'sqs:ReceiveMessage on DeadLetterQueue.Arn',
    ]);
  });

  it('let Scheduler send to the queue, and to where it puts what it could not send', () => {
    expect(permissionsIn(scheduleRole().properties)).toEqual([
      'sqs:SendMessage on CeleryQueue.Arn',
      'sqs:SendMessage on ScheduleDeadLetterQueue.Arn',
    ]);
  });

  it('allow nothing by wildcard but the schedules of the one group, anywhere in the template', () => {
    const allowing = statementsIn(template).filter(({ Effect }) => Effect === 'Allow');
    expect(allowing.length).toBeGreaterThanOrEqual(3 * 3);
    expect(allowing.filter((statement) => JSON.stringify(statement).replaceAll(schedules, '').includes('*'))).toEqual([]);
  });

  it('are handed to Scheduler alone', () => {
    const handing = statementsIn(template).filter(({ Action }) => Action === 'iam:PassRole');
    expect(handing).toHaveLength(2);
    for (const { Condition } of handing) expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } });
  });

  it('can be taken by Lambda only, and that for schedules by the group only', () => {
    const { id } = scheduleRole();
    for (const [role, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      const Service = role === id ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com';
      const only = role === id && {
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 'aws:SourceArn': groupArn() } },
      };
      expect(Properties?.['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole', ...only }],
      });
    }
  });
});

describe('long waits', () => {
  it('have a schedule group of their own, named with the prefix', () => {
    expect(the('AWS::Scheduler::ScheduleGroup', () => true).properties.Name).toBe('celery');
    expect(the('AWS::Scheduler::ScheduleGroup', () => true, prefixed).properties.Name).toBe('test-celery');
  });

  it('that could not be sent are kept fourteen days in a standard queue of their own', () => {
    const { properties } = queueNamed('celery-schedule-dead-letter');
    expect(properties).not.toHaveProperty('FifoQueue');
    expect(properties.MessageRetentionPeriod).toBe(14 * DAY);
    expect(properties.RedriveAllowPolicy).toEqual({ redrivePermission: 'denyAll' });
  });
});

describe('the alarms', () => {
  const onQueue = (name: string) => [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueNamed(name).id, 'QueueName'] } }];
  const onWorker = () => [{ Name: 'FunctionName', Value: { Ref: functionFor('worker').id } }];

  const onGroup = () => [{ Name: 'ScheduleGroup', Value: { Ref: the('AWS::Scheduler::ScheduleGroup', () => true).id } }];

  it.each([
    ['messages wait long', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', 900, () => onQueue('celery')],
    ['a message is dead', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 0, () => onQueue(deadLetters.queue)],
    [
      '80 % of what may be in flight is',
      'AWS/SQS',
      'ApproximateNumberOfMessagesNotVisible',
      'Maximum',
      0.8 * 120_000,
      () => onQueue('celery'),
    ],
    ['the worker is throttled', 'AWS/Lambda', 'Throttles', 'Sum', 0, onWorker],
    ['AWS takes the worker for a loop', 'AWS/Lambda', 'RecursiveInvocationsDropped', 'Sum', 0, onWorker],
    [
      'a long wait could not be ended',
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      'Maximum',
      0,
      () => onQueue('celery-schedule-dead-letter'),
    ],
    ['a long wait is lost', 'AWS/Scheduler', 'InvocationsFailedToBeSentToDeadLetterCount', 'Sum', 0, onGroup],
  ])('go off when %s', (_when, Namespace, MetricName, Statistic, Threshold, dimensions) => {
    const on = JSON.stringify(dimensions());
    const alarm = the('AWS::CloudWatch::Alarm', (each) => each.MetricName === MetricName && JSON.stringify(each.Dimensions) === on);
    expect(alarm.properties).toMatchObject({
      Namespace,
      Statistic,
      Threshold,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  it('all tell the topic', () => {
    const topic = the('AWS::SNS::Topic', () => true).id;
    for (const { AlarmActions } of all('AWS::CloudWatch::Alarm')) expect(AlarmActions).toEqual([{ Ref: topic }]);
  });
});

describe('the queues', () => {
  it('that tasks are routed to exist, whatever the prefix', () => {
    for (const queue of queuesOf(app)) {
      queueNamed(toSqsName(queue));
      queueNamed(toSqsName(`test-${queue}`), prefixed);
    }
  });

  it('follow the prefix to the last reference', () => {
    expect(JSON.stringify(prefixed)).toContain('AccountId}:test-celery"');
    expect(resourcesOf(prefixed, 'AWS::SQS::Queue').size).toBe(3);
    queueNamed('test-celery-schedule-dead-letter', prefixed);
  });

  it('lend their prefix to the table of results', () => {
    the('AWS::DynamoDB::Table', ({ TableName }) => TableName === 'celery');
    the('AWS::DynamoDB::Table', ({ TableName }) => TableName === 'test-celery', prefixed);
  });
});

/** Every queue that the app may send to: its default, what the routes say of each task, and what the tasks say themselves. */
function queuesOf({ settings, tasks }: typeof app): Set<string> {
  const route = createRouteLookup(settings.taskRoutes);
  const named = tasks.flatMap((name) => [route(name, [], {}, {})?.queue, internalsOf(app).registry.get(name)?.defaults.queue]);
  return new Set([
    settings.taskDefaultQueue,
    settings.deadLetterQueue ?? deadLetters.queue,
    ...named.filter((queue) => queue !== undefined),
  ]);
}
