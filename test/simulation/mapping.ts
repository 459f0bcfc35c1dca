/**
 * Lambda's event source mapping: receives from one queue, makes batches, has the function invoked and deletes what succeeded. What is
 * left comes again when its visibility time-out has run out.
 */

import type { InvokeResult } from '../../src/local/invocation.ts';
import { judgeBatch } from '../../src/local/response-rules.ts';
import type { Received, SimSqs } from './aws/index.ts';
import type { Weather } from './faults.ts';
import type { Kernel } from './kernel.ts';
import type { Lambda } from './lambda.ts';
import type { Invocation } from './process.ts';
import { between, type Random } from './random.ts';

export interface MappingOptions {
  readonly queue: string;
  readonly kernel: Kernel;
  readonly random: Random;
  readonly weather: Weather;
  readonly sqs: SimSqs;
  readonly lambda: Lambda;
  readonly batchSize: number;
  /** How long a batch waits to fill; 0 on FIFO queues. */
  readonly windowMs: number;
  /** Invocations at a time. */
  readonly concurrency: number;
  /** What the records are about, for short. */
  nameOf(records: readonly Received[]): string;
  /** Told which records are about to be deleted, and which come again. */
  judged(judgement: Judgement): void;
}

export interface Judgement {
  readonly deleted: readonly Pick<Received, 'messageId'>[];
  readonly returned: readonly Received[];
  readonly result: InvokeResult;
  /** Undefined where the function was not run at all. */
  readonly invocation: Invocation | undefined;
}

export interface Mapping {
  /** Something may have become visible. */
  kick(): void;
  readonly isIdle: boolean;
}

export function createMapping(options: MappingOptions): Mapping {
  const { queue, kernel, random, weather, sqs, lambda, batchSize, windowMs, concurrency } = options;
  const who = `mapping ${queue}`;
  let underWay = 0;
  let isPolling = false;
  let wokenForMs = Number.POSITIVE_INFINITY;

  const kick = (): void => {
    if (isPolling || underWay >= concurrency) return;
    if (sqs.visible(queue) > 0) {
      isPolling = true;
      kernel.after(between(random, 1, 40), poll);
      return;
    }
    const nextMs = sqs.nextEventMs(queue);
    if (nextMs === undefined || (wokenForMs <= nextMs && wokenForMs > kernel.nowMs)) return;
    wokenForMs = nextMs;
    kernel.after(nextMs - kernel.nowMs + 1, kick);
  };
  const poll = (): void => {
    isPolling = false;
    const records = sqs.receive(queue, batchSize);
    if (records.length > 0) begin(records);
    kick();
  };
  const begin = (records: readonly Received[]): void => {
    underWay += 1;
    if (windowMs === 0 || records.length >= batchSize) invoke(records);
    else kernel.after(windowMs, () => invoke([...records, ...sqs.receive(queue, batchSize - records.length)]));
  };

  const invoke = (records: readonly Received[]): void => {
    const { kind, there } = weather.fate('lambda.invoke', options.nameOf(records), kernel.nowMs);
    kernel.note(
      who,
      `invoke ${records.map(({ messageId }) => Number.parseInt(messageId.slice(-12), 16)).join(' ')}${kind === undefined ? '' : ` — ${kind}`}`,
    );
    if (kind === undefined || kind === 'slow') {
      kernel.after(kind === undefined ? 5 : there * 20_000, () =>
        lambda.invoke(records, (result, invocation) => ended(records, result, invocation)),
      );
    } else {
      const refused: InvokeResult = { ok: false, errorType: 'TooManyRequestsException', message: kind };
      kernel.after(50, () => ended(records, refused, undefined));
    }
  };

  const ended = (records: readonly Received[], result: InvokeResult, invocation: Invocation | undefined): void => {
    const ids = records.map(({ messageId }) => messageId);
    const verdict = judgeBatch(ids, result, 'ReportBatchItemFailures');
    const gone = new Set(verdict.deleted);
    const deleted = records.filter(({ messageId }) => gone.has(messageId));
    const returned = records.filter(({ messageId }) => !gone.has(messageId));
    options.judged({ deleted, returned, result, invocation });
    remove(deleted, invocation);
    underWay -= 1;
    kick();
  };

  /** All in one request, which may fail like any other: what was done then comes again. */
  const remove = (records: readonly Received[], invocation: Invocation | undefined): void => {
    if (records.length === 0) return;
    const { kind, there } = weather.fate('mapping.delete', options.nameOf(records), kernel.nowMs);
    if (kind !== undefined) {
      kernel.note(who, `delete — ${kind}`);
      invocation?.disturbances.push(`mapping.delete ${kind}`);
    }
    if (kind === 'failed') return;
    kernel.after(kind === 'slow' ? there * 400_000 : 5 + there * 20, () => {
      for (const { receiptHandle } of records) sqs.delete(receiptHandle);
      kick();
    });
  };
  return {
    kick,
    get isIdle() {
      return underWay === 0 && !isPolling;
    },
  };
}
