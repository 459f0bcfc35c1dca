/** How much a reader takes on: every bound a hostile or broken message could otherwise push. */

export interface ReadLimits {
  /** Characters of the message as received. Default 1 MiB, all that SQS carries. */
  readonly messageBytes: number;
  /** Bytes of a body after decompression. Default 8 MiB. */
  readonly decompressedBytes: number;
  /** Nesting of arrays and objects, in the envelope and in the body each. Default 64. */
  readonly depth: number;
}

export const DEFAULT_LIMITS: ReadLimits = Object.freeze({ messageBytes: 1_048_576, decompressedBytes: 8_388_608, depth: 64 });
