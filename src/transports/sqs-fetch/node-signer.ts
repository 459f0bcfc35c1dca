/** Signing with node:crypto, at once. */

import { authorization, canonicalRequest, dayOf, keySteps, type Signer, type SigningScope, stringToSign } from './signature.ts';

type Crypto = Pick<typeof import('node:crypto'), 'createHmac' | 'createSecretKey' | 'hash'>;
type Key = ReturnType<Crypto['createSecretKey']>;

/** The key of a day is derived once and kept, as a KeyObject: with bytes each HMAC costs five times as much. */
export function createNodeSigner({ createHmac, createSecretKey, hash }: Crypto, scope: SigningScope): Signer {
  let last: { readonly secret: string; readonly day: string; readonly key: Key } | undefined;

  const keyOf = (secret: string, stamp: string): Key => {
    const day = dayOf(stamp);
    if (last === undefined || last.secret !== secret || last.day !== day) {
      let key = createSecretKey(`AWS4${secret}`, 'utf8');
      for (const step of keySteps(stamp, scope)) key = createSecretKey(createHmac('sha256', key).update(step).digest());
      last = { secret, day, key };
    }
    return last.key;
  };

  return {
    sign(request, { accessKeyId, secretAccessKey }, stamp) {
      const canonical = canonicalRequest(request, hash('sha256', request.body));
      const text = stringToSign(stamp, scope, hash('sha256', canonical));
      const signature = createHmac('sha256', keyOf(secretAccessKey, stamp)).update(text).digest('hex');
      return authorization(request, accessKeyId, stamp, scope, signature);
    },
  };
}
