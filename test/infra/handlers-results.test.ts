import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type LocalDynamoDB, type LocalSqs, startLocalDynamoDB, startLocalSqs } from 'celeriac/local';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDeployed, putBack, stubEnvironment } from '../support/deployed.ts';

let sqs: LocalSqs;
let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  [sqs, dynamodb] = await Promise.all([startLocalSqs({ queues: [{ name: 'celery' }] }), startLocalDynamoDB({ tables: ['results'] })]);
});

afterAll(async () => {
  await Promise.all([sqs.close(), dynamodb.close()]);
});

const closers: (() => unknown)[] = [];

beforeEach(() => stubEnvironment(sqs, { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint }));

afterEach(() => putBack(closers, '../../src/backends/dynamodb-store.ts'));

const load = () => loadDeployed(closers);

async function idsInTable(): Promise<(string | undefined)[]> {
  const { endpoint, region, credentials } = dynamodb;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  closers.push(() => client.destroy());
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'results' }));
  return Items.map(({ id }) => id?.S);
}

describe('the functions, where RESULTS_TABLE names a table', () => {
  it('keep results in it, under the keys that Celery gives them', async () => {
    vi.stubEnv('RESULTS_TABLE', 'results');
    const { add, work } = await load();
    const result = await add.delay(2, 3);
    await work();
    expect(await result.get({ timeout: 1 })).toBe(5);
    expect(await idsInTable()).toContain(`b'celery-task-meta-${result.id}'`);
  });
});

describe('the functions, where it names none', () => {
  it('keep no results, and import nothing that would', async () => {
    const imported = vi.fn();
    vi.doMock('../../src/backends/dynamodb-store.ts', () => {
      imported();
      return {};
    });
    const before = await idsInTable();
    const { add, work } = await load();
    const result = await add.delay(2, 3);
    await work();
    await expect(result.get()).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(await idsInTable()).toEqual(before);
    expect(imported).not.toHaveBeenCalled();
  });
});
