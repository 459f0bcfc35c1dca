/** The working parts of the transport, put together: what is imported when the first message is sent or asked for. */

import type { Clock } from '../../clock.ts';
import type { Inbox, Transport } from '../transport.ts';
import { createSqsApi, type SqsClientOptions } from './client.ts';
import { createQueueUrls, type QueueOptions } from './queues.ts';
import { createInbox } from './receive.ts';
import { createSend } from './send.ts';

export interface SqsParts {
  readonly send: Transport['send'];
  readonly inbox: Inbox;
  close(): Promise<void>;
}

export function openParts(options: SqsClientOptions & QueueOptions, clock: Clock): SqsParts {
  const api = createSqsApi(options);
  const queues = createQueueUrls(api, options);
  return { send: createSend(api, queues), inbox: createInbox(api, queues, clock), close: () => api.close() };
}
