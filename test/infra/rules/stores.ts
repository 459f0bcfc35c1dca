/** What tables and buckets have to be. */

import { toCreateTable } from '../../../src/local/dynamodb-tables.ts';
import { type Resource, resourcesOf, type Template } from '../../support/template.ts';
import { propertiesOf, type Statement } from '../../support/template-properties.ts';
import { finding, property, type Rule, same, targetOf, variablesOf } from './rule.ts';

const TABLE = 'AWS::DynamoDB::Table';
const BUCKET = 'AWS::S3::Bucket';
const POLICIES = ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy'];
/** Ten days in the queue, fourteen in the dead-letter queue, and three weeks for a wait. */
const LIFE_DAYS = 45;

const all = (template: Template, ...types: readonly string[]): [string, Resource][] =>
  types.flatMap((type) => [...resourcesOf(template, type)]);

/** Each resource of these types has to have this property. */
const have =
  (types: readonly string[], name: string, value: unknown, without: string): Rule['check'] =>
  (template) =>
    all(template, ...types).flatMap(([id, resource]) => finding(id, !same(property(resource, name), value) && without));

/** osls makes this one for its own uploads; its content is the code. */
const isOwn = ([id]: [string, Resource]): boolean => id !== 'ServerlessDeploymentBucket';

interface Lifecycle {
  readonly Rules: readonly {
    readonly Status: string;
    readonly ExpirationInDays?: number;
    readonly AbortIncompleteMultipartUpload?: object;
  }[];
}

function lifecycleFault(bucket: Resource): string | undefined {
  const { Rules = [] } = (property(bucket, 'LifecycleConfiguration') ?? {}) as Partial<Lifecycle>;
  const on = Rules.filter(({ Status }) => Status === 'Enabled');
  const days = on.flatMap(({ ExpirationInDays }) => ExpirationInDays ?? []);
  if (days.length === 0) return 'nothing ever expires';
  if (Math.min(...days) < LIFE_DAYS) return `what expires after ${Math.min(...days)} days may still be waited for`;
  return on.some(({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload !== undefined)
    ? undefined
    : 'uploads that were never finished stay';
}

/** Whether a statement refuses everything on the resource, and on what is in it, without TLS. */
function refusesPlainHttp(statement: Statement, id: string, { Type }: Resource): boolean {
  const { Effect, Action, Resource, Condition, Principal } = statement as Statement & { Principal?: unknown };
  const on = [Resource].flat().map((each) => JSON.stringify(each));
  const covers = on.every((text) => text.includes(`"${id}"`) || text.includes(`{${id}.Arn}`));
  const inside = Type === BUCKET ? on.length === 2 && on.some((text) => text.includes('/*"')) : on.length === 1;
  const secure = (Condition as { Bool?: Record<string, unknown> } | undefined)?.Bool?.['aws:SecureTransport'];
  return (
    Effect === 'Deny' &&
    Principal === '*' &&
    Action === (Type === BUCKET ? 's3:*' : 'sqs:*') &&
    covers &&
    inside &&
    String(secure) === 'false' &&
    Object.keys(Condition ?? {}).length === 1
  );
}

const policyStatements = (template: Template): readonly Statement[] =>
  all(template, ...POLICIES).flatMap(([, policy]) => propertiesOf(policy).PolicyDocument.Statement);

const { TableName: _name, ...LAYOUT } = toCreateTable('any');

export const storeRules: readonly Rule[] = [
  {
    name: 'tables have the one text id for a key, as Celery’s, and are paid by request',
    check: (template) =>
      all(template, TABLE).flatMap(([id, table]) =>
        Object.entries(LAYOUT).flatMap(([name, value]) => finding(id, !same(property(table, name), value) && `${name} is another`)),
      ),
  },
  {
    name: 'tables forget by the attribute ttl',
    check: have([TABLE], 'TimeToLiveSpecification', { AttributeName: 'ttl', Enabled: true }, 'nothing ever expires'),
  },
  {
    name: 'tables can be put back to any second',
    check: have([TABLE], 'PointInTimeRecoverySpecification', { PointInTimeRecoveryEnabled: true }, 'it cannot be restored'),
  },
  {
    name: 'tables are encrypted with a key of the account',
    check: have([TABLE], 'SSESpecification', { SSEEnabled: true }, 'it is not'),
  },
  {
    name: 'what messages refer to outlives the stack',
    check: (template) =>
      [...all(template, TABLE), ...all(template, BUCKET).filter(isOwn)].flatMap(([id, resource]) =>
        ['DeletionPolicy', 'UpdateReplacePolicy'].flatMap((policy) => finding(id, resource[policy] !== 'Retain' && `${policy} loses it`)),
      ),
  },
  {
    name: 'the ledger is not in the table of results',
    check: (template) =>
      all(template, 'AWS::Lambda::Function').flatMap(([id, resource]) => {
        const { RESULTS_TABLE: results, LEDGER_TABLE: ledger } = variablesOf(propertiesOf(resource));
        if (results === undefined && ledger === undefined) return [];
        return finding(id, targetOf(results) === targetOf(ledger) && 'keeps both in one');
      }),
  },
  {
    name: 'nothing in a bucket is public',
    check: have(
      [BUCKET],
      'PublicAccessBlockConfiguration',
      { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      'something may be',
    ),
  },
  {
    name: 'buckets are encrypted at rest',
    check: have(
      [BUCKET],
      'BucketEncryption',
      { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      'is not',
    ),
  },
  {
    name: 'large messages outlive what refers to them, and then go',
    check: (template) =>
      all(template, BUCKET)
        .filter(isOwn)
        .flatMap(([id, bucket]) => finding(id, lifecycleFault(bucket))),
  },
  {
    name: 'a bucket keeps no versions, or not for ever',
    check: (template) =>
      all(template, BUCKET).flatMap(([id, bucket]) => {
        const kept = property(bucket, 'VersioningConfiguration') !== undefined;
        const expires = JSON.stringify(property(bucket, 'LifecycleConfiguration') ?? {}).includes('"NoncurrentVersionExpiration"');
        return finding(id, kept && !expires && 'keeps what has expired');
      }),
  },
  {
    name: 'queues and buckets refuse plain HTTP',
    check: (template) => {
      const statements = policyStatements(template);
      return all(template, 'AWS::SQS::Queue', BUCKET).flatMap(([id, resource]) =>
        finding(id, !statements.some((statement) => refusesPlainHttp(statement, id, resource)) && 'takes it'),
      );
    },
  },
];
