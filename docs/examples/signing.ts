/** Signed messages: keys of one's own, a key of KMS, and Celery's own serializer. */

import { createApp, type Transport } from 'celeriac';
import { createAuthCodec, type SigningKey } from 'celeriac/signing';
import { app } from './tasks.ts';

// #region connect
export function connectSigned(transport: Transport, secrets: { readonly spring: string; readonly autumn: string }): void {
  app.connect({
    transport,
    signing: {
      keys: { '2030-03': secrets.spring, '2030-09': secrets.autumn },
      current: '2030-09',
      unsignedFrom: ['from-python'],
    },
  });
}
// #endregion

// #region kms
/** What is used of the class `KMS` of @aws-sdk/client-kms. */
interface Macs {
  generateMac(input: { KeyId: string; MacAlgorithm: 'HMAC_SHA_256'; Message: Uint8Array }): Promise<{ Mac?: Uint8Array | undefined }>;
  verifyMac(input: { KeyId: string; MacAlgorithm: 'HMAC_SHA_256'; Message: Uint8Array; Mac: Uint8Array }): Promise<object>;
}

/** A key that never leaves KMS. `keyId` is the ARN of a key of the type HMAC_256. */
export function kmsKey(kms: Macs, keyId: string): SigningKey {
  const which = { KeyId: keyId, MacAlgorithm: 'HMAC_SHA_256' } as const;
  return {
    async sign(bytes) {
      const { Mac } = await kms.generateMac({ ...which, Message: bytes });
      if (Mac === undefined) throw new Error('KMS answered without a code.');
      return Mac;
    },
    async verify(bytes, code) {
      try {
        await kms.verifyMac({ ...which, Message: bytes, Mac: code });
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'KMSInvalidMacException') return false;
        throw error;
      }
    },
  };
}
// #endregion

// #region auth
export function createAuthApp(pem: { readonly key: string; readonly certificate: string; readonly python: string }) {
  const codec = createAuthCodec({ key: pem.key, certificate: pem.certificate, trusted: [pem.certificate, pem.python] });
  return createApp('shop', { codecs: [codec], acceptContent: ['auth'], taskSerializer: 'auth' });
}
// #endregion
