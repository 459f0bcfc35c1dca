/** The transport itself, with nothing loaded: parts.ts, and the AWS SDK with it, is imported for the first message. */

import { type Clock, systemClock } from '../../clock.ts';
import { kept } from '../../kept.ts';
import { SQS_LIMITS } from '../sqs-limits.ts';
import type { Inbox, Transport } from '../transport.ts';
import type { SqsClientOptions } from './client.ts';
import type { OutboxOptions } from './outbox.ts';
import { predefinedUrls } from './predefined.ts';
import type { QueueOptions } from './queues.ts';

export interface SqsTransportOptions extends SqsClientOptions, QueueOptions, OutboxOptions {
  /** Keeps `postpone` within SQS's 12 hours since receipt. Default: the system's clock. */
  readonly clock?: Clock;
}

export interface SqsTransport extends Transport {
  readonly inbox: Inbox;
  nameOf(queue: string): Promise<string>;
  flush(): Promise<void>;
  /** Closes the transport's own client; one that was given stays open. */
  close(): Promise<void>;
}

/**
 * Sends to SQS and polls it. Nothing is imported, looked up or connected before the first message. It makes one attempt: trying
 * again is the publisher's. Throws ImproperlyConfigured when `queues` disagree with themselves on `.fifo`.
 *
 * @example const transport = createSqsTransport({ region: 'eu-central-1', queueNamePrefix: 'prod-' });
 */
export function createSqsTransport(options: SqsTransportOptions = {}): SqsTransport {
  if (options.queues !== undefined) predefinedUrls(options.queues);
  let opened = false;
  const parts = kept(async () => {
    const [{ openParts }, { createSqsApi }] = await Promise.all([import('./parts.ts'), import('./client.ts')]);
    opened = true;
    return openParts(createSqsApi(options), options, options.clock ?? systemClock);
  });
  return {
    limits: SQS_LIMITS,
    send: async (batch) => (await parts()).send(batch),
    async flush() {
      if (opened) await (await parts()).flush();
    },
    nameOf: async (queue) => (await parts()).nameOf(queue),
    inbox: {
      receive: async (queue, how) => (await parts()).inbox.receive(queue, how),
      done: async (delivery) => (await parts()).inbox.done(delivery),
      postpone: async (delivery, seconds) => (await parts()).inbox.postpone(delivery, seconds),
    },
    async close() {
      if (opened) await (await parts()).close();
    },
  };
}
