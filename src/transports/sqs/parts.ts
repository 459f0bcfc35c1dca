/** The working parts of the transport, put together: what is imported when the first message is sent or asked for. */

import type { Clock } from '../../clock.ts';
import { coalesce } from '../../coalesce.ts';
import { type Inbox, isFifo, type Outgoing, type Receipt, type Transport } from '../transport.ts';
import type { SqsApi } from './api.ts';
import { createQueueUrls, type QueueOptions } from './queues.ts';
import { createInbox } from './receive.ts';
import { createSend } from './send.ts';

export interface SqsParts {
  readonly send: Transport['send'];
  nameOf(queue: string): string;
  readonly inbox: Inbox;
  close(): Promise<void>;
}

export function openParts(api: SqsApi, options: QueueOptions, clock: Clock): SqsParts {
  const queues = createQueueUrls(api, options);
  return {
    send: together(createSend(api, queues)),
    nameOf: (queue) => queues.name({ queue }),
    inbox: createInbox(api, queues, clock),
    close: () => api.close(),
  };
}

/** What is sent in one turn shares its requests. On FIFO queues one call follows the other, so that the order they were sent in holds. */
function together(send: Transport['send']): Transport['send'] {
  const standard = coalesce<Outgoing, Receipt>(send);
  const fifo = coalesce<Outgoing, Receipt>(send, { atOnce: 1 });
  return async (batch) => {
    const isOrdered = batch.some(({ queue }) => isFifo(queue));
    return await (isOrdered ? fifo : standard)(batch);
  };
}
