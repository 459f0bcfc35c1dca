/** The transaction of commitWith: the claim settled and the user's writes, all or nothing. Imported when the first one is asked for. */

import { createHash } from 'node:crypto';
import { type AwsRequest, answerName, answerStatus, toStoreFailure } from '../aws-failures.ts';
import { BackendStoreError, CeleryError, ImproperlyConfigured } from '../errors.ts';
import { CommitRefused, type DynamoDBLedger, type TransactItem, type TransactWrite } from './dynamodb-commit.ts';
import type { Table } from './dynamodb-table.ts';
import { type Attributes, fromAttributes, toAttributes, toTerms, ttlSeconds } from './dynamodb-values.ts';
import { claimKey } from './keys.ts';
import type { Attempt } from './ledger.ts';

/** TransactWriteItems takes 100, and the claim is one. */
const MOST_WRITES = 99;
/** A request whose end is unknown is asked so often, under the same token: DynamoDB answers what it came to. */
const ASKS = 2;
/** Why a transaction was cancelled that may go through later. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
/** DynamoDB's longest ClientRequestToken. */
const TOKEN_LENGTH = 36;

type Settled = Parameters<DynamoDBLedger['settleWith']>[0];

/** See DynamoDBLedger. */
export async function settleWith(table: Table, settled: Settled, writes: readonly TransactWrite[]): Promise<boolean> {
  if (writes.length > MOST_WRITES) {
    throw new ImproperlyConfigured(`${writes.length} writes are too many for one transaction; ${MOST_WRITES} go beside the claim.`);
  }
  const request = tokenOf(settled, writes);
  const items = [{ Update: claimSettled(table.tableName, settled, request) }, ...writes];
  try {
    await asked(table, items, request);
    return true;
  } catch (error) {
    const [claim, ...others] = reasonsOf(error);
    if (claim?.Code === 'ConditionalCheckFailed') return judge(claim.Item, settled, request);
    throw toFailure(error, others, table.tableName);
  }
}

/** The same for the same writes of the same attempt. */
function tokenOf(settled: Settled, writes: readonly TransactWrite[]): string {
  return createHash('sha256')
    .update(JSON.stringify([settled, writes]))
    .digest('hex')
    .slice(0, TOKEN_LENGTH);
}

/** As `settle`, but once: it must not be settled yet, or what is written beside it could be written twice. */
function claimSettled(TableName: string, { taskId, token, expiresMs, outcome }: Settled, request: string) {
  return {
    TableName,
    Key: toAttributes({ id: claimKey(taskId) }),
    UpdateExpression:
      'SET settled = :yes, expires_at = :expires, #ttl = :ttl, outcome_text = :outcome, commit_token = :request REMOVE held_until',
    ConditionExpression: 'attempt_token = :token AND attribute_not_exists(settled)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...toTerms({
      names: { ttl: 'ttl' },
      values: { token, yes: true, expires: expiresMs, ttl: ttlSeconds(expiresMs), outcome, request },
    }),
  };
}

async function asked(table: Table, TransactItems: TransactWrite[], ClientRequestToken: string): Promise<void> {
  for (let asks = 1; ; asks += 1) {
    try {
      await table.perform(({ TransactWriteItemsCommand }) => new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
      return;
    } catch (error) {
      if (asks === ASKS || !isUnknown(error)) throw error;
    }
  }
}

/** Whether it may have been done all the same. */
function isUnknown(error: unknown): boolean {
  const name = answerName(error);
  if (error instanceof CeleryError || name === 'TransactionCanceledException') return false;
  const status = answerStatus(error);
  return status === undefined || status >= 500 || name === 'TransactionInProgressException';
}

interface Reason {
  readonly Code?: string;
  readonly Message?: string;
  readonly Item?: TransactItem;
}

/** One for each item, in their order; nothing where the transaction was not cancelled. */
function reasonsOf(error: unknown): readonly Reason[] {
  if (answerName(error) !== 'TransactionCanceledException') return [];
  return (error as { readonly CancellationReasons?: readonly Reason[] }).CancellationReasons ?? [];
}

/** Why the claim could not be settled: this very request did it before, or another attempt has it. */
function judge(item: TransactItem | undefined, { taskId, token }: Attempt, request: string): boolean {
  const claim = fromAttributes((item ?? {}) as Attributes);
  if (claim.get('commit_token') === request) return true;
  if (claim.get('attempt_token') !== token) return false;
  throw new ImproperlyConfigured(`The task ${taskId} has committed already; what it writes goes into one commitWith.`);
}

function toFailure(error: unknown, reasons: readonly Reason[], tableName: string): CeleryError {
  const refused = reasons.flatMap(({ Code: code = 'None', Message: message = '', Item: item }, index) =>
    code === 'None' || PASSING.has(code) ? [] : [{ index, code, message, ...(item !== undefined && { item }) }],
  );
  if (refused.length > 0) return new CommitRefused(refused, { cause: error });
  const request: AwsRequest = {
    permission: 'dynamodb:TransactWriteItems',
    on: `table '${tableName}' and those of the writes`,
    hints: new Map(),
  };
  if (answerName(error) !== 'TransactionCanceledException') return toStoreFailure(error, request);
  return new BackendStoreError(`${request.permission} on ${request.on} met other writes or was throttled; it may succeed later.`, {
    cause: error,
  });
}
