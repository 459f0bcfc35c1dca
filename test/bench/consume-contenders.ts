/** Four handlers that do the same with a batch of Celery's messages: the bare loop, middy, ours, and ours inside middy. */

import middy from '@middy/core';
import { createApp } from '../../src/app/app.ts';
import type { LambdaContext, SqsBatchResponse, SqsEvent } from '../../src/lambda/event.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import { silentLogger } from '../../src/logger.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { TASK } from './messages.ts';

export type Handler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

type Body = readonly [args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>, embed: unknown];

/** The task all of them run. */
const task = async (...args: readonly unknown[]): Promise<number> => args.length;

function parse(text: string): Body {
  const envelope = JSON.parse(Buffer.from(text, 'base64').toString());
  return JSON.parse(Buffer.from(envelope.body, 'base64').toString());
}

/** What one would write by hand for a single task, with the partial answer and nothing else. */
export const bareLoop: Handler = async (event) => {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      const [args] = parse(record.body);
      await task(...args);
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};

/** middy with the after hook of its sqs-partial-batch-failure, and the parsing in the handler. */
export function createMiddyHandler(): Handler {
  const settled = async (event: SqsEvent) => await Promise.allSettled(event.Records.map(async ({ body }) => await task(...parse(body)[0])));
  const handler = middy(settled as (event: SqsEvent, context: never) => Promise<unknown>).use({
    after: async (request) => {
      const { Records } = request.event as SqsEvent;
      const results = request.response as readonly PromiseSettledResult<unknown>[];
      const batchItemFailures: { itemIdentifier: string }[] = [];
      for (const [index, record] of Object.entries(Records)) {
        if (results[Number(index)]!.status !== 'fulfilled') batchItemFailures.push({ itemIdentifier: record.messageId });
      }
      request.response = { batchItemFailures };
    },
  });
  return handler as unknown as Handler;
}

/** Ours with default settings, no backend and a silent logger. */
export function createOwnHandler(): Handler {
  const app = createApp('bench', { transport: createMemoryTransport(), logger: silentLogger });
  app.task(TASK, task);
  return createHandler(app);
}

/** Ours as handlers/worker.ts deploys it. */
export const createOwnInMiddy = (): Handler =>
  middy(createOwnHandler() as (event: SqsEvent, context: never) => Promise<unknown>) as unknown as Handler;
