/** Signing options checked, once for each object of them: what a sender and a receiver look their keys up in. */

import { ImproperlyConfigured } from '../errors.ts';
import { neededCrypto } from '../node-crypto.ts';
import type { SigningKey, SigningOptions } from './signing.ts';

export interface Keyring {
  readonly current: { readonly id: string; readonly key: SigningKey };
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly maxAgeMs: number;
  readonly unsignedFrom: ReadonlySet<string>;
}

/** As long as the code itself; a shorter one is the weaker part (RFC 2104). */
const MIN_KEY_BYTES = 32;
/** 14 days that SQS keeps a message, and one for its waits. */
const DEFAULT_MAX_AGE_SECONDS = 15 * 86_400;
/** Within the signature an id ends at a dot. */
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

const checked = new WeakMap<SigningOptions, Keyring>();

/** @throws ImproperlyConfigured */
export function keyringOf(options: SigningOptions): Keyring {
  const known = checked.get(options);
  if (known !== undefined) return known;
  const keyring = createKeyring(options);
  checked.set(options, keyring);
  return keyring;
}

function createKeyring({ keys: given, current, maxAge = DEFAULT_MAX_AGE_SECONDS, unsignedFrom = [] }: SigningOptions): Keyring {
  const keys = new Map(Object.entries(given ?? {}).map(([id, key]) => [checkedId(id), toKey(id, key)]));
  const key = keys.get(current);
  if (key === undefined) {
    const known = [...keys.keys()].map((id) => `'${id}'`).join(', ');
    throw new ImproperlyConfigured(`signing.current is '${current}', which is none of signing.keys (${known || 'there are none'}).`);
  }
  if (!(Number.isFinite(maxAge) && maxAge > 0)) {
    throw new ImproperlyConfigured(`signing.maxAge is ${maxAge}; expected seconds above 0.`);
  }
  if (!Array.isArray(unsignedFrom) || unsignedFrom.some((queue) => typeof queue !== 'string')) {
    throw new ImproperlyConfigured('signing.unsignedFrom is no array of queue names.');
  }
  return { current: { id: current, key }, keys, maxAgeMs: maxAge * 1000, unsignedFrom: new Set(unsignedFrom) };
}

function checkedId(id: string): string {
  if (KEY_ID.test(id)) return id;
  throw new ImproperlyConfigured(`The key id ${JSON.stringify(id)} of signing.keys is not 1 to 64 letters, digits, '-' and '_'.`);
}

function toKey(id: string, key: SigningOptions['keys'][string]): SigningKey {
  if (typeof key === 'string' || key instanceof Uint8Array) return localKey(id, key);
  if (typeof key?.sign === 'function' && typeof key.verify === 'function') return key;
  throw new ImproperlyConfigured(`signing.keys['${id}'] is neither text, nor bytes, nor a key with sign() and verify().`);
}

function localKey(id: string, secret: string | Uint8Array): SigningKey {
  const { createHmac, createSecretKey, timingSafeEqual } = neededCrypto('Signing');
  const bytes = Buffer.from(secret as string);
  if (bytes.length < MIN_KEY_BYTES) {
    throw new ImproperlyConfigured(`signing.keys['${id}'] has ${bytes.length} bytes; a key has ${MIN_KEY_BYTES} or more, drawn at random.`);
  }
  const key = createSecretKey(bytes);
  const code = (data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
  return {
    sign: async (data) => code(data),
    verify: async (data, given) => given.length === 32 && timingSafeEqual(code(data), given),
  };
}
