import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { type LocalDynamoDB, type LocalSqs, startLocalDynamoDB, startLocalSqs } from 'celeriac/local';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDeployed, putBack, stubEnvironment } from '../support/deployed.ts';

let sqs: LocalSqs;
let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  [sqs, dynamodb] = await Promise.all([
    startLocalSqs({ queues: [{ name: 'celery' }] }),
    startLocalDynamoDB({ tables: ['results', 'ledger'] }),
  ]);
});

afterAll(async () => {
  await Promise.all([sqs.close(), dynamodb.close()]);
});

const closers: (() => unknown)[] = [];

beforeEach(() => stubEnvironment(sqs, { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, RESULTS_TABLE: 'results' }));

afterEach(() => putBack(closers, '../../src/ledgers/dynamodb-ledger.ts'));

const load = () => loadDeployed(closers);

describe('the functions, where LEDGER_TABLE names a table', () => {
  it('run what nobody revoked', async () => {
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    const { add, work } = await load();
    const result = await add.delay(2, 3);
    await work();
    expect(await result.get({ timeout: 1 })).toBe(5);
  });

  it('run nothing that somebody revoked in it', async () => {
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    const { add, work } = await load();
    const result = await add.delay(2, 3);
    const { endpoint, region, credentials } = dynamodb;
    const theirs = createDynamoDBLedger({ tableName: 'ledger', endpoint, region, credentials });
    closers.push(() => theirs.close?.());
    await theirs.revoke([result.id], { expiresMs: Date.now() + 60_000 });
    await work();
    await expect(result.get({ timeout: 1 })).rejects.toThrow('TaskRevokedError');
  });
});

describe('the functions, where it names none', () => {
  it('can revoke nothing, and import nothing that would', async () => {
    const imported = vi.fn();
    vi.doMock('../../src/ledgers/dynamodb-ledger.ts', () => {
      imported();
      return {};
    });
    const { app, add, work } = await load();
    const result = await add.delay(2, 3);
    await expect(app.control.revoke([result.id])).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    await work();
    expect(await result.get({ timeout: 1 })).toBe(5);
    expect(imported).not.toHaveBeenCalled();
  });
});
