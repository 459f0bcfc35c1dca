/** How often a message was sent on while it waits: counted in an attribute beside the body, which stays as it came. */

import type { MessageAttributes } from '../transports/transport.ts';

/** The attribute that carries the count, a Number. */
export const HOPS_ATTRIBUTE = 'celeriac.hops';

/** Hops that a message may make: 416 days of 15 minutes each. Beyond that its eta moves away from it, or someone's clock is wrong. */
export const MAX_HOPS = 40_000;

/** SQS takes ten; a message that has them already goes uncounted rather than not at all. */
const MAX_ATTRIBUTES = 10;

export type Hop = { readonly ok: true; readonly attributes: MessageAttributes } | { readonly ok: false; readonly reason: string };

/** The attributes for one more hop, or why there is to be none. */
export function nextHop(attributes: MessageAttributes = {}, maxHops = MAX_HOPS): Hop {
  const hops = hopsOf(attributes) + 1;
  if (hops > maxHops) {
    return {
      ok: false,
      reason: `The message was sent on ${maxHops} times to wait for its eta and is still too early; give it a nearer eta, or the app a scheduler.`,
    };
  }
  if (!Object.hasOwn(attributes, HOPS_ATTRIBUTE) && Object.keys(attributes).length >= MAX_ATTRIBUTES) return { ok: true, attributes };
  return { ok: true, attributes: { ...attributes, [HOPS_ATTRIBUTE]: { type: 'Number', value: String(hops) } } };
}

/** Hops made so far; anything but a whole number counts as none. */
export function hopsOf(attributes: MessageAttributes): number {
  const attribute = Object.hasOwn(attributes, HOPS_ATTRIBUTE) ? attributes[HOPS_ATTRIBUTE] : undefined;
  if (attribute?.type !== 'Number') return 0;
  const hops = Number(attribute.value);
  return Number.isSafeInteger(hops) && hops > 0 ? hops : 0;
}

/** True when there are attributes beside the count, which a schedule could not carry. */
export function hasOwnAttributes(attributes: MessageAttributes = {}): boolean {
  return Object.keys(attributes).some((name) => name !== HOPS_ATTRIBUTE);
}

/** The sender's own attributes, for a message that begins to count anew. */
export function withoutHops(attributes: MessageAttributes): MessageAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== HOPS_ATTRIBUTE));
}
