/** What the suite cannot see of reservations: the items as they are kept, requests that come twice, and contention. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger, type DynamoDBClient } from '../../../src/ledgers/dynamodb.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import { sdkError, watchedClient } from '../../support/dynamodb-client.ts';

let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const over = (client: DynamoDBClient) => createDynamoDBLedger({ tableName: 'celery', client });
const newId = (): string => crypto.randomUUID();
const asked = (name: string, taskId: string) => ({ name, taskId, nowMs: 1000, untilMs: 4500 });
const refusal = () => sdkError('ConditionalCheckFailedException');

describe('a reservation', () => {
  it('is an item of its task and its time, in milliseconds and in seconds for the table', async () => {
    const name = newId();
    await over(dynamodb.client).reserve(asked(name, 'a'));
    expect(await dynamodb.item(`celeriac-unique-${name}`)).toEqual({
      id: { S: `celeriac-unique-${name}` },
      task_id: { S: 'a' },
      expires_at: { N: '4500' },
      ttl: { N: '5' },
    });
    await over(dynamodb.client).unreserve({ name, taskId: 'a' });
    expect(await dynamodb.item(`celeriac-unique-${name}`)).toBeUndefined();
  });

  it('is one request, two for a name that is taken, and one to be given up', async () => {
    const name = newId();
    const client = watchedClient(dynamodb.client);
    await over(client).reserve(asked(name, 'a'));
    await over(client).reserve(asked(name, 'b'));
    await over(client).unreserve({ name, taskId: 'a' });
    expect(client.seen.map(({ action }) => action)).toEqual(['PutItem', 'PutItem', 'GetItem', 'DeleteItem']);
  });

  it('whose request is applied twice gives the same answers', async () => {
    const name = newId();
    const send: DynamoDBClient['send'] = async (command) => {
      await dynamodb.client.send(command).catch(() => undefined);
      return await dynamodb.client.send(command);
    };
    const ledger = over({ send });
    expect(await ledger.reserve(asked(name, 'a'))).toEqual({ taskId: 'a' });
    expect(await ledger.reserve(asked(name, 'b'))).toEqual({ taskId: 'a' });
    await ledger.unreserve({ name, taskId: 'a' });
    expect(await ledger.reserve(asked(name, 'b'))).toEqual({ taskId: 'b' });
  });

  it('that was refused and then found free is asked for again', async () => {
    const name = newId();
    await over(dynamodb.client).reserve(asked(name, 'a'));
    const client = watchedClient(dynamodb.client, async ({ action }) => {
      if (action === 'GetItem') await over(dynamodb.client).unreserve({ name, taskId: 'a' });
    });
    expect(await over(client).reserve(asked(name, 'b'))).toEqual({ taskId: 'b' });
  });

  it('fails when it is refused again and again, and nobody has the name', async () => {
    const client = watchedClient(dynamodb.client, ({ action }) => {
      if (action === 'PutItem') throw refusal();
    });
    await expect(over(client).reserve(asked('secret', 'b'))).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: 'The reservation of task b was not written: others take the name and give it up again and again.',
    });
    expect(client.seen).toHaveLength(10);
  });

  it('is not had by a task whose time is up when another asks', async () => {
    const name = newId();
    await over(dynamodb.client).reserve({ ...asked(name, 'a'), untilMs: 500 });
    let refused = 0;
    const client = watchedClient(dynamodb.client, ({ action }) => {
      if (action !== 'PutItem' || refused > 0) return;
      refused += 1;
      throw refusal();
    });
    expect(await over(client).reserve(asked(name, 'b'))).toEqual({ taskId: 'b' });
  });
});

describe('a claim held longer than it was to be remembered', () => {
  const claim = (taskId: string) => ({ taskId, token: 'a', payload: 'p', nowMs: 1000, heldUntilMs: 2000, expiresMs: 3000 });

  it('is kept by the table for as long as it is held', async () => {
    const taskId = newId();
    const ledger = over(dynamodb.client);
    await ledger.claim(claim(taskId));
    expect(await ledger.renew({ taskId, token: 'a', heldUntilMs: 8500 })).toBe(true);
    expect(await dynamodb.item(`celeriac-claim-${taskId}`)).toMatchObject({
      held_until: { N: '8500' },
      ttl: { N: '9' },
      expires_at: { N: '3000' },
    });
  });

  it('is lost to whoever takes over while it is renewed, and kept when only its own renewal came between', async () => {
    const [lost, kept] = [newId(), newId()];
    const meddled = (taskId: string, meddle: () => Promise<unknown>) => {
      let isDone = false;
      return over(
        watchedClient(dynamodb.client, async ({ action, input }) => {
          if (isDone || action !== 'UpdateItem' || !input.UpdateExpression.includes('#ttl')) return undefined;
          isDone = true;
          await meddle();
          return undefined;
        }),
      ).renew({ taskId, token: 'a', heldUntilMs: 8500 });
    };
    for (const taskId of [lost, kept]) await over(dynamodb.client).claim(claim(taskId));
    const takeOver = () => over(dynamodb.client).claim({ ...claim(lost), token: 'b', nowMs: 2000, heldUntilMs: 9000, expiresMs: 9000 });
    expect(await meddled(lost, takeOver)).toBe(false);
    expect(await meddled(kept, () => over(dynamodb.client).renew({ taskId: kept, token: 'a', heldUntilMs: 9500 }))).toBe(true);
    expect(await dynamodb.item(`celeriac-claim-${kept}`)).toMatchObject({ held_until: { N: '9500' } });
  });
});
