/** Signing with Web Crypto, for runtimes without node:crypto. */

import { authorization, canonicalRequest, keySteps, type Signer, type SigningScope, stringToSign } from './signature.ts';

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

interface KeptKey {
  readonly secret: string;
  /** What the key is good for: day, region and service. */
  readonly steps: string;
  readonly key: CryptoKey;
}

/**
 * The last key of a day, for all: in some runtimes a transport lives no longer than one request, and deriving takes ten steps. What is
 * kept is a key, never the promise of one: there one request must not wait for what another one has begun.
 */
let kept: KeptKey | undefined;

export function createWebSigner({ subtle }: Pick<Crypto, 'subtle'>, scope: SigningScope): Signer {
  const utf8 = new TextEncoder();
  const toKey = (bytes: BufferSource): Promise<CryptoKey> => subtle.importKey('raw', bytes, HMAC, false, ['sign']);
  const hmac = async (key: CryptoKey, text: string): Promise<ArrayBuffer> => subtle.sign('HMAC', key, utf8.encode(text));
  const hash = async (text: string): Promise<string> => toHex(await subtle.digest('SHA-256', utf8.encode(text)));

  const keyOf = async (secret: string, stamp: string): Promise<CryptoKey> => {
    const steps = keySteps(stamp, scope);
    const joined = steps.join('/');
    if (kept?.secret === secret && kept.steps === joined) return kept.key;
    let key = await toKey(utf8.encode(`AWS4${secret}`));
    for (const step of steps) key = await toKey(await hmac(key, step));
    kept = { secret, steps: joined, key };
    return key;
  };

  return {
    async sign(request, { accessKeyId, secretAccessKey }, stamp) {
      const [key, bodyHash] = await Promise.all([keyOf(secretAccessKey, stamp), hash(request.body)]);
      const text = stringToSign(stamp, scope, await hash(canonicalRequest(request, bodyHash)));
      return authorization(request, accessKeyId, stamp, scope, toHex(await hmac(key, text)));
    },
  };
}

function toHex(bytes: ArrayBuffer): string {
  let hex = '';
  for (const byte of new Uint8Array(bytes)) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}
