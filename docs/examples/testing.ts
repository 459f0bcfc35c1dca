/** Testing tasks without AWS. Each function is the body of a test. */

import assert from 'node:assert/strict';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createHandler } from 'celeriac/lambda';
import { createMemoryLedger } from 'celeriac/ledgers/memory';
import { createMemoryScheduler } from 'celeriac/schedulers/memory';
import {
  allAcknowledged,
  createEagerTransport,
  createLambdaContext,
  createSqsEvent,
  createSqsRecord,
  type TransportUnderTest,
  transportSuite,
} from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { createCodecs, readMessage } from 'celeriac/wire';
import { bank } from './bank.ts';
import { app, charge, resize } from './tasks.ts';

// #region direct
export async function directly(): Promise<void> {
  assert.equal(await resize('https://example.com/a.png', 64), 'https://example.com/a.png?w=64');
}
// #endregion

// #region eager
export async function eagerly(): Promise<void> {
  const transport = createEagerTransport(app, { keep: ['celery-dead-letter'] });
  app.connect({ transport, backend: createMemoryBackend() });

  const sent = await resize.delay('https://example.com/a.png', 64);

  assert.equal(await sent.get(), 'https://example.com/a.png?w=64');
  assert.ok(allAcknowledged(transport));
}
// #endregion

// #region memory
export async function throughTheHandler(): Promise<void> {
  const transport = createMemoryTransport({ queues: ['celery', 'celery-dead-letter'] });
  app.connect({ transport });
  await resize.delay('https://example.com/a.png', 64);
  const bodies = transport.messages('celery').map(({ body }) => body);

  const handler = createHandler(app);
  const event = createSqsEvent([...bodies, createSqsRecord('not a task', { messageId: 'broken' })]);
  const answer = await handler(event, createLambdaContext());

  assert.deepEqual(answer, { batchItemFailures: [] });
  assert.equal(transport.messages('celery-dead-letter')[0]?.attributes?.['celeriac.code']?.value, 'not-json');
}
// #endregion

// #region retried
export async function triedAgain(): Promise<void> {
  const transport = createEagerTransport(app);
  app.connect({ transport, backend: createMemoryBackend() });
  bank.open = false;

  const sent = await charge.delay('order-1');

  assert.equal(await sent.state(), 'RETRY');
  assert.equal(transport.delayed[0]?.delaySeconds, 60);
}
// #endregion

// #region waiting
export async function waitsForAnHour(): Promise<void> {
  let now = Date.now();
  const clock = { now: () => now };
  const transport = createMemoryTransport({ clock });
  const scheduler = createMemoryScheduler({ transport, clock });
  app.connect({ transport, scheduler, ledger: createMemoryLedger(), clock });
  const [one, two] = [await charge.applyAsync(['order-1'], { countdown: 3600 }), await charge.applyAsync(['order-2'], { countdown: 3600 })];

  await two.revoke();
  now += 3_600_000;
  await scheduler.fire();

  assert.equal(scheduler.waits.size, 0);
  assert.deepEqual(
    transport.messages('celery').map(({ body }) => readMessage(body, { codecs: createCodecs() }).headers.id),
    [one.id],
  );
}
// #endregion

// #region suite
function memoryUnderTest(): TransportUnderTest {
  let now = 0;
  let queues = 0;
  return {
    transport: createMemoryTransport({
      clock: { now: () => now },
      queues: ['q1', 'q2', 'q3', 'q1.fifo', 'q2.fifo', 'q3.fifo'],
      visibilityTimeoutSeconds: 2,
    }),
    queue: (kind) => `q${++queues}${kind === 'fifo' ? '.fifo' : ''}`,
    visibilityTimeoutSeconds: 2,
    pass: async (seconds) => {
      now += seconds * 1000;
    },
    missingQueue: 'nowhere',
  };
}

export const cases = transportSuite(memoryUnderTest);
// #endregion
