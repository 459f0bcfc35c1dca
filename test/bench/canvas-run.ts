/**
 * A canvas from the call to its last result: SQS transport and DynamoDB backend over the simulator's AWS, batches of ten through the
 * handler until the queue is empty. Requests are counted; each is answered in a later turn, as by a network.
 */

import { type App, createApp } from '../../src/app/app.ts';
import { createDynamoDBBackend } from '../../src/backends/dynamodb.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import { silentLogger } from '../../src/logger.ts';
import { createLambdaContext } from '../../src/testing/events.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { type Call, clientOf, createSimDynamoDB, createSimSqs } from '../simulation/aws/index.ts';

const QUEUE = 'celery';
const TABLE = 'celery';
const BATCH = 10;

export interface CanvasRun {
  /** By service: `sqs` without what Lambda itself does, which is to receive and delete; `dynamodb`. */
  readonly requests: ReadonlyMap<string, number>;
}

/** The tasks that canvases are made of. */
export const createTasks = (app: App) => ({
  add: app.task('add', (x: number, y: number) => x + y),
  sum: app.task('sum', (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0)),
});

export type Tasks = ReturnType<typeof createTasks>;

/** Sends by `start`, and runs all that is sent. Throws when a result is not the one that is expected. */
export async function runCanvas(start: (tasks: Tasks) => Promise<{ fetched(): Promise<unknown> }>, expected: unknown): Promise<CanvasRun> {
  const env = { now: () => Date.now(), random: Math.random };
  const sqs = createSimSqs(env, { queues: [{ name: QUEUE, visibilitySeconds: 30 }] });
  const dynamodb = createSimDynamoDB(env, { tables: [{ name: TABLE }] });
  const requests = new Map<string, number>();
  const call: Call = async (point, apply) => {
    const service = point.slice(0, point.indexOf('.'));
    requests.set(service, (requests.get(service) ?? 0) + 1);
    await new Promise(setImmediate);
    return apply();
  };
  const app = createApp('bench', {
    transport: createSqsTransport({ client: clientOf(sqs, call), queues: { [QUEUE]: sqs.url(QUEUE) } }),
    backend: createDynamoDBBackend({ client: clientOf(dynamodb, call), table: TABLE }),
    logger: silentLogger,
  });
  const tasks = createTasks(app);
  const handler = createHandler(app);
  const context = createLambdaContext(30_000);
  const { fetched } = await start(tasks);
  for (let Records = sqs.receive(QUEUE, BATCH); Records.length > 0; Records = sqs.receive(QUEUE, BATCH)) {
    const { batchItemFailures } = await handler({ Records }, context);
    if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} of ${Records.length} records failed.`);
    for (const { receiptHandle } of Records) sqs.delete(receiptHandle);
  }
  const spent = new Map(requests);
  const result = await fetched();
  if (result !== expected) throw new Error(`The canvas gave ${String(result)}; expected ${String(expected)}.`);
  return { requests: spent };
}
