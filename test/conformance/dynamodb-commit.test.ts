/**
 * A claim settled together with writes of the user's own, over a DynamoDB that knows transactions: the one that answers at
 * CELERIAC_DYNAMODB_ENDPOINT (with-moto.ts). dynalite knows none.
 */

import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger, type DynamoDBClient, type TransactWrite } from '../../src/ledgers/dynamodb.ts';
import { type LocalDynamoDB, openDynamoDB } from '../support/dynamodb.ts';

const endpoint = process.env['CELERIAC_DYNAMODB_ENDPOINT'];
if (!endpoint) console.log('commits: not tested over a server, CELERIAC_DYNAMODB_ENDPOINT names none (npm run test:moto)');

describe.skipIf(!endpoint)('a commit', () => {
  let dynamodb: LocalDynamoDB;
  beforeAll(async () => {
    dynamodb = await openDynamoDB(endpoint ?? '');
  });
  afterAll(() => dynamodb.stop());

  const ledger = (client: DynamoDBClient = dynamodb.client) => createDynamoDBLedger({ tableName: dynamodb.tableName, client });
  const claimOf = (taskId: string, token: string, nowMs = 1000) => ({
    taskId,
    token,
    payload: 'p',
    nowMs,
    heldUntilMs: nowMs + 1000,
    expiresMs: 90_000,
  });
  const settled = (taskId: string, token: string) => ({ taskId, token, expiresMs: 90_000, outcome: `by ${token}` });
  const counted = (id: string): TransactWrite => ({
    Update: {
      TableName: dynamodb.tableName,
      Key: { id: { S: id } },
      UpdateExpression: 'ADD times :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
  });
  const absent = (id: string): TransactWrite => ({
    ConditionCheck: {
      TableName: dynamodb.tableName,
      Key: { id: { S: id } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });
  const timesOf = async (id: string) =>
    (await dynamodb.client.send(new GetItemCommand({ TableName: dynamodb.tableName, Key: { id: { S: id } } }))).Item?.['times']?.N;

  it('settles the claim and writes, or does neither', async () => {
    const [id, account] = [crypto.randomUUID(), crypto.randomUUID()];
    await ledger().claim(claimOf(id, 'a'));
    expect(await ledger().settleWith(settled(id, 'a'), [counted(account)])).toBe(true);
    expect(await timesOf(account)).toBe('1');
    expect(await ledger().claim(claimOf(id, 'b', 5000))).toEqual({ claim: 'done', outcome: 'by a' });
    expect(await ledger().settle({ ...settled(id, 'a'), outcome: 'followed' })).toBe(true);
  });

  it('writes nothing for an attempt that was overtaken, that released its claim, or that never had one', async () => {
    const account = crypto.randomUUID();
    const [overtaken, released] = [crypto.randomUUID(), crypto.randomUUID()];
    await ledger().claim(claimOf(overtaken, 'thawed'));
    await ledger().claim(claimOf(overtaken, 'b', 2000));
    await ledger().claim(claimOf(released, 'thawed'));
    await ledger().release({ taskId: released, token: 'thawed' });
    for (const id of [overtaken, released, crypto.randomUUID()]) {
      expect(await ledger().settleWith(settled(id, 'thawed'), [counted(account)])).toBe(false);
    }
    expect(await timesOf(account)).toBeUndefined();
    expect(await ledger().settleWith(settled(overtaken, 'b'), [counted(account)])).toBe(true);
    expect(await timesOf(account)).toBe('1');
  });

  it('is refused when a condition of its writes does not hold, and the claim stays', async () => {
    const [id, account, taken] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    await dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tableName, Item: { id: { S: taken } } }));
    await ledger().claim(claimOf(id, 'a'));
    await expect(ledger().settleWith(settled(id, 'a'), [counted(account), absent(taken)])).rejects.toMatchObject({
      name: 'CommitRefused',
      reasons: [{ index: 1, code: 'ConditionalCheckFailed', item: { id: { S: taken } } }],
    });
    expect(await timesOf(account)).toBeUndefined();
    expect(await ledger().settleWith(settled(id, 'a'), [counted(account)])).toBe(true);
  });

  it('whose answer is lost is asked again, and is done once', async () => {
    const [id, account] = [crypto.randomUUID(), crypto.randomUUID()];
    let lost = 0;
    const client = {
      async send(command: never) {
        const answer = await dynamodb.client.send(command);
        if ((command as object).constructor.name !== 'TransactWriteItemsCommand' || lost > 0) return answer;
        lost += 1;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    };
    await ledger().claim(claimOf(id, 'a'));
    expect(await ledger(client).settleWith(settled(id, 'a'), [counted(account)])).toBe(true);
    expect([lost, await timesOf(account)]).toEqual([1, '1']);
  });

  it('is made once by an attempt: other writes are refused, the same ones were made', async () => {
    const [id, account] = [crypto.randomUUID(), crypto.randomUUID()];
    await ledger().claim(claimOf(id, 'a'));
    for (let times = 0; times < 2; times += 1) expect(await ledger().settleWith(settled(id, 'a'), [counted(account)])).toBe(true);
    await expect(ledger().settleWith(settled(id, 'a'), [counted(account), counted('x')])).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('has committed already'),
    });
    expect(await timesOf(account)).toBe('1');
  });

  it('takes 99 writes', async () => {
    const id = crypto.randomUUID();
    const accounts = Array.from({ length: 99 }, () => crypto.randomUUID());
    await ledger().claim(claimOf(id, 'a'));
    expect(await ledger().settleWith(settled(id, 'a'), accounts.map(counted))).toBe(true);
    expect(await timesOf(accounts.at(-1) ?? '')).toBe('1');
  });
});
