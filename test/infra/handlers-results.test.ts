import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type LocalDynamoDB, type LocalSqs, startLocalDynamoDB, startLocalSqs } from 'celeriac/local';
import { createLambdaContext, createSqsEvent } from 'celeriac/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

let sqs: LocalSqs;
let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  [sqs, dynamodb] = await Promise.all([startLocalSqs({ queues: [{ name: 'celery' }] }), startLocalDynamoDB({ tables: ['results'] })]);
});

afterAll(async () => {
  await Promise.all([sqs.close(), dynamodb.close()]);
});

const closers: (() => unknown)[] = [];

beforeEach(() => {
  for (const [name, value] of Object.entries({
    SQS_ENDPOINT: sqs.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: sqs.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sqs.credentials.secretAccessKey,
  })) {
    vi.stubEnv(name, value);
  }
  vi.resetModules();
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  vi.doUnmock('celeriac/backends/dynamodb');
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The deployed modules, loaded as a function with this environment loads them. */
async function load() {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const [{ app, transport }, tasks, { handler }] = await Promise.all([
    import('../../handlers/app.ts'),
    import('../../handlers/tasks.ts'),
    import('../../handlers/worker.ts'),
  ]);
  closers.push(() => transport.close());
  /** Runs what is in the queue, as the event source mapping would. */
  const work = async (): Promise<void> => {
    const deliveries = await transport.inbox.receive('celery', { max: 10 });
    expect(await handler(createSqsEvent(deliveries.map(({ body }) => body)), createLambdaContext())).toEqual({ batchItemFailures: [] });
    await Promise.all(deliveries.map((delivery) => transport.inbox.done(delivery)));
  };
  return { app, work, ...tasks };
}

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
    vi.doMock('celeriac/backends/dynamodb', () => {
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
