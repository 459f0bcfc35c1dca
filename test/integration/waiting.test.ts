/** A wait longer than SQS can delay, over the loopback SQS: the message hops to its moment while an injected clock takes the delays' place. */

import { afterEach, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { HOPS_ATTRIBUTE } from '../../src/app/hops.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { createHandler } from '../../src/lambda/index.ts';
import { createEventSourceMapping, type LocalSqs, type LocalSqsRecord, startLocalSqs } from '../../src/local/index.ts';
import { createLambdaContext } from '../../src/testing/events.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import type { Outgoing, Transport } from '../../src/transports/transport.ts';
import { createFakeClock, type FakeClock, NOON } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Sends without a delay, for which the clock moves on instead, before the message can be received. */
function withoutDelays(transport: Transport, clock: FakeClock): Transport & { readonly asked: readonly Outgoing[] } {
  const asked: Outgoing[] = [];
  return {
    limits: transport.limits,
    asked,
    async send(batch) {
      asked.push(...batch);
      await clock.advance(Math.max(...batch.map(({ delaySeconds = 0 }) => delaySeconds)) * 1000);
      return await transport.send(batch.map(({ delaySeconds: _, ...atOnce }) => atOnce));
    },
  };
}

/** A deployed app in small: one queue, its handler, and a task that notes when it runs. */
async function deploy() {
  const sqs = await startLocalSqs({ queues: [{ name: 'celery' }, { name: 'dead' }] });
  closing.push(() => sqs.close());
  const { endpoint, region, credentials } = sqs;
  const overSqs = createSqsTransport({ endpoint, region, credentials });
  closing.push(() => overSqs.close());
  const clock = createFakeClock();
  const transport = withoutDelays(overSqs, clock);
  const backend = createMemoryBackend();
  const logger = createRecordingLogger();
  const app = createApp('shop', { deadLetterQueue: 'dead' }).connect({ transport, backend, clock, logger });
  const ranAt: number[] = [];
  const remind = app.task('remind', (who: string) => {
    ranAt.push(clock.now());
    return who;
  });
  const received = startReceiving(sqs, createHandler(app));
  return { sqs, transport, backend, remind, ranAt, received };
}

function startReceiving(sqs: LocalSqs, handler: ReturnType<typeof createHandler>): readonly LocalSqsRecord[] {
  const received: LocalSqsRecord[] = [];
  const mapping = createEventSourceMapping({
    sqs,
    queue: 'celery',
    functionResponseType: 'ReportBatchItemFailures',
    invoke: async (event) => {
      received.push(...event.Records);
      return { ok: true, payload: JSON.stringify(await handler(event, createLambdaContext())) };
    },
  });
  closing.push(() => mapping.close());
  return received;
}

const empty = { ready: 0, delayed: 0, inFlight: 0 };

const hopsSeen = ({ messageAttributes }: LocalSqsRecord): string | undefined => messageAttributes[HOPS_ATTRIBUTE]?.stringValue;

it.each([
  ['to the millisecond', 2_400_000, 0],
  ['up to a second late, never early, where whole seconds do not fit', 2_399_001, 999],
])('a task 40 minutes away hops to its moment and runs once: %s', async (_, awayMs, lateMs) => {
  const { sqs, transport, backend, remind, ranAt, received } = await deploy();
  const { id } = await remind.applyAsync(['ann'], { eta: new Date(NOON + awayMs) });
  await vi.waitFor(
    async () => {
      expect(ranAt).not.toEqual([]);
      expect(await sqs.depth('celery')).toEqual(empty);
    },
    { timeout: 10_000 },
  );
  expect(ranAt).toEqual([NOON + awayMs + lateMs]);
  expect(transport.asked.map(({ delaySeconds }) => delaySeconds)).toEqual([900, 900, 600]);
  expect(received.map(hopsSeen)).toEqual([undefined, '1', '2']);
  expect(received.map(({ attributes }) => attributes['ApproximateReceiveCount'])).toEqual(['1', '1', '1']);
  expect(new Set([...transport.asked, ...received].map(({ body }) => body)).size).toBe(1);
  expect(await backend.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 'ann' });
  expect(await sqs.depth('dead')).toEqual(empty);
});
