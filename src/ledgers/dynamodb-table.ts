/**
 * One DynamoDB table with the string key `id`, through the AWS SDK, which is imported at the first request and then kept. Every
 * method is one request; a condition that does not hold is an answer, not an error.
 */

import type * as DynamoDB from '@aws-sdk/client-dynamodb';
import { type AwsCredentials, checkRegion, importSdk, toSdkConfig } from '../aws-sdk.ts';
import { kept } from '../kept.ts';
import { isConditionFailure, toGetFailure, toStoreFailure } from './dynamodb-failures.ts';
import { type Attributes, fromAttributes, type Item, type Scalar, type Terms, toAttributes, toTerms } from './dynamodb-values.ts';

/** Whatever sends the SDK's commands: a DynamoDBClient, or a stand-in for one. */
export interface DynamoDBClient {
  send(command: never): Promise<unknown>;
}

export type DynamoDBCredentials = AwsCredentials;

export interface DynamoDBTableOptions {
  /** A table whose partition key is the string `id`, with `ttl` as its time-to-live attribute. */
  readonly tableName: string;
  /** Default: as the SDK finds it (AWS_REGION, the profile). */
  readonly region?: string;
  /** Another address than AWS's, like `http://127.0.0.1:8000`. */
  readonly endpoint?: string;
  /** Default: as the SDK finds them. */
  readonly credentials?: DynamoDBCredentials | (() => Promise<DynamoDBCredentials>);
  /** A client of your own; region, endpoint and credentials are then its business, and so is closing it. */
  readonly client?: DynamoDBClient;
}

type Sdk = typeof DynamoDB;

export interface Table {
  readonly tableName: string;
  get(id: string): Promise<Item | undefined>;
  /** Of at most 100 keys, the items there are. */
  getSome(ids: readonly string[]): Promise<readonly Item[]>;
  /** False when the condition does not hold. */
  put(item: Readonly<Record<string, Scalar>>, condition: string, terms: Terms): Promise<boolean>;
  /** The item as it was, empty when there was none; undefined when the condition does not hold. */
  update(id: string, update: string, condition: string, terms: Terms): Promise<Item | undefined>;
  /** False when the condition does not hold. */
  remove(id: string, condition: string, terms: Terms): Promise<boolean>;
  /** Sends any other command; rejects with what the SDK throws. */
  perform(command: (sdk: Sdk) => object): Promise<unknown>;
  close(): Promise<void>;
}

/** A ledger's requests are small: one that takes longer will not come back. The SDK tries three times, the only retry there is. */
const REQUEST_TIMEOUT_MS = 3_000;
const CONNECTION_TIMEOUT_MS = 2_000;
const BATCH_TRIES = 4;

export function createTable(options: DynamoDBTableOptions): Table {
  const { tableName } = options;
  const sdk = kept(() => importSdk('@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb')));
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { DynamoDBClient } = await sdk();
    const client = new DynamoDBClient({
      maxAttempts: 3,
      ...toSdkConfig(options, { connectionMs: CONNECTION_TIMEOUT_MS, requestMs: REQUEST_TIMEOUT_MS }),
    });
    await checkRegion(client, 'createDynamoDBLedger');
    opened = client;
    return client;
  });

  /** The answer's shape is the caller's word: a given client need not be the SDK's. */
  const perform = async <Answer>(command: object): Promise<Answer> => {
    const client: DynamoDBClient = options.client ?? (await own());
    return ((await client.send(command as never)) ?? {}) as Answer;
  };
  const reading = <Answer>(action: string, read: () => Promise<Answer>): Promise<Answer> =>
    read().catch((error: unknown) => {
      throw toGetFailure(error, { action, tableName });
    });
  const writing = <Answer>(action: string, write: () => Promise<Answer>): Promise<Answer | undefined> =>
    write().catch((error: unknown) => {
      if (isConditionFailure(error)) return undefined;
      throw toStoreFailure(error, { action, tableName });
    });

  return {
    tableName,
    get: (id) =>
      reading('GetItem', async () => {
        const { GetItemCommand } = await sdk();
        const { Item } = await perform<{ Item?: Attributes }>(
          new GetItemCommand({ TableName: tableName, Key: toAttributes({ id }), ConsistentRead: true }),
        );
        return Item && fromAttributes(Item);
      }),
    getSome: (ids) =>
      reading('BatchGetItem', async () => {
        const { BatchGetItemCommand } = await sdk();
        const found: Item[] = [];
        let wanted: Attributes[] = ids.map((id) => toAttributes({ id }));
        for (let tries = 0; wanted.length > 0; tries += 1) {
          if (tries === BATCH_TRIES) throw throttled(wanted.length);
          const { Responses, UnprocessedKeys } = await perform<BatchAnswer>(
            new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } }),
          );
          found.push(...(Responses?.[tableName] ?? []).map(fromAttributes));
          wanted = UnprocessedKeys?.[tableName]?.Keys ?? [];
        }
        return found;
      }),
    put: async (item, condition, terms) => {
      const put = await writing('PutItem', async () => {
        const { PutItemCommand } = await sdk();
        return perform(
          new PutItemCommand({ TableName: tableName, Item: toAttributes(item), ConditionExpression: condition, ...toTerms(terms) }),
        );
      });
      return put !== undefined;
    },
    update: (id, update, condition, terms) =>
      writing('UpdateItem', async () => {
        const { UpdateItemCommand } = await sdk();
        const { Attributes: old } = await perform<{ Attributes?: Attributes }>(
          new UpdateItemCommand({
            TableName: tableName,
            Key: toAttributes({ id }),
            UpdateExpression: update,
            ConditionExpression: condition,
            ReturnValues: 'ALL_OLD',
            ...toTerms(terms),
          }),
        );
        return fromAttributes(old ?? {});
      }),
    remove: async (id, condition, terms) => {
      const removed = await writing('DeleteItem', async () => {
        const { DeleteItemCommand } = await sdk();
        return perform(
          new DeleteItemCommand({
            TableName: tableName,
            Key: toAttributes({ id }),
            ConditionExpression: condition,
            ...toTerms(terms),
          }),
        );
      });
      return removed !== undefined;
    },
    perform: async (command) => perform(command(await sdk())),
    async close() {
      opened?.destroy();
    },
  };
}

interface BatchAnswer {
  readonly Responses?: Readonly<Record<string, readonly Attributes[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: Attributes[] }>>;
}

function throttled(keys: number): Error {
  return Object.assign(new Error(`${keys} keys were left unread.`), { name: 'ThrottlingException' });
}
