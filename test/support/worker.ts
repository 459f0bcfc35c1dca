/** A worker over a memory transport and backend: tasks are sent, deliveries consumed one by one, effects looked at. */

import { createApp } from '../../src/app/app.ts';
import type { Settings } from '../../src/app/settings.ts';
import type { ResultBackend } from '../../src/backends/backend.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import type { Ledger } from '../../src/ledgers/ledger.ts';
import type { Scheduler } from '../../src/schedulers/scheduler.ts';
import type { Delivery, Outgoing } from '../../src/transports/transport.ts';
import { createCodecs } from '../../src/wire/codecs.ts';
import type { TaskMessage } from '../../src/wire/message.ts';
import { readMessage } from '../../src/wire/protocol-read.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { createFakeClock } from './fake-clock.ts';
import { createRecordingLogger, createRecordingTransport, type RecordingTransport } from './recording.ts';

export interface WorkerOptions {
  readonly settings?: Partial<Settings>;
  readonly backend?: ResultBackend;
  readonly transport?: RecordingTransport;
  readonly ledger?: Ledger;
  readonly scheduler?: Scheduler;
}

export function createTestWorker({
  settings = {},
  backend,
  transport = createRecordingTransport(),
  ledger,
  scheduler,
}: WorkerOptions = {}) {
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const results = createMemoryBackend();
  const app = createApp('shop', settings).connect({ transport, backend: backend ?? results, ledger, scheduler, clock, logger });
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
    /** The newest message sent, as its receiver reads it. */
    lastMessage: (): TaskMessage => readSent(transport.sent.at(-1)!),
    /** Consumes the newest message sent. */
    runLast: (extra: Partial<Delivery> = {}) => deliver({ ...toDelivery(transport.sent.at(-1)!), ...extra }),
  };
}

const codecs = createCodecs();

export const readSent = ({ body }: Outgoing): TaskMessage => readMessage(body, { codecs });

export const toDelivery = ({ id, queue, body, messageGroupId, attributes }: Outgoing): Delivery => ({
  messageId: `m-${id}`,
  queue,
  body,
  receiveCount: 1,
  ...(messageGroupId !== undefined && { messageGroupId }),
  ...(attributes !== undefined && { attributes }),
});
