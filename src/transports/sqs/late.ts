/** What both transports of SQS are to their users: the parts behind them are opened for the first message, and no sooner. */

import { keptOpen } from '../../kept.ts';
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
  const { open: parts, ifOpen, close } = keptOpen(open);
  return {
    limits: SQS_LIMITS,
    send: async (batch) => (await parts()).send(batch),
    // What was sent before this waits for the same parts, and is given them first.
    flush: () => ifOpen((opened) => opened.flush()),
    nameOf: async (queue) => (await parts()).nameOf(queue),
    inbox: {
      receive: async (queue, how) => (await parts()).inbox.receive(queue, how),
      done: async (delivery) => (await parts()).inbox.done(delivery),
      postpone: async (delivery, seconds) => (await parts()).inbox.postpone(delivery, seconds),
    },
    close,
  };
}
