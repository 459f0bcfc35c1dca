/** What breaks the rules of tables and buckets. */

import { arn, drop, env, remove, set, type Violation, violation, WORKER } from './planting.ts';

export const storeViolations: readonly Violation[] = [
  ...(
    [
      [
        'a sort key',
        set(['ResultsTable.Properties.KeySchema.1', { AttributeName: 'at', KeyType: 'RANGE' }]),
        'ResultsTable: KeySchema is another',
      ],
      ['another key', set(['ResultsTable.Properties.KeySchema.0.AttributeName', 'key']), 'ResultsTable: KeySchema is another'],
      [
        'a key of bytes',
        set(['LedgerTable.Properties.AttributeDefinitions.0.AttributeType', 'B']),
        'LedgerTable: AttributeDefinitions is another',
      ],
      [
        'a table that is paid for when nobody uses it',
        set(['LedgerTable.Properties.BillingMode', 'PROVISIONED']),
        'LedgerTable: BillingMode is another',
      ],
    ] as const
  ).map(([what, plant, found]) =>
    violation('tables have the one text id for a key, as Celery’s, and are paid by request', what, plant, found),
  ),
  violation(
    'tables forget by the attribute ttl',
    'no expiry',
    drop('LedgerTable.Properties.TimeToLiveSpecification'),
    'LedgerTable: nothing ever expires',
  ),
  violation(
    'tables forget by the attribute ttl',
    'expiry by another attribute',
    set(['ResultsTable.Properties.TimeToLiveSpecification.AttributeName', 'expires']),
    'ResultsTable: nothing ever expires',
  ),
  violation(
    'tables can be put back to any second',
    'no backups',
    drop('LedgerTable.Properties.PointInTimeRecoverySpecification'),
    'LedgerTable: it cannot be restored',
  ),
  violation(
    'tables are encrypted with a key of the account',
    'AWS’s own key',
    drop('ResultsTable.Properties.SSESpecification'),
    'ResultsTable: it is not',
  ),
  violation(
    'what messages refer to outlives the stack',
    'a table that goes with it',
    drop('LedgerTable.DeletionPolicy'),
    'LedgerTable: DeletionPolicy loses it',
  ),
  violation(
    'what messages refer to outlives the stack',
    'a bucket that another may take the place of',
    set(['LargeMessagesBucket.UpdateReplacePolicy', 'Delete']),
    'LargeMessagesBucket: UpdateReplacePolicy loses it',
  ),
  violation(
    'the ledger is not in the table of results',
    'one table for both',
    set([env(WORKER, 'RESULTS_TABLE'), { Ref: 'LedgerTable' }], [env(WORKER, 'OLD_TABLE'), { Ref: 'ResultsTable' }]),
    `${WORKER}: keeps both in one`,
  ),
  violation(
    'nothing in a bucket is public',
    'a bucket whose policy may be',
    set(['LargeMessagesBucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy', false]),
    'LargeMessagesBucket: something may be',
  ),
  violation(
    'buckets are encrypted at rest',
    'one that says nothing of it',
    drop('LargeMessagesBucket.Properties.BucketEncryption'),
    'LargeMessagesBucket: is not',
  ),
  violation(
    'large messages outlive what refers to them, and then go',
    'objects that stay',
    set(['LargeMessagesBucket.Properties.LifecycleConfiguration.Rules.0.Status', 'Disabled']),
    'LargeMessagesBucket: nothing ever expires',
  ),
  violation(
    'large messages outlive what refers to them, and then go',
    'objects that go too early',
    set(['LargeMessagesBucket.Properties.LifecycleConfiguration.Rules.0.ExpirationInDays', 14]),
    'LargeMessagesBucket: what expires after 14 days may still be waited for',
  ),
  violation(
    'large messages outlive what refers to them, and then go',
    'parts of uploads that stay',
    drop('LargeMessagesBucket.Properties.LifecycleConfiguration.Rules.1.AbortIncompleteMultipartUpload'),
    'LargeMessagesBucket: uploads that were never finished stay',
  ),
  violation(
    'a bucket keeps no versions, or not for ever',
    'versions',
    set(['LargeMessagesBucket.Properties.VersioningConfiguration', { Status: 'Enabled' }]),
    'LargeMessagesBucket: keeps what has expired',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a queue without a policy',
    remove('ScheduleDeadLetterQueuePolicy'),
    'ScheduleDeadLetterQueue: takes it',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a policy of one action',
    set(['CeleryQueuePolicy.Properties.PolicyDocument.Statement.0.Action', 'sqs:SendMessage']),
    'CeleryQueue: takes it',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a policy of the bucket, not of what is in it',
    set(['LargeMessagesBucketPolicy.Properties.PolicyDocument.Statement.0.Resource', arn('LargeMessagesBucket')]),
    'LargeMessagesBucket: takes it',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a policy that refuses TLS',
    set(['CeleryQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.Bool.aws:SecureTransport', 'true']),
    'CeleryQueue: takes it',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a policy with one condition more',
    set(['CeleryQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.StringEquals', { 'aws:SourceVpc': 'vpc-1' }]),
    'CeleryQueue: takes it',
  ),
  violation(
    'queues and buckets refuse plain HTTP',
    'a policy for some',
    set(['DeadLetterQueuePolicy.Properties.PolicyDocument.Statement.0.Principal', { AWS: 'arn:a' }]),
    'DeadLetterQueue: takes it',
  ),
];
