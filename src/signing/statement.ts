/** The signature as it travels, `v1.<key>.<milliseconds>.<code>.<queue>`, and the statement that its code is made over. */

import { sha256 } from '../node-crypto.ts';
import type { Envelope } from '../wire/message.ts';
import { canonicalEnvelope } from './canonical.ts';

/** What a signature says of itself, each part under the code. */
export interface Claims {
  readonly keyId: string;
  /** From when on its age counts, milliseconds since 1970, as text. */
  readonly time: string;
  /** The queue it is for, by the name its receiver knows. The last part: the name may have dots. */
  readonly queue: string;
}

/** The code is 32 bytes in 43 digits of base64url. */
const SIGNATURE = /^v1\.([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{43})\.(.+)$/s;

/** What the code is made over: short whatever the message's size, so that a key that lives elsewhere takes it (KMS: 4096 bytes). */
export function statementOf({ keyId, time, queue }: Claims, envelope: Envelope): Uint8Array {
  const digest = sha256(canonicalEnvelope(envelope), 'Signing').digest('base64url');
  return Buffer.from(JSON.stringify(['celeriac v1', keyId, time, queue, digest]));
}

export function writeSignature({ keyId, time, queue }: Claims, code: Uint8Array): string {
  return `v1.${keyId}.${time}.${Buffer.from(code).toString('base64url')}.${queue}`;
}

/** Undefined for what is no signature of this version, or spells its code in a way that nobody writes. */
export function readSignature(text: unknown): { readonly claims: Claims; readonly code: Uint8Array } | undefined {
  const found = typeof text === 'string' ? SIGNATURE.exec(text) : null;
  if (found === null) return undefined;
  const [, keyId = '', time = '', digits = '', queue = ''] = found;
  const code = Buffer.from(digits, 'base64url');
  return code.toString('base64url') === digits ? { claims: { keyId, time, queue }, code } : undefined;
}
