/** A script that Redis runs in one step, and what Redis calls it. */

import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly text: string;
  /** How many of the first arguments are keys. */
  readonly keys: number;
}

/** As Redis names scripts, and tells values apart. */
export function sha1Of(data: string | Uint8Array): string {
  return createHash('sha1').update(data).digest('hex');
}
