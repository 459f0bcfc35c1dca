import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { type LocalDynamoDB, type LocalSqs, startLocalDynamoDB, startLocalSqs } from 'celeriac/local';
import { createLambdaContext, createSqsEvent } from 'celeriac/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

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

beforeEach(() => {
  for (const [name, value] of Object.entries({
    SQS_ENDPOINT: sqs.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: sqs.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sqs.credentials.secretAccessKey,
    RESULTS_TABLE: 'results',
  })) {
    vi.stubEnv(name, value);
  }
  vi.resetModules();
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  vi.doUnmock('celeriac/ledgers/dynamodb');
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
    vi.doMock('celeriac/ledgers/dynamodb', () => {
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
