/**
 * './transports/sqs': Celery's queues on SQS, as kombu lays them out. Sending is send.ts, polling receive.ts, names and URLs
 * names.ts and queues.ts; the AWS SDK is client.ts's alone.
 */

import { type Clock, systemClock } from '../../clock.ts';
import { SQS_LIMITS } from '../limits.ts';
import type { Inbox, Transport } from '../transport.ts';
import { createSqsApi, type SqsClientOptions } from './client.ts';
import { createQueueUrls, type QueueOptions } from './queues.ts';
import { createInbox } from './receive.ts';
import { createSend } from './send.ts';

export type { SqsClient, SqsClientOptions, SqsCredentials } from './client.ts';
export { toSqsName } from './names.ts';
export type { PredefinedQueue, QueueOptions } from './queues.ts';

export interface SqsTransportOptions extends SqsClientOptions, QueueOptions {
  /** Keeps `postpone` within SQS's 12 hours since receipt. Default: the system's clock. */
  readonly clock?: Clock;
}

export interface SqsTransport extends Transport {
  readonly inbox: Inbox;
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
  const api = createSqsApi(options);
  const queues = createQueueUrls(api, options);
  return {
    limits: SQS_LIMITS,
    send: createSend(api, queues),
    inbox: createInbox(api, queues, options.clock ?? systemClock),
    close: () => api.close(),
  };
}
