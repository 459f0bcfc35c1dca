/**
 * One queue in memory, behaving as SQS's do: delay, visibility, receive counts, redrive, and for `.fifo` names groups and
 * deduplication. It is told the time and decides; waiting and moving between queues are memory.ts's.
 */

import { deduplicationId, fifoGroup } from './limits.ts';
import { type Delivery, isFifo, type Outgoing } from './transport.ts';

const DEDUPLICATION_MS = 300_000;

/** A message lying in a queue. */
export interface StoredMessage extends Outgoing {
  readonly messageId: string;
  /** `ready` to be received, `delayed` until it may be, or `in-flight`: received and not done. */
  readonly state: 'ready' | 'delayed' | 'in-flight';
  readonly receiveCount: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** When it can be received next, milliseconds since 1970. */
  readonly visibleAt: number;
}

/** A message on its way through a queue; what changes is `visibleAt`, `receiveCount` and `receipt`. */
export interface Parcel {
  readonly message: Outgoing;
  readonly messageId: string;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
  /** Names the latest receive; an older one no longer opens the message. */
  receipt: object | undefined;
}

export interface Taken {
  readonly deliveries: readonly Delivery[];
  /** Received too often; for the dead-letter queue. */
  readonly buried: readonly Parcel[];
}

export interface TakeOptions {
  readonly max: number;
  readonly hiddenMs: number;
  /** Beyond so many receives a message is buried. */
  readonly maxReceiveCount: number;
}

export interface MemoryQueue {
  /** Keeps the message and gives its id; a FIFO duplicate gives the first one's id and is not kept. */
  put(message: Outgoing, now: number): string;
  /** Takes in a message that another queue buried. */
  bury(parcel: Parcel, now: number): void;
  take(now: number, options: TakeOptions): Taken;
  /** False when the receipt is not that of the latest receive. */
  remove(delivery: Delivery): boolean;
  /** False when the receipt is not that of the latest receive, or no longer hides the message. */
  hide(delivery: Delivery, now: number, until: number): boolean;
  /** When the next hidden message shows, or undefined when none is hidden. */
  nextVisibleAt(now: number): number | undefined;
  list(now: number): readonly StoredMessage[];
}

export function createMemoryQueue(name: string): MemoryQueue {
  const fifo = isFifo(name);
  const parcels = new Map<string, Parcel>();
  const seen = new Map<string, { readonly messageId: string; readonly until: number }>();

  const put = (message: Outgoing, now: number): string => {
    const first = fifo ? firstOfItsKind(message, now) : undefined;
    if (first !== undefined) return first;
    const messageId = crypto.randomUUID();
    const visibleAt = now + (message.delaySeconds ?? 0) * 1000;
    parcels.set(messageId, { message, messageId, sentAt: now, visibleAt, receiveCount: 0, receipt: undefined });
    if (fifo) seen.set(deduplicationId(message), { messageId, until: now + DEDUPLICATION_MS });
    return messageId;
  };

  const firstOfItsKind = (message: Outgoing, now: number): string | undefined => {
    for (const [id, { until }] of seen) {
      if (now < until) break;
      seen.delete(id);
    }
    return seen.get(deduplicationId(message))?.messageId;
  };

  /** A group with a message in flight gives no more until that one is done or visible again. */
  const lockedGroups = (now: number): ReadonlySet<string> => {
    const groups = new Set<string>();
    if (!fifo) return groups;
    for (const parcel of parcels.values()) if (parcel.visibleAt > now) groups.add(fifoGroup(parcel.message));
    return groups;
  };

  const take = (now: number, { max, hiddenMs, maxReceiveCount }: TakeOptions): Taken => {
    const deliveries: Delivery[] = [];
    const buried: Parcel[] = [];
    const locked = lockedGroups(now);
    for (const parcel of parcels.values()) {
      if (deliveries.length === max) break;
      if (parcel.visibleAt > now || (fifo && locked.has(fifoGroup(parcel.message)))) continue;
      if (parcel.receiveCount >= maxReceiveCount) {
        parcels.delete(parcel.messageId);
        buried.push(parcel);
        continue;
      }
      parcel.receiveCount += 1;
      parcel.visibleAt = now + hiddenMs;
      parcel.receipt = {};
      deliveries.push(toDelivery(name, parcel, fifo));
    }
    return { deliveries, buried };
  };

  const opened = (delivery: Delivery): Parcel | undefined => {
    const parcel = parcels.get(delivery.messageId);
    return parcel !== undefined && parcel.receipt === delivery.receipt ? parcel : undefined;
  };

  return {
    put,
    bury(parcel, now) {
      parcels.set(parcel.messageId, { ...parcel, visibleAt: now, receipt: undefined });
    },
    take,
    remove(delivery) {
      return opened(delivery) !== undefined && parcels.delete(delivery.messageId);
    },
    hide(delivery, now, until) {
      const parcel = opened(delivery);
      if (parcel === undefined || parcel.visibleAt <= now) return false;
      parcel.visibleAt = until;
      return true;
    },
    nextVisibleAt(now) {
      let next: number | undefined;
      for (const { visibleAt } of parcels.values()) {
        if (visibleAt > now && (next === undefined || visibleAt < next)) next = visibleAt;
      }
      return next;
    },
    list: (now) => [...parcels.values()].map((parcel) => toStored(name, parcel, now)),
  };
}

function toDelivery(queue: string, { message, messageId, sentAt, receiveCount, receipt }: Parcel, fifo: boolean): Delivery {
  const group = fifo ? fifoGroup(message) : message.messageGroupId;
  return {
    messageId,
    queue,
    body: message.body,
    receiveCount,
    sentAt,
    receipt,
    ...(group !== undefined && { messageGroupId: group }),
    ...(message.attributes !== undefined && Object.keys(message.attributes).length > 0 && { attributes: message.attributes }),
    ...(message.traceHeader !== undefined && { traceHeader: message.traceHeader }),
  };
}

function toStored(queue: string, { message, messageId, sentAt, visibleAt, receiveCount, receipt }: Parcel, now: number): StoredMessage {
  const hidden = receipt === undefined ? 'delayed' : 'in-flight';
  return { ...message, queue, messageId, state: visibleAt > now ? hidden : 'ready', receiveCount, sentAt, visibleAt };
}
