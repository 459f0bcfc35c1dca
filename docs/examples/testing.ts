/** Testing tasks without AWS. Each function is the body of a test. */

import assert from 'node:assert/strict';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createHandler } from 'celeriac/lambda';
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
import { app, resize } from './tasks.ts';

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
