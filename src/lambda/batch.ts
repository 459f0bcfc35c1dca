/** A batch of records → the answer of ReportBatchItemFailures. */

import { isFifo } from '../transports/transport.ts';
import { type LaneOptions, runLanes, toLanes } from '../worker/lanes.ts';
import type { SqsBatchResponse, SqsRecord } from './event.ts';

export interface BatchOptions {
  /** Records of a standard queue, or groups of a FIFO queue, that run at the same time. */
  readonly concurrency: number;
  /** False once there is no time left to start another record. */
  readonly hasTime: () => boolean;
  /** Deals with one record; true when it is done. Never rejects. */
  readonly run: (record: SqsRecord) => Promise<boolean>;
  /** Runs the lanes. Default: all as they come, at most `concurrency` at a time. */
  readonly runAll?: RunAll;
}

export type RunAll = (lanes: readonly (readonly SqsRecord[])[], concurrency: number, options: LaneOptions<SqsRecord>) => Promise<void>;

/** Deals with all records and names those that are not done, in the order of the batch, each id once. */
export async function runBatch(records: readonly SqsRecord[], options: BatchOptions): Promise<SqsBatchResponse> {
  const done = new Set<SqsRecord>();
  const { concurrency, run, hasTime, runAll = runLanes } = options;
  const lanes = toLanes(records, isFifo(records[0]!.eventSourceARN), groupOf);
  await runAll(lanes, concurrency, { run, mayStart: hasTime, done });
  if (done.size === records.length) return { batchItemFailures: [] };
  const ids = new Set(records.filter((record) => !done.has(record)).map(({ messageId }) => messageId));
  return { batchItemFailures: Array.from(ids, (itemIdentifier) => ({ itemIdentifier })) };
}

const groupOf = (record: SqsRecord): string | undefined => record.attributes.MessageGroupId;
