import { DescribeTableCommand, DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, vi } from 'vitest';
import { loadDynalite } from '../../src/local/dynamodb.ts';
import { type LocalDynamoDB, startLocalDynamoDB } from '../../src/local/index.ts';

const closers: (() => unknown)[] = [];

async function start(options?: Parameters<typeof startLocalDynamoDB>[0]): Promise<LocalDynamoDB> {
  const dynamodb = await startLocalDynamoDB(options);
  closers.push(dynamodb.close);
  return dynamodb;
}

function clientOf({ endpoint, region, credentials }: LocalDynamoDB): DynamoDBClient {
  const client = new DynamoDBClient({ endpoint, region, credentials });
  closers.push(() => client.destroy());
  return client;
}

const portOf = ({ endpoint }: LocalDynamoDB): number => Number(new URL(endpoint).port);

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const close of closers.splice(0).reverse()) await close();
});

it('listens on loopback, and the real client keeps an item in the table', async () => {
  const dynamodb = await start();
  expect(dynamodb.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const client = clientOf(dynamodb);
  const id = { S: "b'celery-task-meta-1'" };
  await client.send(new PutItemCommand({ TableName: 'celery', Item: { id, result: { B: new Uint8Array([1]) } } }));
  const { Item } = await client.send(new GetItemCommand({ TableName: 'celery', Key: { id }, ConsistentRead: true }));
  expect(Item?.['result']?.B).toEqual(new Uint8Array([1]));
});

it('has the tables asked for, ready to be used', async () => {
  const client = clientOf(await start({ tables: ['results', 'ledger'], region: 'eu-west-1' }));
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['ledger', 'results']);
  for (const TableName of ['ledger', 'results']) {
    expect((await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus).toBe('ACTIVE');
  }
});

it('is found by a client that is told nothing, through the environment', async () => {
  const dynamodb = await start();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamodb.endpoint);
  vi.stubEnv('AWS_REGION', dynamodb.region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', dynamodb.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', dynamodb.credentials.secretAccessKey);
  const client = new DynamoDBClient();
  closers.push(() => client.destroy());
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['celery']);
});

it('takes a port, tells when somebody has it, and gives it back', async () => {
  const first = await startLocalDynamoDB({ tables: [] });
  await clientOf(first).send(new ListTablesCommand({}));
  const port = portOf(first);
  await expect(startLocalDynamoDB({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.close();
  expect(portOf(await start({ port }))).toBe(port);
});

it('refuses a name before anything is started', async () => {
  await expect(startLocalDynamoDB({ tables: ['no'] })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
});

it('says what to install when dynalite is missing', async () => {
  const missing = loadDynalite(() => Promise.reject(new Error('Cannot find package')));
  await expect(missing).rejects.toThrow('npm install --save-dev dynalite');
});

it('stops again when a table cannot be made', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('no', { status: 400 })));
  await expect(startLocalDynamoDB()).rejects.toThrow('CreateTable failed with 400: no');
});
