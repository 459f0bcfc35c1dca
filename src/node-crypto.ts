/**
 * Node's crypto, reached when it is needed and not by an import: that takes three times as long, for its Web Crypto comes along, and it
 * fails where there is no Node.
 */

import type * as Crypto from 'node:crypto';
import { ImproperlyConfigured } from './errors.ts';

/** Undefined where there is none, as in a Cloudflare Worker without the flag nodejs_compat. */
export const nodeCrypto = (): typeof Crypto | undefined => globalThis.process?.getBuiltinModule?.('node:crypto');

/** For what cannot do without; `wanted` says what that is, like 'Signing'. @throws ImproperlyConfigured where there is none */
export function neededCrypto(wanted: string): typeof Crypto {
  const found = nodeCrypto();
  if (found !== undefined) return found;
  throw new ImproperlyConfigured(
    `${wanted} takes node:crypto, and this runtime has none; a Cloudflare Worker has it with the compatibility flag nodejs_compat.`,
  );
}

/** SHA-256 of bytes, or of text as UTF-8, ready for `digest()`. @throws ImproperlyConfigured where there is no node:crypto */
export const sha256 = (data: string | Uint8Array, wanted: string): Crypto.Hash => neededCrypto(wanted).createHash('sha256').update(data);
