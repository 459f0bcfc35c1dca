/** createHandler: the Lambda function of an app. Event in, batchItemFailures out. */

import { type App, internalsOf } from '../app/app.ts';
import { ImproperlyConfigured, InvalidEvent } from '../errors.ts';
import { createJsonLogger, type Logger } from '../logger.ts';
import type { Delivery, Transport } from '../transports/transport.ts';
import { type Consume, createConsumer } from '../worker/consumer.ts';
import { isAcknowledged } from '../worker/disposition.ts';
import { type BatchOptions, runBatch } from './batch.ts';
import { queueOfArn, toDelivery, wasDeliveredBefore } from './delivery.ts';
import type { LambdaContext, SqsBatchResponse, SqsEvent, SqsRecord } from './event.ts';

export interface HandlerOptions {
  /** Records of a batch that run at the same time; default 10. On FIFO queues: message groups. */
  readonly concurrency?: number;
  /** Milliseconds that must be left before Lambda's time-out for a record to be started; default a tenth of what the invocation began with. */
  readonly reserveMs?: number;
  /** Default: the logger the app is connected with, else one line of JSON per record on the console. */
  readonly logger?: Logger;
}

export type SqsHandler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

/**
 * The handler of an event source mapping with `ReportBatchItemFailures`. Use it bare or inside middy.
 *
 * It answers which records are not done and throws only where no record could be named: for an event that is not from
 * SQS (InvalidEvent), or an app without tasks or connection (ImproperlyConfigured).
 *
 * @example export const handler = createHandler(app, { concurrency: 10 });
 */
export function createHandler(app: App, options: HandlerOptions = {}): SqsHandler {
  const { concurrency = 10 } = options;
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new ImproperlyConfigured(`createHandler's concurrency is ${concurrency}; expected an integer above 0.`);
  }
  let consume: Consume | undefined;
  // Exactly two parameters: newer Lambda runtimes refuse a handler that looks as if it took a callback.
  return async (event, context) => {
    const records = checkEvent(event);
    consume ??= createConsumer(app, workerInfo(context), options.logger ?? consoleLogger);
    const deal = consume;
    const budgetMs = context.getRemainingTimeInMillis();
    const reserveMs = options.reserveMs ?? budgetMs / 10;
    const queue = queueOfArn(records[0]!.eventSourceARN);
    const { transport, clock, ledger, logger = options.logger ?? consoleLogger } = internalsOf(app).connected();
    const deadline = { atMs: clock.now() + budgetMs, budgetMs, atEnd: [] as (() => void)[] };
    const response = await runBatch(records, {
      concurrency,
      ...(ledger !== undefined && records.length > 1 && records.some(wasDeliveredBefore) && (await runsApart(app, queue, logger))),
      hasTime: () => context.getRemainingTimeInMillis() > reserveMs,
      run: async (record) => {
        const delivery = toDelivery(record, queue, deadline);
        const disposition = await deal(delivery);
        if (disposition.do === 'requeue' && disposition.afterSeconds !== undefined) {
          await hide(delivery, disposition.afterSeconds, transport, logger);
        }
        return isAcknowledged(disposition);
      },
    });
    for (const end of deadline.atEnd) end();
    const flushed = internalsOf(app).flushed();
    if (flushed !== undefined) await (await import('./flushing.ts')).flushInTime(flushed, { clock, context, budgetMs, reserveMs, logger });
    return response;
  };
}

async function runsApart(app: App, queue: string, logger: Logger): Promise<Pick<BatchOptions, 'runAll'>> {
  const { apartIn, runLanesApart } = await import('./apart.ts');
  const apartness = apartIn(app, queue, logger);
  return { runAll: (lanes, concurrency, options) => runLanesApart(lanes, concurrency, options, apartness) };
}

/** Keeps a message that is given back out of sight. When that fails the queue's own visibility time-out holds, and it comes sooner or later. */
async function hide(delivery: Delivery, seconds: number, { inbox }: Transport, logger: Logger): Promise<void> {
  try {
    await inbox?.postpone(delivery, seconds);
  } catch (error) {
    const { messageId, queue } = delivery;
    logger.warn({
      message: 'visibility not changed',
      messageId,
      queue,
      seconds,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

const WHERE = 'this handler belongs on an SQS event source mapping.';

/** @throws InvalidEvent unless the event is a batch of SQS whose records can be answered for */
function checkEvent(event: SqsEvent): readonly SqsRecord[] {
  const records = event?.Records;
  if (!Array.isArray(records) || records.length === 0) throw new InvalidEvent(`The event has no Records; ${WHERE}`);
  for (const record of records as readonly Partial<SqsRecord>[]) {
    if (record?.eventSource !== 'aws:sqs' || typeof record.eventSourceARN !== 'string') {
      throw new InvalidEvent(`A record comes from '${String(record?.eventSource)}', not from aws:sqs; ${WHERE}`);
    }
    // Without an id a record cannot be reported as failed: answering at all would acknowledge it unseen.
    if (typeof record.messageId !== 'string' || record.messageId === '')
      throw new InvalidEvent('A record has no messageId, so the batch cannot be answered for.');
  }
  return records;
}

const workerInfo = ({ functionName = 'lambda' }: LambdaContext) => ({ hostname: functionName, pid: 1 });

// biome-ignore lint/suspicious/noConsole: Lambda's runtime turns the console into the function's log
const consoleLogger: Logger = createJsonLogger((line) => console.log(line));
