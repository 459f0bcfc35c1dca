/** Keeping values where they belong: what headers and logs say, and a body that only its workers can read. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createApp } from 'celeriac';
import { type Codec, jsonCodec } from 'celeriac/wire';

interface Card {
  readonly number: string;
  readonly brand: string;
}

const app = createApp('shop');

// #region sensitive
export const charge = app.task(
  'shop.charge',
  { params: ['order', 'card', 'tokens'], sensitive: ['card.number', 'tokens.*'] },
  (order: string, card: Card, tokens: readonly string[]) => `${order}: ${card.brand}, ${tokens.length} tokens`,
);
// #endregion

// #region types
export const quiet = createApp('quiet', { taskArgsrepr: 'types', resultTracebacks: false, resultErrorLength: 2000 });
// #endregion

// #region encryption
export function sealedJson(key: Buffer): Codec {
  return {
    ...jsonCodec,
    name: 'sealed',
    contentType: 'application/x-sealed-json',
    contentEncoding: 'binary',
    encode(value, options) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = Buffer.from(jsonCodec.encode(value, options) as string);
      return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    },
    decode(data, limits) {
      const sealed = Buffer.from(data as Uint8Array);
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAuthTag(sealed.subarray(-16));
      return jsonCodec.decode(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString(), limits);
    },
  };
}
// #endregion

// #region sealed
export const createVault = (key: Buffer) =>
  createApp('vault', { codecs: [sealedJson(key)], taskSerializer: 'sealed', acceptContent: ['sealed'], taskArgsrepr: 'types' });
// #endregion
