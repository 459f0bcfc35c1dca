/**
 * Our worker in the place of Celery's, a process of its own: a poller, or the handler as Lambda would run it behind an event source
 * mapping. The environment says where everything is. Ends when its input does, so that it outlives nobody.
 */

import { createClient } from '@redis/client';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';
import { createRedisBackend } from '../../../src/backends/redis.ts';
import { type App, createApp, createJsonLogger, type Logger, type TaskRequest } from '../../../src/index.ts';
import { createHandler, type SqsEvent } from '../../../src/lambda/index.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { createEventSourceMapping } from '../../../src/local/index.ts';
import { createPoller } from '../../../src/poller/index.ts';
import { createSqsTransport } from '../../../src/transports/sqs/index.ts';
import { registerTasks } from './tasks.ts';

const QUEUE = 'celery';
/** Celery's worker in these tests runs one task at a time, and some of them count on it. */
const CONCURRENCY = 1;

const sqs = { endpoint: place('SUITE_SQS'), region: 'us-east-1' };
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const listener = place('SUITE_LISTENER');

function place(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

async function main(): Promise<void> {
  const url = `redis://${place('REDIS_HOST')}:${place('REDIS_PORT')}/0`;
  const redis = await createClient({ url }).connect();
  const dynamodb = process.env['SUITE_DYNAMODB'];
  const backend =
    dynamodb === undefined ? createRedisBackend({ url }) : createDynamoDBBackend({ endpoint: dynamodb, region: sqs.region, credentials });
  const transport = createSqsTransport({ ...sqs, credentials });
  const logger = createJsonLogger((line) => process.stdout.write(`${line}\n`));
  const app = createApp('t.integration', { resultExtended: true, transport, backend, ledger: createMemoryLedger(), logger });
  registerTasks(app, redis);
  app.on('taskReceived', ({ request }) => tell('received', request));
  app.on('taskSuccess', ({ request }) => tell('success', request));
  const stop = place('SUITE_WORKER_KIND') === 'lambda' ? startMapping(app, logger) : startPolling(app, logger);
  process.stdin.resume();
  await new Promise((done) => process.stdin.once('end', done));
  await stop();
  await Promise.all([backend.close?.(), transport.close()]);
  redis.destroy();
}

function startPolling(app: App, logger: Logger): () => Promise<void> {
  const poller = createPoller(app, { queues: [QUEUE], concurrency: CONCURRENCY, waitSeconds: 1, giveBackSeconds: 1, logger });
  const over = poller.run();
  return async () => {
    await poller.stop();
    await over;
  };
}

/** As Lambda runs it: events and answers go through JSON. */
function startMapping(app: App, logger: Logger): () => Promise<void> {
  const handler = createHandler(app, { logger });
  const mapping = createEventSourceMapping({
    sqs,
    queue: QUEUE,
    maximumConcurrency: CONCURRENCY,
    functionResponseType: 'ReportBatchItemFailures',
    async invoke(event) {
      const answer = await handler(JSON.parse(JSON.stringify(event)) as SqsEvent, { getRemainingTimeInMillis: () => 60_000 });
      return { ok: true, payload: JSON.stringify(answer) };
    },
  });
  return () => mapping.close();
}

/** Tests look for these two in Python's own worker; the plugin passes them on. Answered when everybody there has been told. */
async function tell(what: 'received' | 'success', { id, task, headers, stamps, stampedHeaders }: TaskRequest): Promise<void> {
  const body = JSON.stringify({ what, id, task, headers, stamps, stamped_headers: stampedHeaders });
  await fetch(listener, { method: 'POST', body }).catch(() => {});
}

await main();
