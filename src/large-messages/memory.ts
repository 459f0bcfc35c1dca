/** Large messages in this process, for tests and for trying things out. */

import { DecodeError } from '../errors.ts';
import type { LargeMessages } from './large-messages.ts';
import { placeOf } from './name.ts';
import { checkSizes, DEFAULT_MAX_BYTES, type Sizes } from './sizes.ts';

export type MemoryLargeMessagesOptions = Sizes;

/** A store that can be looked into. */
export interface MemoryLargeMessages extends LargeMessages {
  /** Payloads by place, `<task id>/<digest>`. What is changed there is changed in the store. */
  readonly payloads: Map<string, Uint8Array>;
}

/**
 * A store in this process. It follows no pointers.
 *
 * @throws ImproperlyConfigured for a size that is none
 * @example const largeMessages = createMemoryLargeMessages({ thresholdBytes: 1000 });
 */
export function createMemoryLargeMessages(options: MemoryLargeMessagesOptions = {}): MemoryLargeMessages {
  checkSizes(options, 'createMemoryLargeMessages');
  const { thresholdBytes, maxBytes = DEFAULT_MAX_BYTES } = options;
  const payloads = new Map<string, Uint8Array>();
  return {
    payloads,
    maxBytes,
    ...(thresholdBytes !== undefined && { thresholdBytes }),
    async put(name, payload) {
      payloads.set(placeOf(name), payload.slice());
    },
    async get(name) {
      const payload = payloads.get(placeOf(name));
      if (payload !== undefined && payload.byteLength > maxBytes) {
        throw new DecodeError('too-large', `The payload has ${payload.byteLength} bytes; at most ${maxBytes} are fetched (maxBytes).`);
      }
      return payload?.slice();
    },
  };
}
