/** Signing with Web Crypto, for runtimes without node:crypto. */

import { authorization, canonicalRequest, dayOf, keySteps, type Signer, type SigningScope, stringToSign } from './signature.ts';

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

/** The key of a day is derived once and kept. */
export function createWebSigner({ subtle }: Pick<Crypto, 'subtle'>, scope: SigningScope): Signer {
  const utf8 = new TextEncoder();
  let last: { readonly secret: string; readonly day: string; readonly key: CryptoKey } | undefined;

  const toKey = (bytes: BufferSource): Promise<CryptoKey> => subtle.importKey('raw', bytes, HMAC, false, ['sign']);
  const hmac = async (key: CryptoKey, text: string): Promise<ArrayBuffer> => subtle.sign('HMAC', key, utf8.encode(text));
  const hash = async (text: string): Promise<string> => toHex(await subtle.digest('SHA-256', utf8.encode(text)));

  // A key that is being derived is not shared: where each request stands alone, one must not wait for another's promise.
  const keyOf = async (secret: string, stamp: string): Promise<CryptoKey> => {
    const day = dayOf(stamp);
    if (last?.secret === secret && last.day === day) return last.key;
    let key = await toKey(utf8.encode(`AWS4${secret}`));
    for (const step of keySteps(stamp, scope)) key = await toKey(await hmac(key, step));
    last = { secret, day, key };
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
