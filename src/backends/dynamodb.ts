/**
 * Results in one DynamoDB table, laid out as Celery's DynamoDB backend lays them out (celery.backends.dynamodb), which reads and writes
 * the same items. What is asked of the table is dynamodb-store.ts, loaded with the first request. Waiting for a result looks every so
 * often: DynamoDB tells nobody.
 */

import { keptOpen, lateMethods } from '../kept.ts';
import type { DynamoDBBackend, DynamoDBBackendOptions } from './dynamodb-store.ts';

export type { LargeResults } from './claim-check.ts';
export type { DynamoDBClient, DynamoDBClientOptions, DynamoDBCredentials } from './dynamodb-client.ts';
export type { DynamoDBBackend, DynamoDBBackendOptions } from './dynamodb-store.ts';

/**
 * Keeps results, groups and chords in DynamoDB. The role needs GetItem, BatchGetItem, PutItem, BatchWriteItem, UpdateItem and DeleteItem
 * on the table, which is not created here. Nothing is imported or connected before the first request, which rejects with
 * ImproperlyConfigured where `@aws-sdk/client-dynamodb` is missing.
 *
 * @example const backend = createDynamoDBBackend({ table: 'celery-results', region: 'eu-central-1' });
 */
export function createDynamoDBBackend(options: DynamoDBBackendOptions = {}): DynamoDBBackend {
  const { open, close } = keptOpen(async () => (await import('./dynamodb-store.ts')).openStore(options));
  return {
    ...lateMethods(open, ['store', 'storeMany', 'fetch', 'fetchMany', 'forget']),
    groups: lateMethods(async () => (await open()).groups, ['save', 'restore', 'remove']),
    chords: lateMethods(async () => (await open()).chords, ['begin', 'count', 'join', 'end']),
    close,
  };
}
