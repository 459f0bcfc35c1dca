/** One of the processes that share the tests: its own SQS, its own Redis, its own worker, and pytest. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { startLocalSqs } from '../../../src/local/index.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import type { Suite } from './environment.ts';
import type { Options } from './options.ts';
import { freePort, startRedis } from './redis.ts';

export interface ShardOptions {
  readonly suite: Suite;
  readonly options: Options;
  readonly index: number;
  /** Where the plan of the run is, and where shards write down how tests ended and what they logged. */
  readonly folder: string;
}

export interface Shard {
  /** Resolves when pytest has run the tests. @throws Error when pytest or the worker ended otherwise */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

/** Celery's tests create no queue, so theirs is there. */
const QUEUES = [{ name: 'celery' }];

export async function startShard(shard: ShardOptions): Promise<Shard> {
  const [sqs, redis, listener] = await Promise.all([startLocalSqs({ queues: QUEUES }), startRedis(), freePort()]);
  const dynamodb = shard.options.backend === 'dynamodb' ? await startDynamoDB() : undefined;
  const places: Record<string, string> = {
    SUITE_SQS: sqs.endpoint,
    SUITE_LISTENER: `http://127.0.0.1:${listener}`,
    SUITE_FOLDER: shard.folder,
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    TEST_BROKER: `sqs://any:any@${new URL(sqs.endpoint).host}//`,
    ...(dynamodb === undefined ? { TEST_BACKEND: `redis://127.0.0.1:${redis.port}/0` } : placesOf(dynamodb)),
  };
  const worker = startOurs(shard, places);
  const pytest = startPytest(shard, places);
  return {
    done: Promise.race([finished(pytest), ...(worker === undefined ? [] : [endedEarly(worker)])]),
    async close() {
      await Promise.all([end(pytest), ...(worker === undefined ? [] : [end(worker)])]);
      await Promise.all([sqs.close(), redis.close(), dynamodb?.stop()]);
    },
  };
}

function placesOf({ connection, tableName }: LocalDynamoDB): Record<string, string> {
  const { accessKeyId, secretAccessKey } = connection.credentials;
  const { host } = new URL(connection.endpoint);
  return { SUITE_DYNAMODB: connection.endpoint, TEST_BACKEND: `dynamodb://${accessKeyId}:${secretAccessKey}@${host}/${tableName}` };
}

function startOurs(shard: ShardOptions, places: Readonly<Record<string, string>>): ChildProcess | undefined {
  if (shard.options.worker === 'celery') return undefined;
  const env = { ...process.env, ...places, SUITE_WORKER_KIND: shard.options.worker };
  return log(spawn(process.execPath, [join(import.meta.dirname, 'worker.ts')], { env, stdio: ['pipe', 'pipe', 'pipe'] }), shard, 'worker');
}

function startPytest(shard: ShardOptions, places: Readonly<Record<string, string>>): ChildProcess {
  const { suite, options } = shard;
  const env = {
    ...places,
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: import.meta.dirname,
    NO_PROXY: '*',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    SUITE_WORKER: options.worker === 'celery' ? 'celery' : 'ours',
  };
  const files = ['test_canvas.py', 'test_tasks.py'].map((file) => `t/integration/${file}`);
  const plugins = ['-p', 'celery.contrib.pytest', '-p', 'plugin', '-p', 'no:cacheprovider'];
  const chosen = options.expression === undefined ? [] : ['-k', options.expression];
  const args = ['-m', 'pytest', ...plugins, '--rootdir', suite.root, '--tb=short', '--disable-warnings', '-rA', ...chosen, ...files];
  return log(spawn(suite.python, args, { cwd: suite.root, env, stdio: ['ignore', 'pipe', 'pipe'] }), shard, 'pytest');
}

function log(child: ChildProcess, { folder, index }: ShardOptions, name: string): ChildProcess {
  const file = createWriteStream(join(folder, `${name}-${index}.log`));
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  child.once('close', () => file.end());
  return child;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => child.once('close', done));
}

/** pytest's 1 is that tests failed. */
async function finished(pytest: ChildProcess): Promise<void> {
  const code = await ended(pytest);
  if (code !== 0 && code !== 1) throw new Error(`pytest ended with ${code}`);
}

async function endedEarly(worker: ChildProcess): Promise<never> {
  throw new Error(`the worker ended early, with ${await ended(worker)}`);
}

const PATIENCE_MS = 5_000;

async function end(child: ChildProcess): Promise<void> {
  const over = ended(child);
  if (child.stdin === null) child.kill('SIGTERM');
  else child.stdin.end();
  const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await over;
  clearTimeout(impatience);
}
