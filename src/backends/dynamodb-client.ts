/** DynamoDB through the AWS SDK, which is imported at the first request and then kept; what fails is told in our errors. */

import type * as DynamoDB from '@aws-sdk/client-dynamodb';
import { type AwsRequest, answerName, toGetFailure, toStoreFailure } from '../aws-failures.ts';
import { type AwsCredentials, checkRegion, importSdk, toSdkConfig } from '../aws-sdk.ts';
import { kept } from '../kept.ts';

/** Whatever sends the SDK's commands: a DynamoDBClient, or a stand-in for one. */
export interface DynamoDBClient {
  send(command: never): Promise<unknown>;
}

export type DynamoDBCredentials = AwsCredentials;

export interface DynamoDBClientOptions {
  /** Default: as the SDK finds it (AWS_REGION, the profile). */
  readonly region?: string;
  /** Another address than AWS's, like `http://127.0.0.1:8000`. */
  readonly endpoint?: string;
  /** Default: as the SDK finds them. */
  readonly credentials?: DynamoDBCredentials | (() => Promise<DynamoDBCredentials>);
  /** A client of your own; region, endpoint and credentials are then its business, and so is closing it. */
  readonly client?: DynamoDBClient;
}

/** Makes a command, once the SDK is there. */
export type Command = (sdk: typeof DynamoDB) => object;

export interface Requests {
  /** Rejects with BackendGetError. The answer's shape is the caller's word: a given client need not be the SDK's. */
  read<Answer>(action: string, command: Command): Promise<Answer>;
  /** Undefined when the condition does not hold. Rejects with BackendStoreError. */
  write<Answer>(action: string, command: Command): Promise<Answer | undefined>;
  close(): Promise<void>;
}

/** The SDK tries three times, the only retry there is but for what a batch leaves undone. */
const MAX_ATTEMPTS = 3;
/** Long enough for 16 MB, the most one request answers. */
const TIMEOUTS = { connectionMs: 2_000, requestMs: 8_000 };

const CREATOR = 'createDynamoDBBackend';

export function createRequests(tableName: string, options: DynamoDBClientOptions): Requests {
  const sdk = kept(() => importSdk('@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb')));
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { DynamoDBClient } = await sdk();
    const client = new DynamoDBClient({ maxAttempts: MAX_ATTEMPTS, ...toSdkConfig(options, TIMEOUTS) });
    await checkRegion(client, CREATOR);
    opened = client;
    return client;
  });
  const perform = async <Answer>(command: Command): Promise<Answer> => {
    const client: DynamoDBClient = options.client ?? (await own());
    return ((await client.send(command(await sdk()) as never)) ?? {}) as Answer;
  };
  const toRequest = (action: string): AwsRequest => {
    const permission = `dynamodb:${action}`;
    return { permission, on: `table '${tableName}'`, hints: hintsOf(permission) };
  };
  return {
    read: (action, command) =>
      perform<never>(command).catch((error: unknown) => {
        throw toGetFailure(error, toRequest(action));
      }),
    write: (action, command) =>
      perform<never>(command).catch((error: unknown) => {
        if (answerName(error) === 'ConditionalCheckFailedException') return undefined;
        throw toStoreFailure(error, toRequest(action));
      }),
    async close() {
      opened?.destroy();
    },
  };
}

function hintsOf(permission: string): ReadonlyMap<string, string> {
  return new Map([
    ['ResourceNotFoundException', "found no such table; create it with the string key 'id', or correct table or region."],
    ['AccessDeniedException', `was denied; the role needs ${permission}.`],
  ]);
}
