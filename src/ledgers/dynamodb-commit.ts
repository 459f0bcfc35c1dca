/**
 * A claim settled together with writes of the user's own, in one transaction of DynamoDB: what the task did there and that it is done
 * are one thing, whatever is delivered twice, overtaken or lost on the way. The transaction is dynamodb-settle.ts.
 */

import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { committingOf } from '../app/commit.ts';
import type { TaskContext } from '../app/context.ts';
import { CeleryError, ImproperlyConfigured } from '../errors.ts';
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

export type TransactItem = NonNullable<NonNullable<TransactWrite['Put']>['Item']>;

/** Nothing was written, as a write was refused; the claim is still the attempt's. */
export class CommitRefused extends CeleryError {
  override readonly name = 'CommitRefused';
  readonly reasons: readonly RefusedWrite[];
  constructor(reasons: readonly RefusedWrite[], options?: ErrorOptions) {
    super(`Nothing was written: ${reasons.map(({ index, code, message }) => `write ${index}: ${code} (${message})`).join('; ')}`, options);
    this.reasons = reasons;
  }
}

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
