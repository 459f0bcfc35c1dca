/** What a large message is found by, and the place that stores make of it. */

import { sha256 } from '../node-crypto.ts';

/** Two payloads of one task have two names, so that neither takes the other's place. */
export interface LargeMessageName {
  readonly taskId: string;
  /** SHA-256 of the payload, in hexadecimal. */
  readonly sha256: string;
}

/** Ids that may stand in a place as they are: UUIDs, and what else is short and plain. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,128}$/;
const DIGEST = /^[0-9a-f]{64}$/;

const LARGE = 'Putting large messages elsewhere';

/** A digest is part of a place, so it is nothing but one. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

export function digestOf(payload: Uint8Array): string {
  return sha256(payload, LARGE).digest('hex');
}

/**
 * `<task id>/<digest>`. A task id is what its sender wrote: one that is not plain stands there as `~` and its SHA-256, so that none leads
 * to another's place, or out of the prefix.
 */
export function placeOf({ taskId, sha256: digest }: LargeMessageName): string {
  const id = PLAIN_ID.test(taskId) ? taskId : `~${sha256(taskId, LARGE).digest('hex')}`;
  return `${id}/${digest}`;
}
