import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { chain } from '../../../src/canvas/chain.ts';
import { Reject } from '../../../src/errors.ts';
import { allAcknowledged, createEagerTransport } from '../../../src/testing/eager.ts';

function setUp() {
  const app = createApp('shop', { deadLetterQueue: 'dead' });
  const transport = createEagerTransport(app, { keep: ['dead'] });
  app.connect({ transport, backend: createMemoryBackend() });
  return { app, transport };
}

describe('the eager transport', () => {
  it('has run the task before applyAsync resolves, arguments through the codec', async () => {
    const { app, transport } = setUp();
    const when = app.task('when', (at: Date, extra: { gone?: undefined | string }) => [at.getTime(), Object.keys(extra).length]);
    const result = await when.delay(new Date(5000), { gone: undefined });
    expect(await result.get()).toEqual([5000, 0]);
    expect(allAcknowledged(transport)).toBe(true);
  });

  it('waits for nothing that waits for it: a chain on a FIFO queue, a flush within a task, a thousand tasks that send', async () => {
    const { app } = setUp();
    const next = app.task('next', async (x: number) => x + 1);
    await chain(next.s(1), next.s()).applyAsync([], { queue: 'q.fifo' });
    const flushes = app.task('flushes', async () => {
      const sent = next.delay(1);
      await app.flush();
      await sent;
    });
    await flushes.delay();
    const parent = app.task('parent', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await next.delay(1);
    });
    await Promise.all(Array.from({ length: 1000 }, () => parent.delay()));
  });

  it('leaves a failure to the result, as a queue does', async () => {
    const { app } = setUp();
    const fail = app.task('fail', () => Promise.reject(new Error('boom')));
    const result = await fail.delay();
    await expect(result.get()).rejects.toThrow('boom');
  });

  it('runs what a task sends, too, and what is given back once only', async () => {
    const { app, transport } = setUp();
    const inner = app.task('inner', () => { throw new Reject('x', { requeue: true }); }); // biome-ignore format: short
    await app.task('outer', async () => { await inner.delay(); }).delay(); // biome-ignore format: short
    expect(transport.runs.map(({ disposition }) => disposition.do)).toEqual(['requeue', 'ack']);
    expect(allAcknowledged(transport)).toBe(false);
  });

  it('keeps what is delayed, and queues nobody reads', async () => {
    const { app, transport } = setUp();
    const one = app.task('one', () => 1);
    await one.applyAsync([], { countdown: 60 });
    await one.applyAsync([], { queue: 'dead' });
    expect(transport.delayed).toHaveLength(2);
    expect(transport.runs).toEqual([]);
  });
});
