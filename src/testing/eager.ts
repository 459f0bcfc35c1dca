/** Running at once, for tests: one more transport, whose queue is the consumer itself. Arguments and results go through the codec all the same. */

import type { App } from '../app/app.ts';
import type { Delivery, Outgoing, Receipt, Transport } from '../transports/transport.ts';
import { type Consume, createConsumer } from '../worker/consumer.ts';
import { type Disposition, isAcknowledged } from '../worker/disposition.ts';

/** One message and how it ended. */
export interface EagerRun {
  readonly message: Outgoing;
  readonly disposition: Disposition;
}

export interface EagerTransport extends Transport {
  /** Everything that ran, in order of ending. */
  readonly runs: readonly EagerRun[];
  /** Messages with a delay, or for one of the `keep` queues: kept, not run. */
  readonly delayed: readonly Outgoing[];
}

export interface EagerOptions {
  /** Queues that are only kept and never run, like a dead-letter queue; default none. */
  readonly keep?: readonly string[];
}

/**
 * A transport that runs each task before `applyAsync` resolves.
 *
 * A task that fails does not make applyAsync reject: as on a real queue its end is in the result. A message given back
 * is run once only. Delayed messages (countdown, eta) are kept in `delayed`.
 *
 * @example const transport = createEagerTransport(app); app.connect({ transport, backend: createMemoryBackend() });
 */
export function createEagerTransport(app: App, options: EagerOptions = {}): EagerTransport {
  const runs: EagerRun[] = [];
  const delayed: Outgoing[] = [];
  const kept = new Set(options.keep);
  let consume: Consume | undefined;
  const accept = async (message: Outgoing): Promise<Receipt> => {
    const messageId = crypto.randomUUID();
    if (kept.has(message.queue) || (message.delaySeconds ?? 0) > 0) delayed.push(message);
    else {
      consume ??= createConsumer(app, { hostname: 'eager', pid: 1 });
      runs.push({ message, disposition: await consume(toDelivery(message, messageId)) });
    }
    return { ok: true, messageId };
  };
  return {
    limits: { messageBytes: 1_048_576, delaySeconds: 900 },
    runsTasks: true,
    runs,
    delayed,
    async send(batch) {
      const receipts: Receipt[] = [];
      for (const message of batch) receipts.push(await accept(message));
      return receipts;
    },
  };
}

const toDelivery = ({ queue, body, messageGroupId, attributes }: Outgoing, messageId: string): Delivery => ({
  messageId,
  queue,
  body,
  receiveCount: 1,
  ...(messageGroupId !== undefined && { messageGroupId }),
  ...(attributes !== undefined && { attributes }),
});

/** Whether everything that ran was acknowledged. */
export const allAcknowledged = ({ runs }: EagerTransport): boolean => runs.every(({ disposition }) => isAcknowledged(disposition));
