/** What the demo runs on: SQS and DynamoDB in this process, the bundled worker in one of its own, Lambda's event source mapping between them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoDBBackend } from '../../src/backends/dynamodb.ts';
import type { ResultBackend } from '../../src/index.ts';
import {
  createEventSourceMapping,
  type LocalDynamoDB,
  type LocalLambda,
  type LocalSqs,
  type MappingEvent,
  startLambda,
  startLocalDynamoDB,
  startLocalSqs,
} from '../../src/local/index.ts';
import { createSqsTransport, type SqsTransport } from '../../src/transports/sqs/index.ts';
import { bundle } from '../bundle.ts';
import { MAX_RECEIVES } from './plan.ts';

export const QUEUE = 'celery';
export const DEAD_LETTER_QUEUE = 'celery-dead-letter';
const RESULTS_TABLE = 'celery';

export interface Stage {
  readonly sqs: LocalSqs;
  readonly transport: SqsTransport;
  /** The table of the worker's results, for who sends. */
  readonly backend: ResultBackend;
  readonly runtime: LocalLambda['runtime'];
  coldStarts(): number;
  /** Stops everything, the last first. */
  close(): Promise<void>;
}

export interface StageOptions {
  /** A folder in whose node_modules Lambda's runtime client may be installed. */
  readonly ricDir: string;
  observe(event: MappingEvent): void;
  log(text: string): void;
}

/** A message that was given back is seen again after so long. AWS asks for six times the function's time-out: half an hour until the fifth receive. */
const VISIBILITY_SECONDS = 1;

/** Builds the bundle and starts everything; what was started is stopped again when a later part does not start. */
export async function openStage({ ricDir, observe, log }: StageOptions): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const bundleDir = await mkdtemp(join(tmpdir(), 'celeriac-demo-'));
    closers.push(() => rm(bundleDir, { recursive: true, force: true }));
    const [sqs, dynamodb] = await Promise.all([startQueues(), startTable(), bundle({ outdir: bundleDir })]);
    closers.push(sqs.close, dynamodb.close);
    const { endpoint, region, credentials } = dynamodb;
    const backend = createDynamoDBBackend({ table: RESULTS_TABLE, endpoint, region, credentials });
    closers.push(async () => backend.close?.());
    const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
    closers.push(() => transport.close());
    const lambda = await startLambda({
      bundleDir,
      handler: 'worker.handler',
      functionName: 'celeriac-demo-worker',
      env: { SQS_ENDPOINT: sqs.endpoint, DEAD_LETTER_QUEUE, RESULTS_TABLE, AWS_ENDPOINT_URL_DYNAMODB: endpoint },
      ricDir,
      onLog: ({ source, text }) => {
        if (source !== 'platform') log(text);
      },
    });
    closers.push(() => lambda.close());
    const mapping = createEventSourceMapping({
      sqs,
      queue: QUEUE,
      functionResponseType: 'ReportBatchItemFailures',
      invoke: lambda.invoke,
      observe,
    });
    closers.push(() => mapping.close());
    return { sqs, transport, backend, runtime: lambda.runtime, coldStarts: lambda.coldStarts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startQueues(): Promise<LocalSqs> {
  return await startLocalSqs({
    queues: [
      {
        name: QUEUE,
        visibilityTimeoutSeconds: VISIBILITY_SECONDS,
        redrive: { deadLetterQueue: DEAD_LETTER_QUEUE, maxReceiveCount: MAX_RECEIVES },
      },
      { name: DEAD_LETTER_QUEUE, visibilityTimeoutSeconds: 600 },
    ],
  });
}

async function startTable(): Promise<LocalDynamoDB> {
  return await startLocalDynamoDB({ tables: [RESULTS_TABLE] });
}
