/** The lean transport, with nothing loaded: its parts are imported for the first message. */

import { type Clock, systemClock } from '../../clock.ts';
import { ImproperlyConfigured } from '../../errors.ts';
import { createLate, type SqsTransport } from '../sqs/late.ts';
import type { OutboxOptions } from '../sqs/outbox.ts';
import { predefinedUrls } from '../sqs/predefined.ts';
import type { QueueOptions } from '../sqs/queues.ts';
import { ofOneRequest } from './one-request.ts';
import type { SqsFetchClientOptions } from './open.ts';

export interface SqsFetchTransportOptions extends SqsFetchClientOptions, QueueOptions, OutboxOptions {
  /** Dates signatures, ends requests that take too long, and keeps `postpone` within SQS's 12 hours. Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Sends to SQS and polls it as createSqsTransport does, without the AWS SDK: over node:https on Node, over `fetch` elsewhere. Nothing
 * is imported, looked up or connected before the first message. In a Cloudflare Worker each request needs one of its own. Throws
 * ImproperlyConfigured when `queues` disagree with themselves on `.fifo`, or `maxAttempts` is no count.
 *
 * @example const transport = createSqsFetchTransport({ region: 'eu-central-1', queueNamePrefix: 'prod-' });
 */
export function createSqsFetchTransport(options: SqsFetchTransportOptions = {}): SqsTransport {
  const { queues, maxAttempts = 1, clock = systemClock } = options;
  if (queues !== undefined) predefinedUrls(queues);
  if (!(Number.isInteger(maxAttempts) && maxAttempts > 0)) {
    throw new ImproperlyConfigured(`createSqsFetchTransport's maxAttempts is ${maxAttempts}; expected an integer above 0.`);
  }
  const transport = createLate(async () => {
    const { openLean } = await import('./open.ts');
    return openLean(options, clock);
  });
  return ofOneRequest(transport);
}
