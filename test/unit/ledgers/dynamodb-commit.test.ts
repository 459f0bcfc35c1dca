/** What a commit asks of DynamoDB and makes of its answers; what DynamoDB itself makes of it is tested in test/conformance. */

import { describe, expect, it } from 'vitest';
import type { Committing } from '../../../src/app/commit.ts';
import { offerCommit } from '../../../src/app/commit.ts';
import type { TaskContext } from '../../../src/app/context.ts';
import { createDirectContext } from '../../../src/app/direct-context.ts';
import { CommitRefused, commitWith, createDynamoDBLedger, type DynamoDBLedger, type TransactWrite } from '../../../src/ledgers/dynamodb.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { silentLogger } from '../../../src/logger.ts';
import { sdkError } from '../../support/dynamodb-client.ts';

const settled = { taskId: 'i', token: 't', expiresMs: 12_500, outcome: 'o' };
const write: TransactWrite = { Put: { TableName: 'accounts', Item: { id: { S: 'x' } } } };

interface Sent {
  readonly TransactItems: readonly { readonly Update?: { readonly ExpressionAttributeValues?: Record<string, unknown> } }[];
  readonly ClientRequestToken: string;
}

/** Gives the answers one by one, an error by throwing it; the last one again and again. */
function answering(...answers: readonly unknown[]): { readonly ledger: DynamoDBLedger; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const send = async (command: { input: Sent }): Promise<unknown> => {
    sent.push(command.input);
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ledger: createDynamoDBLedger({ tableName: 'celery', client: { send: send as never } }), sent };
}

const NONE = { Code: 'None' };
const cancelled = (...CancellationReasons: readonly object[]): Error => sdkError('TransactionCanceledException', { CancellationReasons });
const claimFails = (item?: object): Error => cancelled({ Code: 'ConditionalCheckFailed', ...(item !== undefined && { Item: item }) }, NONE);
const unknown = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

describe('a commit', () => {
  it('is one transaction of the claim and the writes', async () => {
    const { ledger, sent } = answering({});
    expect(await ledger.settleWith(settled, [write])).toBe(true);
    const token = expect.stringMatching(/^[0-9a-f]{36}$/);
    const claim = {
      TableName: 'celery',
      Key: { id: { S: 'celeriac-claim-i' } },
      ConditionExpression: 'attempt_token = :token AND attribute_not_exists(settled)',
      ExpressionAttributeValues: { ':token': { S: 't' }, ':expires': { N: '12500' }, ':ttl': { N: '13' }, ':outcome': { S: 'o' } },
    };
    expect(sent).toMatchObject([{ TransactItems: [{ Update: claim }, write], ClientRequestToken: token }]);
    expect(sent[0]?.TransactItems[0]?.Update?.ExpressionAttributeValues?.[':request']).toEqual({ S: sent[0]?.ClientRequestToken });
  });

  it('has a token of its own for each attempt and other writes, and the same for the same', async () => {
    const { ledger, sent } = answering({});
    await ledger.settleWith(settled, [write]);
    await ledger.settleWith({ ...settled }, [{ ...write }]);
    await ledger.settleWith({ ...settled, token: 'u' }, [write]);
    await ledger.settleWith(settled, [{ Put: { TableName: 'accounts', Item: { id: { B: new Uint8Array([1]) } } } }]);
    await ledger.settleWith(settled, [{ Put: { TableName: 'accounts', Item: { id: { B: new Uint8Array([2]) } } } }]);
    const tokens = sent.map(({ ClientRequestToken }) => ClientRequestToken);
    expect(tokens[1]).toBe(tokens[0]);
    expect(new Set(tokens).size).toBe(4);
  });

  it('that ends unknown is asked again under its token', async () => {
    for (const error of [
      unknown(),
      sdkError('InternalServerError', { $metadata: { httpStatusCode: 500 } }),
      sdkError('TransactionInProgressException'),
    ]) {
      const { ledger, sent } = answering(error, {});
      expect(await ledger.settleWith(settled, [write])).toBe(true);
      expect(sent).toHaveLength(2);
      expect(new Set(sent.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
    }
  });

  it('that stays unknown may be asked for later', async () => {
    const { ledger, sent } = answering(unknown());
    await expect(ledger.settleWith(settled, [write])).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: expect.stringContaining('the same request may succeed later'),
    });
    expect(sent).toHaveLength(2);
  });

  it('was made when the claim is settled by this very request, whatever was answered before', async () => {
    const { ledger, sent } = answering(unknown(), new Error());
    await ledger.settleWith(settled, [write]).catch(() => undefined);
    const item = { attempt_token: { S: 't' }, settled: { BOOL: true }, commit_token: { S: sent[0]?.ClientRequestToken } };
    expect(await answering(unknown(), claimFails(item)).ledger.settleWith(settled, [write])).toBe(true);
  });

  it('is not made when another attempt has the claim, or none', async () => {
    for (const item of [
      { attempt_token: { S: 'u' } },
      { attempt_token: { S: 'u' }, commit_token: { S: 'c' }, settled: { BOOL: true } },
      {},
      undefined,
    ]) {
      const { ledger, sent } = answering(claimFails(item));
      expect(await ledger.settleWith(settled, [write])).toBe(false);
      expect(sent).toHaveLength(1);
    }
  });

  it('is made once by an attempt', async () => {
    const { ledger } = answering(claimFails({ attempt_token: { S: 't' }, settled: { BOOL: true }, commit_token: { S: 'other' } }));
    await expect(ledger.settleWith(settled, [write])).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: 'The task i has committed already; what it writes goes into one commitWith.',
    });
  });

  it('is refused with the reasons of each write, the overtaken claim first', async () => {
    const item = { id: { S: 'x' } };
    const refused = cancelled(
      NONE,
      NONE,
      { Code: 'ConditionalCheckFailed', Message: 'failed', Item: item },
      { Code: 'ValidationError' },
      { Code: 'TransactionConflict' },
    );
    const error = await answering(refused)
      .ledger.settleWith(settled, [write])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommitRefused);
    expect(error).toMatchObject({
      name: 'CommitRefused',
      message: 'Nothing was written: write 1: ConditionalCheckFailed (failed); write 2: ValidationError ()',
      reasons: [
        { index: 1, code: 'ConditionalCheckFailed', message: 'failed', item },
        { index: 2, code: 'ValidationError', message: '' },
      ],
      cause: refused,
    });
    const both = cancelled({ Code: 'ConditionalCheckFailed' }, { Code: 'ConditionalCheckFailed' });
    expect(await answering(both).ledger.settleWith(settled, [write])).toBe(false);
  });

  it('that meets other writes, or is throttled, may succeed later', async () => {
    const passing = [
      cancelled({ Code: 'TransactionConflict' }, NONE),
      cancelled(NONE, { Code: 'ThrottlingError' }),
      cancelled(),
      sdkError('TransactionCanceledException'),
    ];
    for (const error of passing) {
      await expect(answering(error).ledger.settleWith(settled, [write])).rejects.toMatchObject({
        name: 'BackendStoreError',
        message: expect.stringContaining('may succeed later'),
      });
    }
  });

  it('says what DynamoDB said where it never will', async () => {
    const { ledger, sent } = answering(sdkError('AccessDeniedException'));
    await expect(ledger.settleWith(settled, [write])).rejects.toMatchObject({
      name: 'BackendStoreError',
      message:
        "dynamodb:TransactWriteItems on table 'celery' and those of the writes failed, trying again will not help: AccessDeniedException: why AccessDeniedException",
    });
    expect(sent).toHaveLength(1);
  });

  it('of more than 99 writes is ImproperlyConfigured', async () => {
    const { ledger, sent } = answering({});
    expect(
      await ledger.settleWith(
        settled,
        Array.from({ length: 99 }, () => write),
      ),
    ).toBe(true);
    await expect(
      ledger.settleWith(
        settled,
        Array.from({ length: 100 }, () => write),
      ),
    ).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(sent).toHaveLength(1);
  });
});

describe('commitWith', () => {
  const context = (offered?: Committing): TaskContext => {
    const self = createDirectContext('transfer', silentLogger);
    if (offered !== undefined) offerCommit(self, offered);
    return self;
  };

  it('settles what the worker says with the writes, and gives the result back', async () => {
    const { ledger, sent } = answering({});
    const told: unknown[] = [];
    const commit: Committing['commit'] = async (result, settle) => void told.push(result, await settle(settled));
    expect(await commitWith(context({ ledger, commit }), [write], { balance: 1 })).toEqual({ balance: 1 });
    expect(told).toEqual([{ balance: 1 }, true]);
    expect(sent[0]?.TransactItems).toHaveLength(2);
  });

  it('is ImproperlyConfigured where the task is not idempotent, or the ledger is another', async () => {
    await expect(commitWith(context(), [write], 1)).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    const elsewhere = context({ ledger: createMemoryLedger(), commit: () => expect.fail() });
    await expect(commitWith(elsewhere, [write], 1)).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('createDynamoDBLedger'),
    });
  });
});
