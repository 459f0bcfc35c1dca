/**
 * A ledger in one DynamoDB table, which Celery's results may share. Every write is one request under a condition, and every
 * request may be sent twice: a reply that was lost changes no answer. Time to live tidies up, and nothing relies on it. What is asked
 * of the table is dynamodb-ledger.ts, loaded with the first request.
 */

import { keptOpen, lateMethods } from '../kept.ts';
import type { DynamoDBLedger } from './dynamodb-commit.ts';
import type { DynamoDBTableOptions } from './dynamodb-table.ts';

export { CommitRefused, commitWith, type DynamoDBLedger, type RefusedWrite, type TransactWrite } from './dynamodb-commit.ts';
export type { DynamoDBClient, DynamoDBCredentials, DynamoDBTableOptions } from './dynamodb-table.ts';

/**
 * Keeps the ledger in DynamoDB. The role needs GetItem, BatchGetItem, PutItem, UpdateItem and DeleteItem on the table.
 *
 * @example const ledger = createDynamoDBLedger({ tableName: 'celery-results' });
 */
export function createDynamoDBLedger(options: DynamoDBTableOptions): DynamoDBLedger {
  const { open, close } = keptOpen(async () => (await import('./dynamodb-ledger.ts')).openLedger(options));
  return {
    ...lateMethods(open, ['begin', 'finish', 'unfinished', 'revoke', 'revokeByStamps', 'isRevoked']),
    ...lateMethods(open, ['claim', 'renew', 'settle', 'release', 'reserve', 'unreserve', 'settleWith']),
    close,
  };
}
