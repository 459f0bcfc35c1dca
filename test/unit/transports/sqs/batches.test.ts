import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Item, toBatches, toEntry } from '../../../../src/transports/sqs/batches.ts';
import type { Outgoing } from '../../../../src/transports/transport.ts';

const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'q', id, body: id, ...more });
const item = (index: number, bytes: number): Item => ({ index, bytes, message: message(`m${index}`) });

describe('cutting', () => {
  it('makes no batch of nothing', () => {
    expect(toBatches([])).toEqual([]);
  });

  it('fills a batch to the last byte', () => {
    const batches = toBatches([item(0, 1_048_575), item(1, 1), item(2, 1)]);
    expect(batches.map((batch) => batch.map(({ index }) => index))).toEqual([[0, 1], [2]]);
  });

  it('leaves nothing out, keeps the order, and stays within the limits', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 1_048_576 })), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (bytes) => {
        const items = bytes.map((size, index) => item(index, size));
        const batches = toBatches(items);
        expect(batches.flat()).toEqual(items);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(batch.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(1_048_576);
        }
      }),
    );
  });
});

describe('an entry', () => {
  const entry = (outgoing: Outgoing) => toEntry({ index: 7, message: outgoing, bytes: 1 }, 3);

  it('of a plain message has an id and a body, no more', () => {
    expect(entry(message('a', { delaySeconds: 0 }))).toEqual({ Id: '3', MessageBody: 'a' });
  });

  it('of a message to a standard queue brings delay, group, attributes and trace, but no deduplication', () => {
    const full = message('a', {
      delaySeconds: 5,
      messageGroupId: 'tenant',
      messageDeduplicationId: 'd',
      attributes: { n: { type: 'Number', value: '1' } },
      traceHeader: 'Root=1',
    });
    expect(entry(full)).toEqual({
      Id: '3',
      MessageBody: 'a',
      DelaySeconds: 5,
      MessageGroupId: 'tenant',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
    });
  });

  it('of a message to a FIFO queue has group and deduplication id', () => {
    expect(entry(message('a', { queue: 'q.fifo' }))).toMatchObject({ MessageGroupId: 'default', MessageDeduplicationId: 'a' });
    const own = message('a', { queue: 'q.fifo', messageGroupId: 'g', messageDeduplicationId: 'd' });
    expect(entry(own)).toMatchObject({ MessageGroupId: 'g', MessageDeduplicationId: 'd' });
  });
});
