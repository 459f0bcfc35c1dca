/** A worker over a memory transport and backend: tasks are sent, deliveries consumed one by one, effects looked at. */

import { createApp } from '../../src/app/app.ts';
import type { Settings } from '../../src/app/settings.ts';
import type { ResultBackend } from '../../src/backends/backend.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import type { Delivery, Outgoing } from '../../src/transports/transport.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { createFakeClock } from './fake-clock.ts';
import { createRecordingLogger, createRecordingTransport, type RecordingTransport } from './recording.ts';

export interface WorkerOptions {
  readonly settings?: Partial<Settings>;
  readonly backend?: ResultBackend;
  readonly transport?: RecordingTransport;
}

export function createTestWorker({ settings = {}, backend, transport = createRecordingTransport() }: WorkerOptions = {}) {
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const results = createMemoryBackend();
  const app = createApp('shop', settings).connect({ transport, backend: backend ?? results, clock, logger });
  let consume: ReturnType<typeof createConsumer> | undefined;
  const deliver = (delivery: Delivery) => {
    consume ??= createConsumer(app, { hostname: 'test-worker', pid: 7 });
    return consume(delivery);
  };
  return {
    app,
    clock,
    logger,
    transport,
    results,
    deliver,
    deliverText: (body: string, extra: Partial<Delivery> = {}) => deliver({ ...toDelivery({ id: 'x', queue: 'celery', body }), ...extra }),
    /** Consumes the newest message sent. */
    runLast: (extra: Partial<Delivery> = {}) => deliver({ ...toDelivery(transport.sent.at(-1)!), ...extra }),
  };
}

export const toDelivery = ({ id, queue, body, messageGroupId, attributes }: Outgoing): Delivery => ({
  messageId: `m-${id}`,
  queue,
  body,
  receiveCount: 1,
  ...(messageGroupId !== undefined && { messageGroupId }),
  ...(attributes !== undefined && { attributes }),
});
