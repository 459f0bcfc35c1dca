/** Handlers that do the same with a batch of Celery's messages: the bare loop, ours, and ours inside middy. Others' are consume-peers.ts. */

import middy from '@middy/core';
import { createApp } from '../../src/app/app.ts';
import type { LambdaContext, SqsBatchResponse, SqsEvent } from '../../src/lambda/event.ts';
import { createHandler, type HandlerOptions } from '../../src/lambda/handler.ts';
import { silentLogger } from '../../src/logger.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { TASK } from './by-hand.ts';

export type Handler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

/** What all of them run for a record. */
export type Run = (...args: readonly unknown[]) => Promise<unknown>;

/** The task where none is given. */
export const count: Run = async (...args) => args.length;

type Body = readonly [args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>, embed: unknown];

export function parse(text: string): Body {
  const envelope = JSON.parse(Buffer.from(text, 'base64').toString());
  return JSON.parse(Buffer.from(envelope.body, 'base64').toString());
}

/** What one would write by hand for a single task, with the partial answer and nothing else. */
export const bareLoop: Handler = async (event) => {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      const [args] = parse(record.body);
      await count(...args);
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};

/** Ours with default settings, no backend and a silent logger. */
export function createOwnHandler(run: Run = count, options: HandlerOptions = {}): Handler {
  const app = createApp('bench', { transport: createMemoryTransport(), logger: silentLogger });
  app.task(TASK, run);
  return createHandler(app, options);
}

/** Ours as handlers/worker.ts deploys it. */
export const createOwnInMiddy = (): Handler =>
  middy(createOwnHandler() as (event: SqsEvent, context: never) => Promise<unknown>) as unknown as Handler;
