/**
 * Results in one DynamoDB table, laid out as Celery's DynamoDB backend lays them out (celery.backends.dynamodb), which reads and writes
 * the same items. What is asked of the table is dynamodb-store.ts, loaded with the first request. Waiting for a result looks every so
 * often: DynamoDB tells nobody.
 */

import { kept, lateMethods } from '../kept.ts';
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
  let opened = false;
  const store = kept(async () => {
    const { openStore } = await import('./dynamodb-store.ts');
    opened = true;
    return openStore(options);
  });
  return {
    ...lateMethods(store, ['store', 'storeMany', 'fetch', 'fetchMany', 'forget']),
    groups: lateMethods(async () => (await store()).groups, ['save', 'restore', 'remove']),
    chords: lateMethods(async () => (await store()).chords, ['begin', 'count', 'join', 'end']),
    async close() {
      if (opened) await (await store()).close();
    },
  };
}
