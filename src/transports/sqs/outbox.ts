/**
 * What waits to be sent, by queue, and the requests that take it. What comes in one turn of the event loop, or within the linger,
 * shares requests; each message is answered by its own entry as soon as its request has ended.
 */

import { type Clock, systemClock } from '../../clock.ts';
import { ImproperlyConfigured } from '../../errors.ts';
import { startTimer } from '../../timers.ts';
import { atEndOfTurn } from '../../turns.ts';
import { isFifo, type Outgoing, type Receipt } from '../transport.ts';
import { batchEnd, MAX_ENTRIES } from './batches.ts';

export interface OutboxOptions {
  /**
   * Milliseconds after a request in which what comes for the same queue is gathered, unless it fills a request of ten; default 0:
   * only what comes in one turn of the event loop is. What comes alone never waits.
   */
  readonly lingerMs?: number;
  /** SendMessageBatch requests under way at a time, of all queues together; default 8. To a FIFO queue there is one at a time. */
  readonly maxInFlight?: number;
}

/** A message that is fit to send, and where its receipt goes. */
export interface Parcel {
  readonly message: Outgoing;
  readonly bytes: number;
  readonly settle: (receipt: Receipt) => void;
}

/** Sends one batch; answers in its order, and never rejects. */
export type SendBatch = (url: string, batch: readonly Parcel[]) => Promise<readonly Receipt[]>;

export interface Outbox {
  put(url: string, parcel: Parcel): void;
  /** Resolves once nothing waits and nothing is under way; until then nothing lingers. */
  flush(): Promise<void>;
}

interface Lane {
  readonly url: string;
  /** One request after the other, and nothing overtakes what has to be sent again. */
  readonly isOrdered: boolean;
  parcels: Parcel[];
  /** The first of `parcels` that waits. */
  head: number;
  underWay: number;
  /** When a request that is not full may go, on the clock. */
  readyAtMs: number;
}

export interface LaneRules {
  /** Whether those behind this one, in its group, have to wait until it was sent again. */
  readonly holdsBack: (receipt: Receipt) => boolean;
  readonly groupOf: (message: Outgoing) => string;
  /** What becomes of them. */
  readonly heldBack: (message: Outgoing) => Receipt;
}

/** @throws ImproperlyConfigured */
export function createOutbox(sendBatch: SendBatch, rules: LaneRules, options: OutboxOptions = {}, clock: Clock = systemClock): Outbox {
  const { lingerMs, maxInFlight } = checked(options);
  const lanes = new Map<string, Lane>();
  /** In the order of their turns. */
  const waiting = new Set<Lane>();
  let idle: (() => void)[] = [];
  let underWay = 0;
  let isPlanned = false;
  let lingering: (() => void) | undefined;

  const plan = (): void => {
    if (isPlanned || waiting.size === 0 || underWay >= maxInFlight) return;
    isPlanned = true;
    atEndOfTurn(go);
  };

  const isReady = (lane: Lane, nowMs: number): boolean => {
    if (lane.isOrdered && lane.underWay > 0) return false;
    const isOver = nowMs >= lane.readyAtMs || nowMs < lane.readyAtMs - lingerMs; // the clock was set back
    return isOver || lane.parcels.length - lane.head >= MAX_ENTRIES || idle.length > 0;
  };

  const go = (): void => {
    isPlanned = false;
    const nowMs = lingerMs > 0 ? clock.now() : 0;
    for (let started = true; started; ) {
      started = false;
      for (const lane of [...waiting]) {
        if (underWay >= maxInFlight) return;
        if (!isReady(lane, nowMs)) continue;
        start(lane, nowMs);
        started = true;
      }
    }
    linger(nowMs);
  };

  /** The lanes that are left gather more, or wait for a request of their own to end. */
  const linger = (nowMs: number): void => {
    lingering?.();
    lingering = undefined;
    const open = [...waiting].filter((lane) => !(lane.isOrdered && lane.underWay > 0));
    if (open.length === 0) return;
    lingering = startTimer(clock, Math.min(...open.map(({ readyAtMs }) => readyAtMs)) - nowMs, plan);
  };

  const start = (lane: Lane, nowMs: number): void => {
    const batch = take(lane);
    lane.readyAtMs = nowMs + lingerMs;
    lane.underWay += 1;
    underWay += 1;
    waiting.delete(lane);
    if (lane.parcels.length > lane.head) waiting.add(lane);
    void sendBatch(lane.url, batch).then((receipts) => ended(lane, batch, receipts));
  };

  const ended = (lane: Lane, batch: readonly Parcel[], receipts: readonly Receipt[]): void => {
    lane.underWay -= 1;
    underWay -= 1;
    if (lane.isOrdered) holdBack(lane, batch, receipts, rules);
    if (lane.parcels.length === 0) waiting.delete(lane);
    for (const [position, { settle }] of batch.entries()) settle(receipts[position]!);
    plan();
    if (underWay > 0 || waiting.size > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  };

  return {
    put(url, parcel) {
      let lane = lanes.get(url);
      if (lane === undefined) {
        lane = { url, isOrdered: isFifo(url), parcels: [], head: 0, underWay: 0, readyAtMs: 0 };
        lanes.set(url, lane);
      }
      lane.parcels.push(parcel);
      waiting.add(lane);
      plan();
    },
    async flush() {
      if (underWay === 0 && waiting.size === 0) return;
      plan();
      await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}

/** The next batch of a lane. What has gone is dropped now and then, not each time: a long lane would be copied over and over. */
function take(lane: Lane): readonly Parcel[] {
  const end = batchEnd(lane.parcels, lane.head);
  const batch = lane.parcels.slice(lane.head, end);
  lane.head = end;
  if (end >= 4096 || end * 2 >= lane.parcels.length) {
    lane.parcels = lane.parcels.slice(end);
    lane.head = 0;
  }
  return batch;
}

function holdBack(lane: Lane, batch: readonly Parcel[], receipts: readonly Receipt[], { holdsBack, groupOf, heldBack }: LaneRules): void {
  const stuck = new Set(batch.filter((_, position) => holdsBack(receipts[position]!)).map(({ message }) => groupOf(message)));
  if (stuck.size === 0) return;
  const left = lane.parcels.slice(lane.head);
  lane.parcels = left.filter(({ message }) => !stuck.has(groupOf(message)));
  lane.head = 0;
  for (const { message, settle } of left) if (stuck.has(groupOf(message))) settle(heldBack(message));
}

/** A linger is for gathering: seconds of it would be a wait. */
const LONGEST_LINGER_MS = 1000;

function checked({ lingerMs = 0, maxInFlight = 8 }: OutboxOptions): Required<OutboxOptions> {
  if (!(lingerMs >= 0 && lingerMs <= LONGEST_LINGER_MS)) {
    throw new ImproperlyConfigured(`lingerMs is ${lingerMs}; expected milliseconds from 0 to ${LONGEST_LINGER_MS}.`);
  }
  if (!(Number.isInteger(maxInFlight) && maxInFlight > 0)) {
    throw new ImproperlyConfigured(`maxInFlight is ${maxInFlight}; expected an integer above 0.`);
  }
  return { lingerMs, maxInFlight };
}
