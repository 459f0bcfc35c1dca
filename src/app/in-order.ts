/**
 * What goes to a FIFO queue goes one call after the other, its tries included: were they mixed, what is tried again would come behind
 * what was asked for later. What is asked for meanwhile goes together with the next call.
 */

import type { RetryPolicy } from '../canvas/call-options.ts';
import type { Clock } from '../clock.ts';
import { coalesce, type Together } from '../coalesce.ts';
import type { Outgoing, Receipt, Transport } from '../transports/transport.ts';
import { sendWithRetry } from './publish-retry.ts';

interface Asked {
  readonly outgoing: Outgoing;
  readonly policy: RetryPolicy | undefined;
  readonly clock: Clock;
}

type Lane = Together<Asked, Receipt>;

const lanes = new WeakMap<Transport, Map<string, Lane>>();

/** Sends what is for one FIFO queue; answers in the order given. */
export async function sendInOrder(
  transport: Transport,
  batch: readonly Outgoing[],
  policy: RetryPolicy | undefined,
  clock: Clock,
): Promise<readonly Receipt[]> {
  return await laneOf(transport, batch[0]!.queue)(batch.map((outgoing) => ({ outgoing, policy, clock })));
}

function laneOf(transport: Transport, queue: string): Lane {
  const known = lanes.get(transport) ?? new Map<string, Lane>();
  const made = known.get(queue) ?? coalesce((asked: readonly Asked[]) => sendRuns(transport, asked), { atOnce: 1 });
  lanes.set(transport, known.set(queue, made));
  return made;
}

/** Those that are tried again alike go together, one run after the other. */
async function sendRuns(transport: Transport, asked: readonly Asked[]): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  while (receipts.length < asked.length) {
    const { policy, clock } = asked[receipts.length]!;
    const end = asked.findIndex((one, index) => index > receipts.length && one.policy !== policy);
    const run = asked.slice(receipts.length, end === -1 ? undefined : end);
    const batch = run.map(({ outgoing }) => outgoing);
    for (const receipt of await sendWithRetry(transport, batch, policy, clock)) receipts.push(receipt);
  }
  return receipts;
}
