/**
 * Lambda's event source mapping for one queue: receives, batches, invokes, deletes what succeeded.
 * Batches are batch-window's, the judgement is response-rules'; what is not deleted returns after the queue's visibility timeout.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import { createBatchWindow } from './batch-window.ts';
import type { InvokeResult } from './invocation.ts';
import { LOCAL_ACCOUNT, toQueueArn } from './queue-definitions.ts';
import { type LocalSqsEvent, type LocalSqsRecord, toRecord } from './record.ts';
import { type FunctionResponseType, judgeBatch } from './response-rules.ts';
import { createSqsCalls, type SqsCalls } from './sqs-calls.ts';

/** What happened to a message, in the order it happened; `pollFailed` is about the queue. */
export type MappingEvent =
  | { readonly kind: 'received'; readonly messageId: string; readonly receiveCount: number }
  | { readonly kind: 'deleted'; readonly messageId: string }
  | { readonly kind: 'returned'; readonly messageId: string; readonly reason: string }
  | { readonly kind: 'pollFailed'; readonly reason: string };

export interface EventSourceMappingOptions {
  /** Where SQS answers, as startLocalSqs gives it. */
  readonly sqs: { readonly endpoint: string; readonly region: string };
  /** Queue name. */
  readonly queue: string;
  /** Records per invocation, 1 to 10 000; default 10. More than 10 needs a window, and FIFO queues take no more. */
  readonly batchSize?: number;
  /** How long a batch waits to fill, 0 to 300; default 0. FIFO queues take no window. */
  readonly maximumBatchingWindowSeconds?: number;
  /** Invocations at a time, 1 to 1000; default 2. AWS asks for 2 at least; 1 is allowed here, to run one after the other. */
  readonly maximumConcurrency?: number;
  /** Default undefined: the answer is not read, a batch succeeds or fails whole. */
  readonly functionResponseType?: FunctionResponseType;
  /** Runs the function; a rejection counts as a failed invocation. */
  invoke(event: LocalSqsEvent): Promise<InvokeResult>;
  /** Watches; must not throw. */
  observe?(event: MappingEvent): void;
  readonly clock?: Clock;
}

export interface EventSourceMapping {
  /** Stops receiving, hands on what was received already, and waits until it is settled. Takes up to a second. */
  close(): Promise<void>;
}

/** A long poll that is aborted loses its message in fauxqs; a short one can be waited for when closing. */
const POLL_SECONDS = 1;
const PAUSE_AFTER_FAILED_POLL_MS = 1000;
/** Between polls when less than a whole second of the window is left: WaitTimeSeconds is whole. */
const PAUSE_IN_WINDOW_MS = 25;

/**
 * Starts polling `queue` for a function.
 * @throws ImproperlyConfigured for numbers AWS would refuse.
 * @example createEventSourceMapping({ sqs, queue: 'celery', functionResponseType: 'ReportBatchItemFailures', invoke: lambda.invoke })
 */
export function createEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  checkOptions(options);
  const { queue, sqs, batchSize = 10, maximumConcurrency = 2, clock = systemClock } = options;
  const calls = createSqsCalls(sqs);
  const queueUrl = `${sqs.endpoint}/${LOCAL_ACCOUNT}/${queue}`;
  const source = { arn: toQueueArn(queue, sqs.region), region: sqs.region };
  const window = createBatchWindow({ batchSize, windowMs: (options.maximumBatchingWindowSeconds ?? 0) * 1000 });
  const closing = new AbortController();
  const observe = (event: MappingEvent): void => options.observe?.(event);

  const receive = async (): Promise<void> => {
    const left = window.remainingMs(clock.now());
    const lastSecond = left !== undefined && left < 1000;
    const messages = await calls.receive(queueUrl, window.room(), lastSecond ? 0 : POLL_SECONDS);
    const records = messages.map((message) => toRecord(message, source));
    for (const record of records) {
      observe({ kind: 'received', messageId: record.messageId, receiveCount: Number(record.attributes['ApproximateReceiveCount']) });
    }
    window.add(records, clock.now());
    if (lastSecond && records.length === 0) await rest(Math.min(left, PAUSE_IN_WINDOW_MS), closing.signal);
  };

  const gather = async (): Promise<LocalSqsEvent | undefined> => {
    for (;;) {
      const batch = window.take(clock.now(), closing.signal.aborted);
      if (batch !== undefined || closing.signal.aborted) return batch;
      await receive().catch(async (error: unknown) => {
        observe({ kind: 'pollFailed', reason: describe(error) });
        await rest(PAUSE_AFTER_FAILED_POLL_MS, closing.signal);
      });
    }
  };

  const run = async (batch: LocalSqsEvent): Promise<void> => {
    const result = await options.invoke(batch).catch(toFailure);
    await settle(batch.Records, result, { calls, queueUrl, responseType: options.functionResponseType, observe });
  };

  const polling = pollAndRun(gather, run, maximumConcurrency);
  return {
    close: async () => {
      closing.abort();
      await polling;
    },
  };
}

/** Runs batches as they are gathered, so many at a time and never two with a message group in common, until there are no more. */
async function pollAndRun(
  gather: () => Promise<LocalSqsEvent | undefined>,
  run: (batch: LocalSqsEvent) => Promise<void>,
  maximumConcurrency: number,
): Promise<void> {
  const running = new Map<Promise<void>, ReadonlySet<string>>();
  for (;;) {
    while (running.size >= maximumConcurrency) await Promise.race(running.keys());
    const batch = await gather();
    if (batch === undefined) break;
    const groups = fifoGroups(batch);
    while ([...running.values()].some((busy) => haveCommon(busy, groups))) await Promise.race(running.keys());
    const ending = run(batch).finally(() => running.delete(ending));
    running.set(ending, groups);
  }
  await Promise.all(running.keys());
}

/** Only FIFO messages have a sequence number; the groups of standard queues are tenants and keep no order. */
function fifoGroups(batch: LocalSqsEvent): ReadonlySet<string> {
  const fifo = batch.Records.filter((record) => record.attributes['SequenceNumber'] !== undefined);
  return new Set(fifo.map((record) => record.attributes['MessageGroupId'] ?? ''));
}

function haveCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const member of a) if (b.has(member)) return true;
  return false;
}

interface Settling {
  readonly calls: SqsCalls;
  readonly queueUrl: string;
  readonly responseType: FunctionResponseType;
  observe(event: MappingEvent): void;
}

async function settle(records: readonly LocalSqsRecord[], result: InvokeResult, to: Settling): Promise<void> {
  const ids = records.map((record) => record.messageId);
  const verdict = judgeBatch(ids, result, to.responseType);
  const deleted = new Set(verdict.deleted);
  const done = records.filter((record) => deleted.has(record.messageId));
  const handles = done.map((record) => record.receiptHandle);
  const kept = await to.calls.remove(to.queueUrl, handles).catch(() => new Set(handles));
  for (const { messageId, receiptHandle } of done) {
    if (kept.has(receiptHandle)) to.observe({ kind: 'returned', messageId, reason: 'SQS did not delete it' });
    else to.observe({ kind: 'deleted', messageId });
  }
  for (const messageId of verdict.returned) to.observe({ kind: 'returned', messageId, reason: verdict.reason ?? '' });
}

function toFailure(error: unknown): InvokeResult {
  const errorType = error instanceof Error ? error.name : 'Error';
  return { ok: false, errorType, message: describe(error) };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Sleeps, or until closing. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}

function checkOptions(options: EventSourceMappingOptions): void {
  const { batchSize = 10, maximumBatchingWindowSeconds = 0, maximumConcurrency = 2, queue } = options;
  const fifo = queue.endsWith('.fifo');
  checkRange('batchSize', batchSize, 1, fifo ? 10 : 10_000);
  checkRange('maximumBatchingWindowSeconds', maximumBatchingWindowSeconds, 0, fifo ? 0 : 300);
  checkRange('maximumConcurrency', maximumConcurrency, 1, 1000);
  if (batchSize > 10 && maximumBatchingWindowSeconds === 0) {
    throw new ImproperlyConfigured(
      `batchSize ${batchSize} needs maximumBatchingWindowSeconds of 1 or more; without a window it is 10 at most.`,
    );
  }
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ImproperlyConfigured(`${name} is ${value}; for this queue Lambda takes whole numbers from ${least} to ${most}.`);
}
