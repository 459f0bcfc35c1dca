/** Runs the examples of docs/idempotency.md, docs/large-messages.md and of the ledger in Redis. */

import { createMemoryBackend } from 'celeriac/backends/memory';
import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { createMemoryLedger } from 'celeriac/ledgers/memory';
import { allAcknowledged, createEagerTransport } from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { describe, expect, it } from 'vitest';
import { book } from '../../docs/examples/committing.ts';
import { createPay, report } from '../../docs/examples/idempotency.ts';
import { fromJava } from '../../docs/examples/large-messages.ts';
import { inRedis } from '../../docs/examples/redis-ledger.ts';
import { app } from '../../docs/examples/tasks.ts';
import { clientOf, createSimDynamoDB } from '../simulation/aws/index.ts';

describe('idempotency.ts', () => {
  it('charges a card under one key for each order, and once however often the message comes', async () => {
    const keys: string[] = [];
    let isClosed = true;
    const pay = createPay({
      charge: async (_cents, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        if (isClosed) throw new Error('closed');
        return 'paid';
      },
    });
    const transport = createEagerTransport(app);
    app.connect({ transport, backend: createMemoryBackend(), ledger: createMemoryLedger() });
    const options = { taskId: 'order-1' };
    await pay.applyAsync(['order-1', 500], options);
    isClosed = false;
    const retried = await pay.applyAsync(['order-1', 500], { ...options, retries: 1 });
    await pay.applyAsync(['order-1', 500], { ...options, retries: 1 });
    expect(await retried.get()).toBe('paid');
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
    expect(allAcknowledged(transport)).toBe(true);
  });

  it('books once with the task’s end, or not at all', async () => {
    const dynamodb = createSimDynamoDB(
      { now: () => Date.now(), random: () => 0 },
      { tables: [{ name: 'celery-ledger' }, { name: 'accounts' }] },
    );
    const client = clientOf(dynamodb, async (_point, apply) => apply());
    dynamodb.handle('PutItem', { TableName: 'accounts', Item: { id: { S: 'ann' }, balance: { N: '100' } } });
    const ledger = createDynamoDBLedger({ tableName: 'celery-ledger', client });
    app.connect({ transport: createEagerTransport(app), backend: createMemoryBackend(), ledger });
    const sent = await book.applyAsync(['ann', 5], { taskId: 'booking-1' });
    await book.applyAsync(['ann', 5], { taskId: 'booking-1' });
    expect(await sent.get()).toEqual({ account: 'ann', cents: 5 });
    expect(dynamodb.item('accounts', 'ann')).toMatchObject({ balance: { N: '105' } });

    await expect((await book.delay('nobody', 5)).get()).rejects.toMatchObject({ excType: 'CommitRefused' });
    expect(dynamodb.item('accounts', 'nobody')).toBeUndefined();
  });

  it('sends one report a day', async () => {
    const transport = createMemoryTransport();
    app.connect({ transport, ledger: createMemoryLedger() });
    const [first, second, other] = [await report.delay('monday'), await report.delay('monday'), await report.delay('tuesday')];
    expect([first.id === second.id, first.id === other.id]).toEqual([true, false]);
    expect(transport.messages('celery').length).toBe(2);
  });
});

it('stores and ledgers are made without a connection', async () => {
  expect(fromJava.follow).toBeInstanceOf(Function);
  await inRedis.close();
});
