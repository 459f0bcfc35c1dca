/**
 * DynamoDB in this process: dynalite on loopback and in memory, with the tables asked for. Any client can speak to it.
 * What a table is, is dynamodb-tables.ts.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { ImproperlyConfigured, OperationalError } from '../errors.ts';
import { checkTableNames, toCreateTable } from './dynamodb-tables.ts';

export interface LocalDynamoDBOptions {
  /** Port on 127.0.0.1; default 0, any that is free. */
  readonly port?: number;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Names of tables, each laid out as Celery's results are: a text `id` for a key. Default `['celery']`. */
  readonly tables?: readonly string[];
}

export interface LocalDynamoDB {
  /** `http://127.0.0.1:<port>`, for a client's `endpoint`; the SDK takes it from AWS_ENDPOINT_URL_DYNAMODB too. */
  readonly endpoint: string;
  readonly region: string;
  /** Any credentials do; these save a client from looking for real ones. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Stops the server and drops all tables. */
  close(): Promise<void>;
}

/**
 * Starts DynamoDB with the tables named, on loopback only. Needs the package `dynalite`. Items stay when their time to live is over.
 * @throws ImproperlyConfigured for a name DynamoDB would refuse, or when dynalite is not installed.
 * @example const dynamodb = await startLocalDynamoDB({ tables: ['celery'] })
 */
export async function startLocalDynamoDB(options: LocalDynamoDBOptions = {}): Promise<LocalDynamoDB> {
  const { port = 0, region = 'us-east-1', tables = ['celery'] } = options;
  checkTableNames(tables);
  const createServer = await loadDynalite();
  const server = createServer({ createTableMs: 0 });
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const endpoint = `http://127.0.0.1:${await listen(server, port)}`;
  try {
    for (const name of tables) await createTable(name, { endpoint, region });
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, close };
}

/** The part of dynalite that is used here: a server of node:http. */
interface DynaliteServer {
  listen(port: number, host: string, listening: () => void): unknown;
  once(event: 'error', failed: (error: Error) => void): unknown;
  address(): string | { readonly port: number } | null;
  closeAllConnections(): void;
  close(closed: () => void): unknown;
}

type Dynalite = (options: { createTableMs: number }) => DynaliteServer;

/** @internal Loads dynalite, or says what to install. */
export async function loadDynalite(load: () => Promise<{ readonly default: unknown }> = () => import('dynalite')): Promise<Dynalite> {
  try {
    return (await load()).default as Dynalite;
  } catch (cause) {
    throw new ImproperlyConfigured('The local DynamoDB needs the package dynalite: npm install --save-dev dynalite', { cause });
  }
}

async function listen(server: DynaliteServer, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as { readonly port: number }).port;
}

interface Target {
  readonly endpoint: string;
  readonly region: string;
}

/** A moment passes before a new table can be used. */
async function createTable(name: string, target: Target): Promise<void> {
  await call('CreateTable', toCreateTable(name), target);
  while ((await call('DescribeTable', { TableName: name }, target)).Table?.TableStatus !== 'ACTIVE') await pause(1);
}

async function call(action: string, input: object, { endpoint, region }: Target): Promise<{ Table?: { TableStatus?: string } }> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${action}`,
    'x-amz-date': '20200101T000000Z',
    // A local server wants a signature and does not check it.
    authorization: `AWS4-HMAC-SHA256 Credential=local/20200101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`,
  };
  const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
  const text = await response.text();
  if (!response.ok) throw new OperationalError(`${action} failed with ${response.status}: ${text}`, { retryable: false });
  return JSON.parse(text);
}
