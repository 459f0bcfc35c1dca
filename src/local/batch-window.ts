/**
 * Gathers records into batches as Lambda's pollers do: until the batch is full, its window is over, or 6 MB are reached.
 * Knows no queue and no clock: times are handed in, in milliseconds.
 */

import { PAYLOAD_BYTES } from './invocation.ts';
import type { LocalSqsEvent, LocalSqsRecord } from './record.ts';

export interface BatchWindowOptions {
  readonly batchSize: number;
  /** How long a batch waits for more, from its first record on; 0 takes what one receive brought. */
  readonly windowMs: number;
  /** Largest event as JSON, in bytes; default 6 MB. */
  readonly maxBytes?: number;
}

export interface BatchWindow {
  add(records: readonly LocalSqsRecord[], now: number): void;
  /** How many more records the batch at hand may take. */
  room(): number;
  /** Milliseconds until the batch at hand must go; undefined while it is empty. */
  remainingMs(now: number): number | undefined;
  /** The next batch that is due, oldest records first, or undefined. `force` makes any batch due. */
  take(now: number, force?: boolean): LocalSqsEvent | undefined;
}

interface Held {
  readonly record: LocalSqsRecord;
  readonly bytes: number;
  readonly since: number;
}

/** Bytes of `{"Records":[]}`, less the comma the last record has not. */
const EVENT_BYTES = 13;

/** A window with nothing in it. */
export function createBatchWindow(options: BatchWindowOptions): BatchWindow {
  const maxBytes = options.maxBytes ?? PAYLOAD_BYTES;
  let held: Held[] = [];

  /** How many of the held records fit in one event: at least one, or a large record would never go. */
  const fitting = (): number => {
    let bytes = EVENT_BYTES;
    let count = 0;
    for (const entry of held.slice(0, options.batchSize)) {
      bytes += entry.bytes + 1;
      if (bytes > maxBytes && count > 0) break;
      count += 1;
    }
    return count;
  };

  const remainingMs = (now: number): number | undefined => {
    const first = held[0];
    return first === undefined ? undefined : Math.max(0, first.since + options.windowMs - now);
  };

  return {
    add: (records, now) => {
      for (const record of records) held.push({ record, bytes: Buffer.byteLength(JSON.stringify(record)), since: now });
    },
    room: () => Math.max(0, options.batchSize - held.length),
    remainingMs,
    take: (now, force = false) => {
      const count = fitting();
      const full = count === options.batchSize || count < held.length;
      if (count === 0 || !(full || force || remainingMs(now) === 0)) return undefined;
      const Records = held.slice(0, count).map((entry) => entry.record);
      held = held.slice(count);
      return { Records };
    },
  };
}
