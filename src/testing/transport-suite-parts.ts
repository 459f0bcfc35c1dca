/** What the transport suite's cases are made of: the transport under test, and small steps to take with it. */

import assert from 'node:assert/strict';
import type { CeleryError } from '../errors.ts';
import type { Delivery, Inbox, MessageAttributes, Outgoing, Receipt, Transport } from '../transports/transport.ts';

/** A transport set up for one case. */
export interface TransportUnderTest {
  readonly transport: Transport & { readonly inbox: Inbox };
  /** The name of a new, empty queue that hides a received message for `visibilityTimeoutSeconds`. */
  queue(kind?: 'standard' | 'fifo'): string;
  readonly visibilityTimeoutSeconds: number;
  /** Lets time pass: moves the clock, or waits where there is none. */
  pass(seconds: number): Promise<void>;
  /** A queue name that does not exist. */
  readonly missingQueue: string;
  close?(): Promise<void>;
}

/** A case's name, and what throws when the transport does otherwise. */
export type TransportCheck = readonly [name: string, check: (given: TransportUnderTest) => Promise<void>];

/** A message that says its id in its body. */
export function message(queue: string, id: string, more: Partial<Outgoing> = {}): Outgoing {
  return { queue, id, body: id, ...more };
}

export async function sent({ transport }: TransportUnderTest, ...batch: Outgoing[]): Promise<void> {
  for (const receipt of await transport.send(batch)) if (!receipt.ok) throw receipt.error;
}

/** Receives until so many have come or the queue gives no more, and does each. */
export async function drained({ transport }: TransportUnderTest, queue: string, count: number): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  while (found.length < count) {
    const some = await transport.inbox.receive(queue);
    if (some.length === 0) break;
    for (const delivery of some) await transport.inbox.done(delivery);
    found.push(...some);
  }
  return found;
}

export async function one({ transport }: TransportUnderTest, queue: string): Promise<Delivery> {
  const [delivery] = await transport.inbox.receive(queue, { max: 1 });
  return delivery ?? assert.fail(`Queue '${queue}' gave no message.`);
}

export function bodies(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ body }) => body);
}

export function names(receipts: readonly Receipt[]): readonly string[] {
  return receipts.map((receipt) => (receipt.ok ? 'ok' : receipt.error.name));
}

export function refusalOf(receipt: Receipt | undefined): CeleryError {
  return receipt?.ok === false ? receipt.error : assert.fail('The message was not refused.');
}

/** Bytes as numbers, so that a Buffer equals a Uint8Array. */
export function plain(attributes: MessageAttributes | undefined): unknown {
  if (attributes === undefined) return undefined;
  const values = Object.entries(attributes).map(([name, { type, value }]) => [name, type, typeof value === 'string' ? value : [...value]]);
  return values.sort();
}
