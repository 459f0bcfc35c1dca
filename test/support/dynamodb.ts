/** DynamoDB as dynalite plays it, on loopback and in memory, or as it answers elsewhere; with one table made as the templates make it: a string key `id`. */

import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

export interface LocalDynamoDB {
  readonly connection: { readonly endpoint: string; readonly region: string; readonly credentials: typeof CREDENTIALS };
  readonly tableName: string;
  readonly client: DynamoDBClient;
  /** An item as DynamoDB spells it. */
  item(id: string): Promise<Record<string, unknown> | undefined>;
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Starts dynalite; it ends with `stop`. */
export async function startDynamoDB(tableName = 'celery'): Promise<LocalDynamoDB> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return await openTable(`http://127.0.0.1:${port}`, tableName, (client) => {
    client.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
}

/** A new table at the endpoint of a server that runs already; `stop` deletes it. */
export async function openDynamoDB(endpoint: string): Promise<LocalDynamoDB> {
  return await openTable(endpoint, `celery-${crypto.randomUUID()}`, async (client, tableName) => {
    await client.send(new DeleteTableCommand({ TableName: tableName }));
    client.destroy();
  });
}

async function openTable(
  endpoint: string,
  tableName: string,
  tidyUp: (client: DynamoDBClient, tableName: string) => Promise<void>,
): Promise<LocalDynamoDB> {
  const connection = { endpoint, region: 'us-east-1', credentials: CREDENTIALS };
  const client = new DynamoDBClient(connection);
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  return {
    connection,
    tableName,
    client,
    item: async (id) =>
      (await client.send(new GetItemCommand({ TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true }))).Item,
    stop: () => tidyUp(client, tableName),
  };
}
