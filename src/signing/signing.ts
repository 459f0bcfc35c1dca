/** What signing is told: keys by id, the one that signs, and what is let through without a signature. The work is done in seal.ts and check.ts. */

/** A key that lives elsewhere, like one of KMS: it makes and checks the code itself. */
export interface SigningKey {
  /** HMAC-SHA-256 of the bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** Rejects only when it could not be found out; then the message is given back. */
  verify(bytes: Uint8Array, code: Uint8Array): Promise<boolean>;
}

export interface SigningOptions {
  /** Keys by id: at least 32 bytes each, as text or bytes, or a key that lives elsewhere. All are taken, so that keys can be changed. */
  readonly keys: Readonly<Record<string, string | Uint8Array | SigningKey>>;
  /** Id of the key that signs. */
  readonly current: string;
  /** Seconds after which a signature is not taken any more, from sending or from the eta on; default 15 days. */
  readonly maxAge?: number;
  /** Queues, as the receiver knows them, whose messages may come without a signature: those that Python sends to. Default none. */
  readonly unsignedFrom?: readonly string[];
}
