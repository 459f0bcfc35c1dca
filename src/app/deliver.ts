/** One message on its way: at once, with a delay, or through the scheduler, as planned. */

import { isCeleryError, type OperationalError } from '../errors.ts';
import { isFifo, type Outgoing, type Receipt } from '../transports/transport.ts';
import type { Connected } from './connection.ts';
import { planWait, type WaitPlan } from './delay.ts';
import { hasOwnAttributes, nextHop } from './hops.ts';
import type { RetryPolicy } from './options.ts';
import { sendWithRetry } from './publish-retry.ts';

/** A message and the moment it waits for. */
export interface Departure {
  readonly outgoing: Outgoing;
  /** Milliseconds since 1970; undefined or past is at once. */
  readonly etaMs: number | undefined;
  readonly taskId: string;
  readonly retries: number;
}

/** Sends it the way that fits its wait; the receipt of a schedule names the schedule. */
export async function deliver(departure: Departure, policy: RetryPolicy | undefined, connected: Connected): Promise<Receipt> {
  const plan = planOf(departure, connected);
  if (plan.via === 'schedule') {
    const scheduled = await schedule(departure, plan.atMs, connected);
    if (scheduled !== undefined) return scheduled;
  }
  const { transport, clock } = connected;
  const [receipt] = await sendWithRetry(transport, [delayed(departure.outgoing, plan, transport.limits.delaySeconds)], policy, clock);
  return receipt!;
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

const byteLength = (text: string): number => new TextEncoder().encode(text).byteLength;

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
