/** Signs a message again that was changed on purpose: a dead letter that goes back with other retries, or to another queue. */

import type { Delivery, Outgoing } from '../transports/transport.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { SIGNATURE_PROPERTY } from './canonical.ts';
import { checkSignature } from './check.ts';
import { type Sealing, seal } from './seal.ts';
import { readSignature } from './statement.ts';

/**
 * What is sent instead of a delivery. Only what was rightly signed is signed again; what was not goes on just as it came, so that its receiver
 * finds what is wrong with it. What may come unsigned stays unsigned.
 *
 * @param delivery as it came, `queue` being the one it was signed for, by the transport's own name
 * @throws as seal and checkSignature do
 */
export async function reseal(outgoing: Outgoing, delivery: Delivery, sealing: Sealing): Promise<Outgoing> {
  const { signing, fromMs } = sealing;
  if ((await checkSignature(delivery, signing, fromMs)) !== undefined) return { ...outgoing, body: delivery.body };
  const signedMs = dateOf(delivery.body);
  // One that waits for its eta stays dated by it.
  return signedMs === undefined ? outgoing : await seal(outgoing, { ...sealing, fromMs: Math.max(fromMs, signedMs) });
}

/** Undefined when it has no signature, as it may where it came from. */
function dateOf(body: string): number | undefined {
  try {
    const signature = readSignature(openEnvelope(body).properties[SIGNATURE_PROPERTY]);
    return signature && Number(signature.claims.time);
  } catch {
    return undefined;
  }
}
