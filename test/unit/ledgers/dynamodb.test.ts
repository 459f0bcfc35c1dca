/** What the suite cannot see: the items as they are kept, replies that are lost, and what a table refuses. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger, type DynamoDBClient } from '../../../src/ledgers/dynamodb.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';

let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const over = (client: DynamoDBClient): Ledger => createDynamoDBLedger({ tableName: 'celery', client });
const direct = (): Ledger => over(dynamodb.client);
const newId = (): string => crypto.randomUUID();
const claimOf = (taskId: string, token: string) => ({ taskId, token, payload: 'p', nowMs: 1000, heldUntilMs: 2000, expiresMs: 9_000 });

/** A client whose every write is applied twice, as when a reply was lost and the request sent again. */
function twice(): DynamoDBClient {
  return {
    async send(command) {
      await dynamodb.client.send(command).catch(() => undefined);
      return dynamodb.client.send(command);
    },
  };
}

/** Answers each request by its name, or lets it through. */
function answering(answer: (name: string, input: never) => unknown): { readonly client: DynamoDBClient; readonly sent: string[] } {
  const sent: string[] = [];
  const send = async (command: { constructor: { name: string }; input: never }): Promise<unknown> => {
    sent.push(command.constructor.name);
    return answer(command.constructor.name, command.input) ?? dynamodb.client.send(command as never);
  };
  return { client: { send: send as DynamoDBClient['send'] }, sent };
}

describe('an item', () => {
  it('of an attempt numbers its starts, and is gone when the latest ended', async () => {
    const id = newId();
    await direct().begin({ taskId: id, token: 'a', expiresMs: 5000 });
    await direct().begin({ taskId: id, token: 'b', expiresMs: 5001 });
    await direct().finish({ taskId: id, token: 'a' });
    expect(await dynamodb.item(`celeriac-attempt-${id}`)).toEqual({
      id: { S: `celeriac-attempt-${id}` },
      'start-a': { N: '1' },
      'start-b': { N: '2' },
      starts_begun: { N: '2' },
      starts_ended: { N: '1' },
      expires_at: { N: '5001' },
      ttl: { N: '6' },
    });
    await direct().finish({ taskId: id, token: 'b' });
    expect(await dynamodb.item(`celeriac-attempt-${id}`)).toBeUndefined();
  });

  it('of a revocation has its time in milliseconds, and in seconds for the table', async () => {
    const id = newId();
    await direct().revoke([id], { expiresMs: 4000 });
    await direct().revokeByStamps({ [id]: ['v'] }, { expiresMs: 4000 });
    const times = { expires_at: { N: '4000' }, ttl: { N: '4' } };
    expect(await dynamodb.item(`celeriac-revoked-${id}`)).toMatchObject(times);
    expect(await dynamodb.item(`celeriac-stamp-["${id}","v"]`)).toMatchObject(times);
  });

  it('of a claim is held, then released, then settled', async () => {
    const id = newId();
    const key = `celeriac-claim-${id}`;
    const kept = { id: { S: key }, payload_digest: { S: 'p' }, expires_at: { N: '9000' }, ttl: { N: '9' } };
    const held = { ...kept, attempt_token: { S: 'a' }, held_until: { N: '2000' } };
    await direct().claim(claimOf(id, 'a'));
    expect(await dynamodb.item(key)).toEqual(held);
    await direct().release({ taskId: id, token: 'a' });
    expect(await dynamodb.item(key)).toEqual(kept);
    await direct().claim({ ...claimOf(id, 'a'), expiresMs: 1 });
    expect(await dynamodb.item(key)).toEqual({ ...held, expires_at: { N: '2000' }, ttl: { N: '2' } });
    await direct().settle({ taskId: id, token: 'a', expiresMs: 12_500, outcome: 'o' });
    const settled = { ...kept, attempt_token: { S: 'a' }, settled: { BOOL: true }, expires_at: { N: '12500' }, ttl: { N: '13' } };
    expect(await dynamodb.item(key)).toEqual({ ...settled, outcome_text: { S: 'o' } });
    await direct().settle({ taskId: id, token: 'a', expiresMs: 12_500 });
    expect(await dynamodb.item(key)).toEqual(settled);
  });
});

describe('a request that is applied twice', () => {
  it('counts a start once and ends it once', async () => {
    const ledger = over(twice());
    const id = newId();
    const begin = async (token: string): Promise<number> => (await ledger.begin({ taskId: id, token, expiresMs: 5000 })).unfinished;
    expect([await begin('a'), await begin('b'), await begin('c')]).toEqual([0, 1, 2]);
    await ledger.finish({ taskId: id, token: 'b' });
    expect(await begin('d')).toBe(1);
    await ledger.finish({ taskId: id, token: 'd' });
    expect(await begin('e')).toBe(0);
  });

  it('changes no answer about claims and revocations', async () => {
    const ledger = over(twice());
    const id = newId();
    await ledger.revoke([id], { expiresMs: 4000 });
    expect(await ledger.isRevoked({ taskId: id, stamps: {} }, 3999)).toBe(true);
    expect(await ledger.claim(claimOf(id, 'a'))).toEqual({ claim: 'granted' });
    expect(await ledger.renew({ taskId: id, token: 'a', heldUntilMs: 3000 })).toBe(true);
    expect(await ledger.claim(claimOf(id, 'b'))).toEqual({ claim: 'held', untilMs: 3000 });
    await ledger.release({ taskId: id, token: 'a' });
    expect(await ledger.claim(claimOf(id, 'b'))).toEqual({ claim: 'granted' });
    expect(await ledger.settle({ taskId: id, token: 'b', expiresMs: 9000 })).toBe(true);
    expect(await ledger.claim(claimOf(id, 'c'))).toEqual({ claim: 'done' });
  });
});

describe('a claim that was refused and then found free', () => {
  it('is asked for again', async () => {
    const id = newId();
    await direct().claim(claimOf(id, 'a'));
    const { client, sent } = answering((name) => {
      if (name === 'GetItemCommand')
        return direct()
          .release({ taskId: id, token: 'a' })
          .then(() => ({}));
      return undefined;
    });
    expect(await over(client).claim(claimOf(id, 'b'))).toEqual({ claim: 'granted' });
    expect(sent).toEqual(['PutItemCommand', 'GetItemCommand', 'PutItemCommand']);
  });

  it('counts as held when it is refused again and again', async () => {
    const refusal = Object.assign(new Error('no'), { name: 'ConditionalCheckFailedException' });
    const { client, sent } = answering((name) => (name === 'PutItemCommand' ? Promise.reject(refusal) : { Item: undefined }));
    expect(await over(client).claim(claimOf('i', 'b'))).toEqual({ claim: 'held', untilMs: 1000 });
    expect(sent).toHaveLength(6);
  });
});

describe('what a question costs', () => {
  it('is one request for whether a task is revoked, and one for each step of a run', async () => {
    const { client, sent } = answering(() => undefined);
    const ledger = over(client);
    const attempt = { taskId: newId(), token: 'a' };
    await ledger.isRevoked({ taskId: attempt.taskId, stamps: { tags: Array.from({ length: 99 }, String) } }, 1000);
    await ledger.begin({ ...attempt, expiresMs: 5000 });
    await ledger.claim(claimOf(attempt.taskId, 'a'));
    await ledger.renew({ ...attempt, heldUntilMs: 3000 });
    await ledger.settle({ ...attempt, expiresMs: 9000 });
    await ledger.finish(attempt);
    expect(sent).toEqual([
      'BatchGetItemCommand',
      'UpdateItemCommand',
      'PutItemCommand',
      'UpdateItemCommand',
      'UpdateItemCommand',
      'DeleteItemCommand',
    ]);
  });

  it('is nothing when nothing is revoked', async () => {
    const { client, sent } = answering(() => undefined);
    await over(client).revoke([], { expiresMs: 4000 });
    await over(client).revokeByStamps({ a: [] }, { expiresMs: 4000 });
    expect(sent).toEqual([]);
  });
});

describe('a read that is answered in part', () => {
  const asked = { taskId: 'i', stamps: { s: ['x', 'y'] } };

  it('is asked for the rest', async () => {
    const rest = { celery: { Keys: [{ id: { S: 'celeriac-stamp-["s","y"]' } }] } };
    const inputs: unknown[] = [];
    const { client } = answering((_name, input) => {
      inputs.push(input);
      return inputs.length === 1 ? { UnprocessedKeys: rest } : { Responses: { celery: [{ expires_at: { N: '2000' }, odd: { B: 1 } }] } };
    });
    expect(await over(client).isRevoked(asked, 1000)).toBe(true);
    expect(inputs[1]).toEqual({ RequestItems: { celery: { ...rest.celery, ConsistentRead: true } } });
  });

  it('fails when the rest does not come, and does not pass for not revoked', async () => {
    const { client, sent } = answering((_name, input: { RequestItems: object }) => ({ UnprocessedKeys: input.RequestItems }));
    await expect(over(client).isRevoked(asked, 1000)).rejects.toMatchObject({
      name: 'BackendGetError',
      message: expect.stringMatching(/BatchGetItem on table 'celery' failed, the same request may succeed later: .*3 keys/),
    });
    expect(sent).toHaveLength(4);
  });
});

describe('a table that fails', () => {
  it('makes writes BackendStoreError and reads BackendGetError, with the cause', async () => {
    const cause = Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });
    const ledger = over(answering(() => Promise.reject(cause)).client);
    const attempt = { taskId: 'i', token: 'a' };
    const store = { name: 'BackendStoreError', cause };
    await expect(ledger.begin({ ...attempt, expiresMs: 1 })).rejects.toMatchObject(store);
    await expect(ledger.finish(attempt)).rejects.toMatchObject(store);
    await expect(ledger.claim(claimOf('i', 'a'))).rejects.toMatchObject(store);
    await expect(ledger.settle({ ...attempt, expiresMs: 1 })).rejects.toMatchObject(store);
    await expect(ledger.release(attempt)).rejects.toMatchObject(store);
    await expect(ledger.isRevoked({ taskId: 'i', stamps: {} }, 1)).rejects.toMatchObject({ name: 'BackendGetError', cause });
  });

  it('for one of many ids revokes the others, and says so', async () => {
    const ids = Array.from({ length: 30 }, newId);
    const { client } = answering((_name, input: { Key: { id: { S: string } } }) =>
      input.Key.id.S.endsWith(ids[3] ?? '') ? Promise.reject(new Error('lost')) : undefined,
    );
    await expect(over(client).revoke(ids, { expiresMs: 4000 })).rejects.toThrow('lost');
    const revoked = await Promise.all(ids.map((taskId) => direct().isRevoked({ taskId, stamps: {} }, 1000)));
    expect(revoked).toEqual(ids.map((_, at) => at !== 3));
  });

  it('is told when it does not exist', async () => {
    const ledger = createDynamoDBLedger({ tableName: 'elsewhere', client: dynamodb.client });
    await expect(ledger.isRevoked({ taskId: 'i', stamps: {} }, 1)).rejects.toThrow(/'elsewhere' found no such table; create it/);
  });

  it('passes for not answering when a client of your own answers with nothing', async () => {
    const ledger = over({ send: async () => undefined });
    expect(await ledger.isRevoked({ taskId: 'i', stamps: {} }, 1)).toBe(false);
    expect(await ledger.begin({ taskId: 'i', token: 'a', expiresMs: 1 })).toEqual({ unfinished: 0 });
  });
});
