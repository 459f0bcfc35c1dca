/** What both transports of SQS are to their users: the parts behind them are opened for the first message, and no sooner. */

import { kept } from '../../kept.ts';
import { SQS_LIMITS } from '../sqs-limits.ts';
import type { Inbox, Transport } from '../transport.ts';
import type { SqsParts } from './parts.ts';

export interface SqsTransport extends Transport {
  readonly inbox: Inbox;
  nameOf(queue: string): Promise<string>;
  flush(): Promise<void>;
  /** Closes the transport's own client; one that was given stays open. */
  close(): Promise<void>;
}

export function createLate(open: () => Promise<SqsParts>): SqsTransport {
  let opened = false;
  const parts = kept(async () => {
    const made = await open();
    opened = true;
    return made;
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
