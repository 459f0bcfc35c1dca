import { expect, it } from 'vitest';
import { createBatchWindow } from '../../../src/local/batch-window.ts';
import { PAYLOAD_BYTES } from '../../../src/local/invocation.ts';
import { type LocalSqsRecord, toRecord } from '../../../src/local/record.ts';

const Attributes = { ApproximateReceiveCount: '1', SentTimestamp: '1700000000000' };

const record = (id: string, body = 'x'): LocalSqsRecord =>
  toRecord(
    { MessageId: id, ReceiptHandle: `r-${id}`, Body: body, MD5OfBody: '', Attributes },
    { arn: 'arn:aws:sqs:us-east-1:0:q', region: 'us-east-1' },
  );

const records = (...ids: string[]): LocalSqsRecord[] => ids.map((id) => record(id));

const idsOf = (event: { Records: readonly LocalSqsRecord[] } | undefined): string[] | undefined =>
  event?.Records.map((entry) => entry.messageId);

it('without a window, what one receive brought goes at once', () => {
  const window = createBatchWindow({ batchSize: 10, windowMs: 0 });
  expect(window.take(0)).toBeUndefined();
  window.add(records('a', 'b'), 5);
  expect(window.room()).toBe(8);
  expect(idsOf(window.take(5))).toEqual(['a', 'b']);
  expect(window.take(5)).toBeUndefined();
});

it('a batch waits for its window, counted from its first record', () => {
  const window = createBatchWindow({ batchSize: 10, windowMs: 1000 });
  expect(window.remainingMs(0)).toBeUndefined();
  window.add(records('a'), 100);
  window.add(records('b'), 900);
  expect(window.remainingMs(1000)).toBe(100);
  expect(window.take(1099)).toBeUndefined();
  expect(idsOf(window.take(1100))).toEqual(['a', 'b']);
});

it('a full batch does not wait, and what is left over keeps its own time', () => {
  const window = createBatchWindow({ batchSize: 2, windowMs: 1000 });
  window.add(records('a'), 0);
  window.add(records('b', 'c'), 10);
  expect(window.room()).toBe(0);
  expect(idsOf(window.take(10))).toEqual(['a', 'b']);
  expect(window.remainingMs(10)).toBe(1000);
  expect(window.take(10)).toBeUndefined();
  expect(idsOf(window.take(1010))).toEqual(['c']);
});

it('a batch may be forced out before its time', () => {
  const window = createBatchWindow({ batchSize: 10, windowMs: 1000 });
  window.add(records('a'), 0);
  expect(idsOf(window.take(1, true))).toEqual(['a']);
  expect(window.take(1, true)).toBeUndefined();
});

it('an event never passes the payload limit, and the rest goes with the next', () => {
  const window = createBatchWindow({ batchSize: 10, windowMs: 60_000 });
  // A quote takes two bytes in the event: 1 MiB of body makes 2 MiB of payload.
  for (const id of ['a', 'b', 'c', 'd']) window.add([record(id, '"'.repeat(1_000_000))], 0);
  const first = window.take(1);
  expect(idsOf(first)).toEqual(['a', 'b', 'c']);
  expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThanOrEqual(PAYLOAD_BYTES);
  expect(window.take(1)).toBeUndefined();
  expect(idsOf(window.take(60_000))).toEqual(['d']);
});

it('counts the bytes of an event exactly', () => {
  const two = { Records: records('a', 'b') };
  const bytes = Buffer.byteLength(JSON.stringify(two));
  const exact = createBatchWindow({ batchSize: 10, windowMs: 0, maxBytes: bytes });
  exact.add(two.Records, 0);
  expect(idsOf(exact.take(0))).toEqual(['a', 'b']);
  const short = createBatchWindow({ batchSize: 10, windowMs: 0, maxBytes: bytes - 1 });
  short.add(two.Records, 0);
  expect(idsOf(short.take(0))).toEqual(['a']);
});

it('a record that is too large alone goes alone', () => {
  const window = createBatchWindow({ batchSize: 10, windowMs: 0, maxBytes: 10 });
  window.add(records('a', 'b'), 0);
  expect(idsOf(window.take(0))).toEqual(['a']);
  expect(idsOf(window.take(0))).toEqual(['b']);
});
