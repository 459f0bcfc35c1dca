/** What breaks the rules of roles. */

import { variable } from '../../support/template-properties.ts';
import { add, arn, drop, env, type Loose, READER, set, statements, type Violation, violation } from './planting.ts';

/** A policy of another kind than those that other rules know to the last word. */
const topicPolicy = (statement: Loose) =>
  add('Told', 'AWS::SNS::TopicPolicy', {
    Topics: [{ Ref: 'AlarmTopic' }],
    PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { AWS: { Ref: 'AWS::AccountId' } }, ...statement }] },
  });
const topic = { Ref: 'AlarmTopic' };
export const roleViolations: readonly Violation[] = [
  violation(
    'a role may do what its function calls, and nothing more',
    'a publisher that may receive',
    set([`${statements('EnqueueRole')}.0.Action`, ['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage']]),
    'EnqueueRole: may do sqs:ReceiveMessage on CeleryQueue.Arn',
  ),
  violation(
    'a role may do what its function calls, and nothing more',
    'a reader of dead letters that may delete',
    set([
      `${statements('DeadLetterRole')}.0.Action`,
      ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl', 'sqs:DeleteMessage'],
    ]),
    'DeadLetterRole: may do sqs:DeleteMessage on DeadLetterQueue.Arn',
  ),
  violation(
    'a role may do what its function calls, and nothing more',
    'a worker that may not store',
    set([
      `${statements('WorkerRole')}.2.Action`,
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'],
    ]),
    'WorkerRole: may not do dynamodb:PutItem on ResultsTable.Arn',
  ),
  violation(
    'a role may do what its function calls, and nothing more',
    'a publisher that may read large messages',
    set(['EnqueueLargeMessages.Properties.PolicyDocument.Statement.0.Action', ['s3:PutObject', 's3:GetObject']]),
    `EnqueueRole: may do s3:GetObject on ${JSON.stringify({ 'Fn::Sub': `${variable('LargeMessagesBucket.Arn')}/large-messages/*` })}`,
  ),
  violation(
    'a role may do what its function calls, and nothing more',
    'a role of nobody',
    add('Spare', 'AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole', Condition: groupOnly() },
        ],
      },
      Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sns:Publish', Resource: topic }] } }],
    }),
    'Spare: may do sns:Publish on {"Ref":"AlarmTopic"}',
  ),
  violation(
    'each function has a role of its own, which no service but Lambda takes',
    'a role that another service takes as well',
    set(['WorkerRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal', { Service: 'ec2.amazonaws.com' }]),
    'WorkerRole: is taken by ec2.amazonaws.com',
  ),
  violation(
    'no policy comes from elsewhere',
    'a managed policy',
    set(['WorkerRole.Properties.ManagedPolicyArns', ['arn:aws:iam::aws:policy/ReadOnlyAccess']]),
    'WorkerRole: takes managed policies',
  ),
  ...(
    [
      ['any action', { Action: 'sns:*', Resource: topic }, 'Told: allows sns:*'],
      ['any resource', { Action: 'sns:Publish', Resource: '*' }, 'Told: allows "*"'],
      ['part of an ARN', { Action: 'sns:Publish', Resource: 'arn:aws:sns:*:1:t' }, 'Told: allows "arn:aws:sns:*:1:t"'],
      ['anyone', { Action: 'sns:Publish', Resource: topic, Principal: '*' }, 'Told: allows anyone'],
      ['all actions but one', { NotAction: 'sns:Publish', Action: [], Resource: topic }, 'Told: allows all but what it names'],
    ] as const
  ).map(([what, statement, found]) =>
    violation('nothing is allowed by wildcard, but what does not exist yet', what, topicPolicy(statement), found),
  ),
  violation(
    'a service takes a role for this account alone, Scheduler for its group alone',
    'a function of anyone’s',
    drop('DeadLetterRole.Properties.AssumeRolePolicyDocument.Statement.0.Condition'),
    'DeadLetterRole: can be taken by lambda.amazonaws.com for others',
  ),
  violation(
    'a service takes a role for this account alone, Scheduler for its group alone',
    'any group of the account',
    drop('ScheduleRole.Properties.AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.aws:SourceArn'),
    'ScheduleRole: can be taken by scheduler.amazonaws.com for others',
  ),
  violation(
    'a service calls a function for one source alone',
    'no source',
    drop('DeadLetterLambdaPermissionEventsRuleSchedule1.Properties.SourceArn'),
    'DeadLetterLambdaPermissionEventsRuleSchedule1: lets events.amazonaws.com call for anyone',
  ),
  violation(
    'a role is handed to Scheduler alone',
    'a role that may be handed to any service',
    drop(`${statements('EnqueueRole')}.4.Condition`),
    'EnqueueRole: may hand it to others',
  ),
  violation(
    'whoever knows a table may use it, and nobody else',
    'a right without a table',
    drop(env('EnqueueLambdaFunction', 'LEDGER_TABLE')),
    'EnqueueLambdaFunction: may use LedgerTable, which it does not know',
  ),
  violation(
    'whoever knows a table may use it, and nobody else',
    'a table without a right',
    set([env(READER, 'RESULTS_TABLE'), { Ref: 'ResultsTable' }]),
    `${READER}: may not use ResultsTable, which it knows`,
  ),
];

function groupOnly(): Loose {
  return { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 'aws:SourceArn': arn('ScheduleGroup') } };
}
