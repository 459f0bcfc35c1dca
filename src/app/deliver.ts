/** Messages on their way: at once, with a delay, or through the scheduler, as planned. */

import { allEnded } from '../all-ended.ts';
import type { RetryPolicy } from '../canvas/call-options.ts';
import { isCeleryError, type OperationalError } from '../errors.ts';
import { byteLength } from '../transports/message-bytes.ts';
import { isFifo, type Outgoing, type Receipt } from '../transports/transport.ts';
import type { Connected } from './connection.ts';
import { planWait, type WaitPlan } from './delay.ts';
import { hasOwnAttributes, nextHop } from './hops.ts';
import { sendInOrder } from './in-order.ts';
import { sendWithRetry } from './publish-retry.ts';

/** A message and the moment it waits for. */
export interface Departure {
  readonly outgoing: Outgoing;
  /** Milliseconds since 1970; undefined or past is at once. */
  readonly etaMs: number | undefined;
  /** When its task may run, where that is later than the wait it is sent with: a signature is dated by it. */
  readonly dueMs?: number | undefined;
  readonly task: string;
  readonly taskId: string;
  readonly retries: number;
}

/** Sends it the way that fits its wait; the receipt of a schedule names the schedule. */
export async function deliver(departure: Departure, policy: RetryPolicy | undefined, connected: Connected): Promise<Receipt> {
  const [receipt] = await deliverAll([departure], policy, connected);
  return receipt!;
}

/**
 * Sends each the way that fits its wait, and all that go by the queue together; answers in the order given.
 * Most wait for nothing: for those there is no promise here beside that of the sending.
 */
export function deliverAll(
  departures: readonly Departure[],
  policy: RetryPolicy | undefined,
  connected: Connected,
): Promise<readonly Receipt[]> {
  if (departures.some(({ etaMs, outgoing }) => etaMs !== undefined && !isFifo(outgoing.queue)))
    return deliverPlanned(departures, policy, connected);
  return sendByQueue(
    departures.map(({ outgoing }) => outgoing),
    policy,
    connected,
  );
}

async function deliverPlanned(
  departures: readonly Departure[],
  policy: RetryPolicy | undefined,
  connected: Connected,
): Promise<readonly Receipt[]> {
  const { transport } = connected;
  const plans = departures.map((departure) => planOf(departure, connected));
  const receipts: (Receipt | undefined)[] = await allEnded(
    departures.map(async (departure, index) => {
      const plan = plans[index]!;
      return plan.via === 'schedule' ? await schedule(departure, plan.atMs, connected) : undefined;
    }),
  );
  const byQueue = departures.flatMap((_, index) => (receipts[index] === undefined ? [index] : []));
  const batch = byQueue.map((index) => delayed(departures[index]!.outgoing, plans[index]!, transport.limits.delaySeconds));
  const sent = await sendByQueue(batch, policy, connected);
  byQueue.forEach((index, position) => {
    receipts[index] = sent[position];
  });
  return receipts as readonly Receipt[];
}

/** To standard queues all together, to each FIFO queue in its own order. */
function sendByQueue(batch: readonly Outgoing[], policy: RetryPolicy | undefined, connected: Connected): Promise<readonly Receipt[]> {
  if (connected.transport.runsTasks !== true && batch.some(({ queue }) => isFifo(queue))) return sendOrdered(batch, policy, connected);
  return batch.length === 0 ? Promise.resolve([]) : sendWithRetry(connected.transport, batch, policy, connected.clock);
}

async function sendOrdered(
  batch: readonly Outgoing[],
  policy: RetryPolicy | undefined,
  { transport, clock }: Connected,
): Promise<readonly Receipt[]> {
  const ordered = new Set(batch.filter(({ queue }) => isFifo(queue)).map(({ queue }) => queue));
  const receipts: Receipt[] = [];
  const sendPart = async (belongs: (queue: string) => boolean, send: typeof sendWithRetry): Promise<void> => {
    const places = batch.flatMap(({ queue }, index) => (belongs(queue) ? [index] : []));
    if (places.length === 0) return;
    const part = places.map((index) => batch[index]!);
    const sent = await send(transport, part, policy, clock);
    places.forEach((index, position) => {
      receipts[index] = sent[position]!;
    });
  };
  await allEnded([
    sendPart((queue) => !ordered.has(queue), sendWithRetry),
    ...Array.from(ordered, (fifo) => sendPart((queue) => queue === fifo, sendInOrder)),
  ]);
  return receipts;
}

function planOf({ outgoing, etaMs }: Departure, { transport, clock, scheduler }: Connected): WaitPlan {
  if (etaMs === undefined) return { via: 'now' };
  const { queue, body, attributes, messageGroupId } = outgoing;
  return planWait({
    etaMs,
    nowMs: clock.now(),
    fifo: isFifo(queue),
    longestDelaySeconds: transport.limits.delaySeconds,
    scheduler: scheduler?.limits,
    bytes: scheduler === undefined ? 0 : byteLength(body),
    hasAttributes: hasOwnAttributes(attributes) || messageGroupId !== undefined,
  });
}

/** Undefined when nothing was scheduled for certain: then the wait goes by hops. */
async function schedule(
  { outgoing, taskId, retries, etaMs }: Departure,
  atMs: number,
  { scheduler, logger }: Connected,
): Promise<Receipt | undefined> {
  const { scheduleName } = await import('../schedulers/schedule-name.ts');
  const { queue, ownName, body } = outgoing;
  const name = scheduleName(taskId, retries, etaMs!);
  try {
    await scheduler!.schedule({ name, atMs, queue, body, ...(ownName === true && { ownName }) });
    return { ok: true, messageId: name };
  } catch (error) {
    if (!isCeleryError(error)) throw error;
    if ((error as OperationalError).retryable === true) return { ok: false, error };
    logger?.warn({ message: 'not scheduled, waiting by hops', id: taskId, queue, error: error.message });
    return undefined;
  }
}

function delayed(outgoing: Outgoing, plan: WaitPlan, longestSeconds: number): Outgoing {
  if (plan.via === 'delay' || plan.via === 'hop') return { ...outgoing, delaySeconds: plan.seconds };
  return plan.via === 'schedule' ? { ...outgoing, delaySeconds: longestSeconds } : outgoing;
}

/** One hop more on a message that is sent on; the reason when there is to be none. */
export function countHop(outgoing: Outgoing): Outgoing | { readonly reason: string } {
  const hop = nextHop(outgoing.attributes);
  return hop.ok ? { ...outgoing, attributes: hop.attributes } : { reason: hop.reason };
}
