/** A batch of records → the answer of ReportBatchItemFailures. */

import { isFifo } from '../transports/transport.ts';
import { runLanes, toLanes } from '../worker/lanes.ts';
import type { SqsBatchResponse, SqsRecord } from './event.ts';

export interface BatchOptions {
  /** Records of a standard queue, or groups of a FIFO queue, that run at the same time. */
  readonly concurrency: number;
  /** False once there is no time left to start another record. */
  readonly hasTime: () => boolean;
  /** Deals with one record; true when it is done. Never rejects. */
  readonly run: (record: SqsRecord) => Promise<boolean>;
  /** Records that run after the others and one at a time: one that takes its worker with it then takes nobody else along. Default: none. */
  readonly isApart?: (record: SqsRecord) => boolean;
}

/** Deals with all records and names those that are not done, in the order of the batch, each id once. */
export async function runBatch(records: readonly SqsRecord[], options: BatchOptions): Promise<SqsBatchResponse> {
  const done = new Set<SqsRecord>();
  const lanes = toLanes(records, isFifo(records[0]!.eventSourceARN), groupOf);
  const laneOptions = { run: options.run, mayStart: options.hasTime, done };
  const isApart = (lane: readonly SqsRecord[]): boolean => options.isApart !== undefined && lane.some(options.isApart);
  const apart = lanes.filter(isApart);
  await runLanes(apart.length === 0 ? lanes : lanes.filter((lane) => !isApart(lane)), options.concurrency, laneOptions);
  if (apart.length > 0) await runLanes(apart, 1, laneOptions);
  if (done.size === records.length) return { batchItemFailures: [] };
  const ids = new Set(records.filter((record) => !done.has(record)).map(({ messageId }) => messageId));
  return { batchItemFailures: Array.from(ids, (itemIdentifier) => ({ itemIdentifier })) };
}

const groupOf = (record: SqsRecord): string | undefined => record.attributes.MessageGroupId;
