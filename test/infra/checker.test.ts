import { describe, expect, it } from 'vitest';
import { faultsOf, type Resource, resourcesOf, type Template } from '../support/template.ts';
import { variable } from '../support/template-properties.ts';

function templateWith(changes: Record<string, Resource | undefined> = {}): Template {
  const resources: Record<string, Resource | undefined> = {
    Tasks: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'tasks',
        VisibilityTimeout: 360,
        SqsManagedSseEnabled: true,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
        Tags: [{ Key: 'team', Value: 'a' }],
      },
    },
    Dead: { Type: 'AWS::SQS::Queue' },
    Run: functionWith({}),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      DependsOn: ['Run'],
      Properties: {
        FunctionName: { Ref: 'Run' },
        EventSourceArn: { 'Fn::Sub': `arn:${variable('AWS::Partition')}:x:${variable('Tasks.QueueName')}` },
      },
    },
    ...changes,
  };
  return {
    Resources: Object.fromEntries(Object.entries(resources).filter((entry): entry is [string, Resource] => entry[1] !== undefined)),
    Outputs: { Url: { Value: { Ref: 'Tasks' } } },
  };
}

function functionWith(changes: Record<string, unknown>): Resource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'b', S3Key: 'k' },
      Role: 'arn:role',
      RecursiveLoop: 'Allow',
      Environment: { Variables: { A: 'b' } },
      Timeout: 60,
      ...changes,
    },
  };
}

const queueWith = (properties: Record<string, unknown>): Resource => ({ Type: 'AWS::SQS::Queue', Properties: properties });
const alarmWith = (properties: Record<string, unknown>): Resource => ({ Type: 'AWS::CloudWatch::Alarm', Properties: properties });

const planted: [fault: string, changes: Record<string, Resource | undefined>, found: string][] = [
  ['a resource type that does not exist', { Dead: { Type: 'AWS::SQS::Que' } }, 'Dead: there is no resource type AWS::SQS::Que'],
  ['a misspelt section', { Dead: { Type: 'AWS::SQS::Queue', Propertys: {} } }, 'Dead: there is no section Propertys'],
  ['an unknown property', { Dead: queueWith({ VisibilityTimeouts: 3 }) }, 'Dead: there is no property VisibilityTimeouts'],
  ['a property named like one every object has', { Dead: queueWith({ constructor: 1 }) }, 'Dead: there is no property constructor'],
  ['an unknown property of a part', { Run: functionWith({ Environment: { Vars: {} } }) }, 'Run.Environment: there is no property Vars'],
  ['a missing property', { Run: { Type: 'AWS::Lambda::Function', Properties: { Role: 'r' } } }, 'Run: Code is required'],
  ['a missing properties section', { Run: { Type: 'AWS::IAM::Role' } }, 'Run: AssumeRolePolicyDocument is required'],
  ['a missing property of a part', { Alarm: alarmWith({ Dimensions: [{ Name: 'QueueName' }] }) }, 'Alarm.Dimensions[0]: Value is required'],
  ['text for an integer', { Dead: queueWith({ VisibilityTimeout: '360' }) }, 'Dead.VisibilityTimeout: an integer is wanted, not "360"'],
  ['a fraction for an integer', { Dead: queueWith({ DelaySeconds: 1.5 }) }, 'Dead.DelaySeconds: an integer is wanted, not 1.5'],
  ['text for a number', { Alarm: alarmWith({ Threshold: '1' }) }, 'Alarm.Threshold: a number is wanted, not "1"'],
  ['text for a boolean', { Dead: queueWith({ FifoQueue: 'true' }) }, 'Dead.FifoQueue: a boolean is wanted, not "true"'],
  ['a number for text', { Dead: queueWith({ QueueName: 7 }) }, 'Dead.QueueName: a string is wanted, not 7'],
  ['null', { Dead: queueWith({ QueueName: null }) }, 'Dead.QueueName: a string is wanted, not null'],
  ['text for a list', { Run: functionWith({ Architectures: 'arm64' }) }, 'Run.Architectures: a list is wanted, not "arm64"'],
  ['a wrong element of a list', { Run: functionWith({ Layers: ['a', 2] }) }, 'Run.Layers[1]: a string is wanted, not 2'],
  ['a list for an object', { Run: functionWith({ Code: [] }) }, 'Run.Code: an object is wanted, not []'],
  ['a list for a map', { Run: functionWith({ Environment: { Variables: [] } }) }, 'Run.Environment.Variables: a map is wanted, not []'],
  [
    'a wrong value of a map',
    { Run: functionWith({ Environment: { Variables: { A: 1 } } }) },
    'Run.Environment.Variables.A: a string is wanted, not 1',
  ],
  [
    'a value outside those allowed',
    { Run: functionWith({ RecursiveLoop: 'allow' }) },
    'Run.RecursiveLoop: one of Allow, Terminate is wanted, not "allow"',
  ],
  ['a tag without a key', { Dead: queueWith({ Tags: [{ Value: 'x' }] }) }, 'Dead.Tags[0]: a tag is wanted, not {"Value":"x"}'],
  ['a Ref to nothing', { Mapping: undefined, Alarm: alarmWith({ AlarmActions: [{ Ref: 'Topic' }] }) }, 'Alarm: there is no resource Topic'],
  ['a GetAtt of nothing', { Dead: undefined }, 'Tasks: there is no resource Dead'],
  [
    'an attribute that does not exist',
    { Dead: queueWith({ QueueName: { 'Fn::GetAtt': ['Run', 'Arm'] } }) },
    'Dead: Run has no attribute Arm',
  ],
  ['a Sub of nothing', { Dead: queueWith({ QueueName: { 'Fn::Sub': `x-${variable('Nobody')}` } }) }, 'Dead: there is no resource Nobody'],
  [
    'a Sub whose own value refers to nothing',
    { Dead: queueWith({ QueueName: { 'Fn::Sub': [`x-${variable('A')}`, { A: { Ref: 'Nobody' } }] } }) },
    'Dead: there is no resource Nobody',
  ],
  ['a DependsOn of nothing', { Dead: { Type: 'AWS::SQS::Queue', DependsOn: 'Nobody' } }, 'Dead: there is no resource Nobody'],
  [
    'a circle',
    { Dead: queueWith({ RedriveAllowPolicy: { sourceQueueArns: [{ 'Fn::GetAtt': ['Tasks', 'Arn'] }] } }) },
    'Tasks: depends on itself, by Tasks → Dead → Tasks',
  ],
];

describe('the template checker', () => {
  it('finds no fault in a sound template', () => {
    expect(faultsOf(templateWith())).toEqual([]);
  });

  it.each(planted)('finds %s, and nothing else', (_fault, changes, found) => {
    expect(faultsOf(templateWith(changes))).toEqual([found]);
  });

  it('takes the value of an intrinsic function for whatever is wanted', () => {
    expect(faultsOf(templateWith({ Dead: queueWith({ VisibilityTimeout: { 'Fn::Select': [0, []] } }) }))).toEqual([]);
  });

  it('finds an output that refers to nothing', () => {
    expect(faultsOf({ Resources: {}, Outputs: { Url: { Value: { Ref: 'Tasks' } } } })).toEqual(['Url: there is no resource Tasks']);
  });

  it('tells an output from the resource of the same name', () => {
    const template = { ...templateWith({ Dead: undefined }), Outputs: { Tasks: { Value: 'x' } } };
    expect(faultsOf(template)).toEqual(['Tasks: there is no resource Dead']);
  });

  it('finds resources by type', () => {
    expect([...resourcesOf(templateWith(), 'AWS::SQS::Queue').keys()]).toEqual(['Tasks', 'Dead']);
  });
});
