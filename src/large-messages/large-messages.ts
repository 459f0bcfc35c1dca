/** The seam to where the arguments of large messages go: what is too large for the queue is put there, and its message says so. */

import type { LargeMessageName } from './name.ts';

/** Where an extended client of AWS says that it put a message. */
export interface AwsPointer {
  readonly bucket: string;
  readonly key: string;
}

export interface LargeMessages {
  /**
   * Bytes of a message, attributes included, above which its arguments are put elsewhere; default what the transport carries less 16 KiB,
   * which leave room for what is added on the way: a signature, the count of hops, the reason on a dead letter.
   */
  readonly thresholdBytes?: number;
  /** Bytes of one payload that are put or fetched, at most. */
  readonly maxBytes: number;
  /** Puts the payload. It makes the place from the name it is given, and from nothing else. Rejects with OperationalError. */
  put(name: LargeMessageName, payload: Uint8Array): Promise<void>;
  /** Undefined when it is gone. Rejects with OperationalError when that cannot be found out, with DecodeError when it is above maxBytes. */
  get(name: LargeMessageName): Promise<Uint8Array | undefined>;
  /**
   * The whole message that a pointer of AWS's extended clients stands for; `foreign` where it names a place that was not configured.
   * Rejects as `get` does. Absent: no such pointer is understood.
   */
  follow?(pointer: AwsPointer): Promise<Uint8Array | 'gone' | 'foreign'>;
  /** Lets go of sockets and clients. */
  close?(): Promise<void>;
}
