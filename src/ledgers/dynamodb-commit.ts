/**
 * A claim settled together with writes of the user's own, in one transaction of DynamoDB: what the task did there and that it is done
 * are one thing, whatever is delivered twice, overtaken or lost on the way.
 */

import { createHash } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { committingOf } from '../app/commit.ts';
import type { TaskContext } from '../app/context.ts';
import { type AwsRequest, answerName, answerStatus, toStoreFailure } from '../aws-failures.ts';
import { BackendStoreError, CeleryError, ImproperlyConfigured } from '../errors.ts';
import type { Table } from './dynamodb-table.ts';
import { type Attributes, fromAttributes, toAttributes, toTerms, ttlSeconds } from './dynamodb-values.ts';
import { claimKey } from './keys.ts';
import type { Attempt, Ledger } from './ledger.ts';

/** A write as TransactWriteItems takes it: one of Put, Update, Delete and ConditionCheck, its values as DynamoDB spells them. */
export type TransactWrite = TransactWriteItem;

export interface DynamoDBLedger extends Ledger {
  /**
   * Settles a claim and writes what the user writes, all or nothing, in one TransactWriteItems. False when the claim is no longer this
   * attempt's: then nothing was written. At most 99 writes; an attempt settles so once.
   *
   * @throws CommitRefused when a write's condition does not hold, BackendStoreError, ImproperlyConfigured
   */
  settleWith(
    settled: Attempt & { readonly expiresMs: number; readonly outcome: string },
    writes: readonly TransactWrite[],
  ): Promise<boolean>;
}

/** What DynamoDB had against one of the writes. */
export interface RefusedWrite {
  /** Its place among the writes that were given. */
  readonly index: number;
  /** Like `ConditionalCheckFailed`. */
  readonly code: string;
  readonly message: string;
  /** The item that was in the way, where the write asks for it (ReturnValuesOnConditionCheckFailure). */
  readonly item?: TransactItem;
}

type TransactItem = NonNullable<NonNullable<TransactWrite['Put']>['Item']>;

/** Nothing was written, as a write was refused; the claim is still the attempt's. */
export class CommitRefused extends CeleryError {
  override readonly name = 'CommitRefused';
  readonly reasons: readonly RefusedWrite[];
  constructor(reasons: readonly RefusedWrite[], options?: ErrorOptions) {
    super(`Nothing was written: ${reasons.map(({ index, code, message }) => `write ${index}: ${code} (${message})`).join('; ')}`, options);
    this.reasons = reasons;
  }
}

/** TransactWriteItems takes 100, and the claim is one. */
const MOST_WRITES = 99;
/** A request whose end is unknown is asked so often, under the same token: DynamoDB answers what it came to. */
const ASKS = 2;
/** Why a transaction was cancelled that may go through later. */
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
/** DynamoDB's longest ClientRequestToken. */
const TOKEN_LENGTH = 36;

type Settled = Parameters<DynamoDBLedger['settleWith']>[0];

/**
 * Ends an idempotent task by writing to DynamoDB, in the transaction that notes in the ledger that the task is done, with its result:
 * once for each task id. Nothing the task does after it is a part of it. At most 99 writes; the role needs the permissions of each.
 *
 * @example return await commitWith(self, [{ Update: { TableName: 'accounts', … } }], { balance });
 * @throws CommitRefused when a write's condition does not hold, ImproperlyConfigured where the task is not idempotent or the ledger
 *   is not DynamoDB's, BackendStoreError
 */
export async function commitWith<R>(self: TaskContext, writes: readonly TransactWrite[], result: R): Promise<R> {
  const { ledger, commit } = committingOf(self);
  if (!('settleWith' in ledger)) {
    throw new ImproperlyConfigured('commitWith writes to the ledger too, in one transaction: connect the app to createDynamoDBLedger.');
  }
  const { settleWith } = ledger as DynamoDBLedger;
  await commit(result, (settled) => settleWith(settled, writes));
  return result;
}

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
