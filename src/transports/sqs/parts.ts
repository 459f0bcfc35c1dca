/** The working parts of a transport for SQS, put together: what is imported when the first message is sent or asked for. */

import type { Clock } from '../../clock.ts';
import type { Inbox, Transport } from '../transport.ts';
import type { SqsApi } from './api.ts';
import type { OutboxOptions } from './outbox.ts';
import { createQueueUrls, type QueueOptions } from './queues.ts';
import { createInbox } from './receive.ts';
import { createSend } from './send.ts';

export interface SqsParts {
  readonly send: Transport['send'];
  flush(): Promise<void>;
  nameOf(queue: string): string;
  readonly inbox: Inbox;
  close(): Promise<void>;
}

export function openParts(api: SqsApi, options: QueueOptions & OutboxOptions, clock: Clock): SqsParts {
  const queues = createQueueUrls(api, options);
  return {
    ...createSend(api, queues, options, clock),
    nameOf: (queue) => queues.name({ queue }),
    inbox: createInbox(api, queues, clock),
    close: () => api.close(),
  };
}
