/** The sizes that every store of large messages is told, and their defaults. */

import { ImproperlyConfigured } from '../errors.ts';

export interface Sizes {
  /** Bytes of a message above which its arguments are put into the store; default what the transport carries, less 16 KiB. */
  readonly thresholdBytes?: number;
  /** Bytes of one payload that are put or fetched, at most; default 8 MiB. */
  readonly maxBytes?: number;
}

/** Six megabytes of JSON. While a worker reads a message it needs six to twelve times the bytes of its payload. */
export const DEFAULT_MAX_BYTES = 8_388_608;

/** @throws ImproperlyConfigured */
export function checkSizes({ thresholdBytes, maxBytes }: Sizes, creator: string): void {
  for (const [name, value] of [
    ['thresholdBytes', thresholdBytes],
    ['maxBytes', maxBytes],
  ] as const) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw new ImproperlyConfigured(`${name} of ${creator} is ${String(value)}; expected a count of bytes, 1 or more.`);
    }
  }
}
