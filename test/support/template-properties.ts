/** What the tests of test/infra read of a template's resources, as types. That the template has them so, support/template proves. */

import type { Resource } from './template.ts';

/** What the tests read of the properties of any resource; the checker proves the kinds. */
export interface Properties {
  readonly AlarmActions: unknown;
  readonly Architectures: readonly string[];
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly AuthType: string;
  readonly BatchSize: number;
  readonly Code: { readonly S3Key: string };
  readonly Dimensions: unknown;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  readonly EventSourceArn: unknown;
  readonly FifoQueue?: boolean;
  readonly FunctionName: unknown;
  readonly FunctionResponseTypes: readonly string[];
  readonly Handler: string;
  readonly KmsMasterKeyId?: unknown;
  readonly LogGroupName: string;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly MessageRetentionPeriod: number;
  readonly MetricName: string;
  readonly Name: string;
  readonly Policies: readonly { readonly PolicyDocument: PolicyDocument }[];
  readonly PolicyDocument: PolicyDocument;
  readonly QueueName: string;
  readonly Queues: readonly { readonly Ref?: string }[];
  readonly ReceiveMessageWaitTimeSeconds: number;
  readonly RecursiveLoop: string;
  readonly RedriveAllowPolicy: unknown;
  readonly RedrivePolicy: { readonly maxReceiveCount: number };
  readonly RetentionInDays: number;
  readonly Role: Attribute;
  readonly Runtime: string;
  readonly ScalingConfig: { readonly MaximumConcurrency: number };
  readonly SqsManagedSseEnabled?: boolean;
  readonly TableName: string;
  readonly Timeout: number;
  readonly VisibilityTimeout: number;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: Attribute | readonly Attribute[];
  readonly Condition?: unknown;
}

export interface Attribute {
  readonly 'Fn::GetAtt'?: readonly [id: string, name: string];
}

export const propertiesOf = (resource: Resource | undefined): Properties => resource?.Properties as unknown as Properties;

/** Every policy statement, wherever it is. */
export function statementsIn(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...('Effect' in value ? [value as Statement] : []), ...Object.values(value).flatMap(statementsIn)];
}

/** `Queue.Arn` for a Fn::GetAtt; anything else as JSON. */
export const nameOf = (resource: Attribute | undefined): string => resource?.['Fn::GetAtt']?.join('.') ?? JSON.stringify(resource);

/** A variable of Fn::Sub. */
export const variable = (name: string): string => `\${${name}}`;

/** Each permission a role gives, as `action on resource`, sorted. */
export function permissionsIn(role: Properties): string[] {
  return role.Policies.flatMap((policy) => policy.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => [Action].flat().flatMap((action) => [Resource].flat().map((on) => `${action} on ${nameOf(on)}`)))
    .sort();
}
