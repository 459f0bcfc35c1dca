import { describe, expect, it } from 'vitest';
import { HOPS_ATTRIBUTE, MAX_HOPS } from '../../../src/app/hops.ts';
import type { MessageAttributes } from '../../../src/transports/transport.ts';
import { createTestWorker } from '../../support/worker.ts';

async function createWaiting(seconds: number, queue = 'celery', deadLetterQueue: string | null = 'dead') {
  const worker = createTestWorker({ settings: { deadLetterQueue } });
  const task = worker.app.task('later', () => 1);
  await task.applyAsync([], { countdown: seconds, queue });
  return worker;
}

const hops = (count: number): MessageAttributes => ({ [HOPS_ATTRIBUTE]: { type: 'Number', value: String(count) } });

describe('a message that is sent on to wait', () => {
  it('keeps its body, queue, group, attributes and trace, and counts its hops', async () => {
    const { runLast, transport } = await createWaiting(5000);
    const own = { own: { type: 'String', value: 'x' } } as const;
    expect(await runLast({ messageGroupId: 'acme', traceHeader: 'Root=1', attributes: { ...own, ...hops(2) } })).toEqual({ do: 'ack' });
    expect(transport.sent[1]).toMatchObject({
      queue: 'celery',
      ownName: true,
      body: transport.sent[0]?.body,
      delaySeconds: 900,
      messageGroupId: 'acme',
      traceHeader: 'Root=1',
      attributes: { ...own, ...hops(3) },
    });
  });

  it('that SQS moved back by itself says which letter it was, for its copy has another id', async () => {
    const { runLast, transport } = await createWaiting(5000);
    const code = { type: 'String', value: 'failed' } as const;
    await runLast({ messageId: 'moved', attributes: { 'celeriac.code': code, ...hops(2) } });
    expect(transport.sent[1]?.attributes).toEqual({ 'celeriac.redriven': { type: 'String', value: 'moved' }, ...hops(3) });
  });

  it.each([
    ['dead', true],
    [null, false],
  ])('too often is quarantined with the reason: dead-letter queue %s', async (deadLetterQueue, buried) => {
    const { runLast } = await createWaiting(5000, 'celery', deadLetterQueue);
    expect(await runLast({ attributes: hops(MAX_HOPS) })).toMatchObject({
      do: 'quarantine',
      code: 'too-many-hops',
      reason: expect.stringContaining('still too early'),
      buried,
    });
  });
});

describe('a message that waits in a FIFO queue', () => {
  it.each([
    [1, 1],
    [0.001, 1],
    [900, 900],
    [43_140, 43_140],
    [86_400, 43_140],
  ])('for %d s is hidden for %d, uncounted', async (seconds, afterSeconds) => {
    const { runLast, transport } = await createWaiting(seconds, 'q.fifo');
    expect(await runLast({ messageGroupId: 'a' })).toEqual({ do: 'requeue', afterSeconds });
    expect(transport.sent).toHaveLength(1);
  });
});
