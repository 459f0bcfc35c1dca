/** How much a reader takes on: every bound a hostile or broken message could otherwise push. */

export interface ReadLimits {
  /** Characters of the message as received. Default 1 MiB, all that SQS carries. */
  readonly messageBytes: number;
  /** Bytes of a body after decompression. Default 8 MiB. */
  readonly decompressedBytes: number;
  /** Nesting of arrays and objects, in the envelope and in the body each. Default 64. */
  readonly depth: number;
  /**
   * Items of arrays and members of objects, and these themselves, in a body; in an envelope it is always the default. Default 262 144: a
   * value may take a hundred times the memory of its text, and a thousand bytes of a compressed body stand for millions of values.
   */
  readonly values: number;
}

export const DEFAULT_LIMITS: ReadLimits = Object.freeze({
  messageBytes: 1_048_576,
  decompressedBytes: 8_388_608,
  depth: 64,
  values: 262_144,
});

/** Positional arguments of a task: they are put on the stack of a call, which has no room for many more. */
export const MAX_ARGUMENTS = 65_536;
