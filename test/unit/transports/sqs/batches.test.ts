import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchEnd, toEntry } from '../../../../src/transports/sqs/batches.ts';
import type { Outgoing } from '../../../../src/transports/transport.ts';

const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'q', id, body: id, ...more });

/** Where each batch of messages of these sizes ends. */
function ends(...sizes: readonly number[]): number[] {
  const parcels = sizes.map((bytes) => ({ bytes }));
  const found: number[] = [];
  for (let start = 0; start < parcels.length; start = found.at(-1)!) found.push(batchEnd(parcels, start));
  return found;
}

describe('cutting', () => {
  it('fills a batch to the last byte', () => {
    expect(ends(1_048_575, 1, 1)).toEqual([2, 3]);
  });

  it('fills a batch to ten messages', () => {
    expect(ends(...Array.from({ length: 21 }, () => 1))).toEqual([10, 20, 21]);
  });

  it('leaves nothing out, and stays within the limits', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 1_048_576 })), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (bytes) => {
        const cuts = ends(...bytes);
        expect(cuts.at(-1) ?? 0).toBe(bytes.length);
        for (const [at, end] of cuts.entries()) {
          const batch = bytes.slice(cuts[at - 1] ?? 0, end);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(batch.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1_048_576);
        }
      }),
    );
  });
});

describe('an entry', () => {
  const entry = (outgoing: Outgoing) => toEntry({ message: outgoing }, 3);

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
