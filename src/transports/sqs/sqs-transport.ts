/** The transport over the AWS SDK, with nothing loaded: open.ts, and the SDK with it, is imported for the first message. */

import { type Clock, systemClock } from '../../clock.ts';
import type { SqsClientOptions } from './client.ts';
import { createLate, type SqsTransport } from './late.ts';
import type { OutboxOptions } from './outbox.ts';
import { predefinedUrls } from './predefined.ts';
import type { QueueOptions } from './queues.ts';

export type { SqsTransport } from './late.ts';

export interface SqsTransportOptions extends SqsClientOptions, QueueOptions, OutboxOptions {
  /** Keeps `postpone` within SQS's 12 hours since receipt. Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Sends to SQS and polls it. Nothing is imported, looked up or connected before the first message. It makes one attempt: trying
 * again is the publisher's. Throws ImproperlyConfigured when `queues` disagree with themselves on `.fifo`.
 *
 * @example const transport = createSqsTransport({ region: 'eu-central-1', queueNamePrefix: 'prod-' });
 */
export function createSqsTransport(options: SqsTransportOptions = {}): SqsTransport {
  if (options.queues !== undefined) predefinedUrls(options.queues);
  return createLate(async () => {
    const { openOverSdk } = await import('./open.ts');
    return openOverSdk(options, options.clock ?? systemClock);
  });
}
