/** The same batch handled by what others offer. Each runs the one task it is given and knows nothing else of Celery but celery.node. */

import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import { createWorker } from 'celery-node';
import type { SqsEvent, SqsRecord } from '../../src/lambda/event.ts';
import { TASK } from './by-hand.ts';
import { count, type Handler, parse, type Run } from './consume-contenders.ts';

/** middy with its partial-batch middleware, and the parsing in the handler. */
export function createMiddyHandler(run: Run = count): Handler {
  const settled = async (event: SqsEvent) => await Promise.allSettled(event.Records.map(async ({ body }) => await run(...parse(body)[0])));
  return middy(settled as (event: SqsEvent, context: never) => Promise<unknown>).use(sqsPartialBatchFailure()) as unknown as Handler;
}

/** Powertools for AWS Lambda: its batch processor, and the parsing in the record handler. */
export function createPowertoolsHandler(run: Run = count): Handler {
  const processor = new BatchProcessor(EventType.SQS);
  const handleRecord = async ({ body }: SqsRecord) => await run(...parse(body)[0]);
  return (async (event, context) =>
    await processPartialResponse(event as never, handleRecord as never, processor, { context: context as never })) as Handler;
}

/** What this bench touches of a worker of celery.node: where it takes its messages from and puts its results is replaced. */
interface CeleryNodeWorker {
  register(name: string, handler: (...args: readonly unknown[]) => unknown): void;
  createTaskHandler(): (message: CeleryNodeMessage) => Promise<unknown>;
  _backend: { storeResult(): void };
}

interface CeleryNodeMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  decode(): unknown;
}

/**
 * The worker path of celery.node: its task handler over messages as its Redis broker makes them, with neither broker nor backend.
 * It has no retries, no time limits and no partial answers; its line for each task is built and not written.
 */
export function createCeleryNodeHandler(run: Run = count): Handler {
  const worker = createWorker('redis://', 'redis://') as unknown as CeleryNodeWorker;
  worker._backend = { storeResult() {} };
  // It hands over the keywords as one argument more.
  worker.register(TASK, (...args) => run(...args.slice(0, -1)));
  const onMessage = worker.createTaskHandler();
  return async (event) => {
    const { info } = console;
    console.info = () => {};
    try {
      await Promise.all(event.Records.map(({ body }) => onMessage(readMessage(body))));
    } finally {
      console.info = info;
    }
    return { batchItemFailures: [] };
  };
}

/** As celery.node's kombu/message and kombu/brokers/redis have it, which it does not export. */
function readMessage(text: string): CeleryNodeMessage {
  const { headers, body: encoded } = JSON.parse(Buffer.from(text, 'base64').toString());
  const body = Buffer.from(encoded, 'base64');
  let decoded: unknown;
  return {
    headers,
    decode() {
      decoded ??= JSON.parse(body.toString('utf-8'));
      return decoded;
    },
  };
}
