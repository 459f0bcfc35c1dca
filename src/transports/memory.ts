/**
 * The transport that keeps its messages in this process, for tests and for trying things out. It has SQS's limits and manners;
 * delays, visibility, deduplication and waiting go by the injected clock.
 */

import { type Clock, systemClock } from '../clock.ts';
import { OperationalError, QueueNotFound } from '../errors.ts';
import { sleep } from '../timers.ts';
import { refusal, visibilitySeconds } from './limits.ts';
import { createMemoryQueue, type MemoryQueue, type StoredMessage } from './memory-queue.ts';
import { messageBytes } from './message-bytes.ts';
import { SQS_LIMITS } from './sqs-limits.ts';
import type { Delivery, Inbox, Outgoing, Receipt, ReceiveOptions, Transport } from './transport.ts';

export type { StoredMessage } from './memory-queue.ts';

export interface MemoryTransportOptions {
  /** Default: the system's clock. One without `sleep` tells the time alone; waiting then takes real time. */
  readonly clock?: Clock;
  /** How long a received message stays hidden unless done or postponed. Default 30. */
  readonly visibilityTimeoutSeconds?: number;
  /** Receives before a message goes to its dead-letter queue. Default 5; without effect for queues that have none. */
  readonly maxReceiveCount?: number;
  /** Queue to dead-letter queue. */
  readonly deadLetterQueues?: Readonly<Record<string, string>>;
  /** The queues there are; any other is QueueNotFound. Default: every queue exists as soon as it is named. */
  readonly queues?: readonly string[];
}

/** A transport whose queues can be looked into. */
export interface MemoryTransport extends Transport {
  readonly inbox: Inbox;
  /** What lies in a queue, oldest first, the delayed and the received included. Looking changes nothing. */
  messages(queue: string): readonly StoredMessage[];
}

/**
 * Queues in this process. A name ending in `.fifo` makes a FIFO queue.
 *
 * @example const transport = createMemoryTransport({ clock });
 */
export function createMemoryTransport(options: MemoryTransportOptions = {}): MemoryTransport {
  const clock = options.clock ?? systemClock;
  const hiddenMs = (options.visibilityTimeoutSeconds ?? 30) * 1000;
  const deadLetterQueues = new Map(Object.entries(options.deadLetterQueues ?? {}));
  const declared = options.queues && new Set([...options.queues, ...deadLetterQueues.values()]);
  const queues = new Map<string, MemoryQueue>();
  const waiting = new Map<string, Set<() => void>>();

  const find = (name: string): MemoryQueue | undefined => {
    const known = queues.get(name);
    if (known !== undefined || declared?.has(name) === false) return known;
    const made = createMemoryQueue(name);
    queues.set(name, made);
    return made;
  };

  const queueOf = (name: string): MemoryQueue => {
    const queue = find(name);
    if (queue === undefined) throw notFound(name);
    return queue;
  };

  const wake = (name: string): void => {
    for (const look of waiting.get(name) ?? []) look();
  };

  const sendOne = (message: Outgoing): Receipt => {
    const error = refusal(message, messageBytes(message));
    if (error !== undefined) return { ok: false, error };
    const queue = find(message.queue);
    if (queue === undefined) return { ok: false, error: notFound(message.queue) };
    return { ok: true, messageId: queue.put(message, clock.now()) };
  };

  const take = (name: string, max: number): readonly Delivery[] => {
    const deadLetterQueue = deadLetterQueues.get(name);
    const maxReceiveCount = deadLetterQueue === undefined ? Number.POSITIVE_INFINITY : (options.maxReceiveCount ?? 5);
    const { deliveries, buried } = queueOf(name).take(clock.now(), { max, hiddenMs, maxReceiveCount });
    if (deadLetterQueue !== undefined && buried.length > 0) {
      for (const parcel of buried) queueOf(deadLetterQueue).bury(parcel, clock.now());
      wake(deadLetterQueue);
    }
    return deliveries;
  };

  /** Until something may have changed: a message came or is due, or the wait is over. */
  const change = (name: string, over: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const changed = new AbortController();
      const looks = waiting.get(name) ?? new Set();
      waiting.set(name, looks);
      const look = (): void => {
        looks.delete(look);
        over.removeEventListener('abort', look);
        changed.abort();
        resolve();
      };
      looks.add(look);
      over.addEventListener('abort', look);
      const dueAt = queueOf(name).nextVisibleAt(clock.now());
      if (dueAt !== undefined) void sleep(clock, dueAt - clock.now(), changed.signal).then(look);
    });

  const wait = async (name: string, max: number, seconds: number, signal: AbortSignal | undefined): Promise<readonly Delivery[]> => {
    const over = new AbortController();
    const end = (): void => over.abort();
    signal?.addEventListener('abort', end);
    void sleep(clock, seconds * 1000, over.signal).then(end);
    let deliveries: readonly Delivery[] = [];
    while (deliveries.length === 0 && !over.signal.aborted) {
      await change(name, over.signal);
      if (!signal?.aborted) deliveries = take(name, max);
    }
    end();
    signal?.removeEventListener('abort', end);
    return deliveries;
  };

  const receive = async (name: string, { max = 10, waitSeconds = 0, signal }: ReceiveOptions = {}): Promise<readonly Delivery[]> => {
    if (signal?.aborted) return [];
    const most = Math.min(Math.max(max, 1), 10);
    const deliveries = take(name, most);
    return deliveries.length > 0 || waitSeconds <= 0 ? deliveries : wait(name, most, waitSeconds, signal);
  };

  return {
    limits: SQS_LIMITS,
    async send(batch) {
      const receipts = batch.map(sendOne);
      for (const name of new Set(batch.map(({ queue }) => queue))) wake(name);
      return receipts;
    },
    messages: (queue) => queueOf(queue).list(clock.now()),
    inbox: {
      receive,
      async done(delivery) {
        queueOf(delivery.queue).remove(delivery);
        wake(delivery.queue);
      },
      async postpone(delivery, seconds) {
        const now = clock.now();
        if (!queueOf(delivery.queue).hide(delivery, now, now + visibilitySeconds(seconds) * 1000)) {
          throw new OperationalError(`Message ${delivery.messageId} is no longer in flight under this receipt.`, { retryable: false });
        }
        wake(delivery.queue);
      },
    },
  };
}

function notFound(queue: string): QueueNotFound {
  return new QueueNotFound(queue, { hint: 'Add it to `queues` of createMemoryTransport, or correct the name.' });
}
