/** Self-signed certificates, made on the spot: Node reads X.509 and writes none, and no private key lies in the repository. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SelfSigned {
  readonly key: KeyObject;
  /** The key as PEM. */
  readonly keyPem: string;
  readonly certificate: string;
}

export interface SelfSignedOptions {
  /** Common names of issuer and subject; default one. */
  readonly names?: readonly string[];
  readonly serial?: number;
  /** A UTCTime; default 20400101000000Z without its century. */
  readonly notAfter?: string;
  /** Default: a new RSA key of 2048 bits. */
  readonly pair?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

export const rsaPair = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength });

export function selfSigned(options: SelfSignedOptions = {}): SelfSigned {
  const { names = ['celeriac-test'], serial = 4711, notAfter = '400101000000Z', pair = rsaPair() } = options;
  const name = sequence(...names.map((text) => der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text))))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, integer(serial)),
    RSA_WITH_SHA256,
    name,
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from(notAfter))),
    name,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(body, RSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, pair.privateKey)])));
  return {
    key: pair.privateKey,
    keyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

const COMMON_NAME = Buffer.from('0603550403', 'hex');
const RSA_WITH_SHA256 = Buffer.from('300d06092a864886f70d01010b0500', 'hex');

/** As few bytes as hold it, the first bit free for the sign. */
function integer(value: number): Buffer {
  const digits = value.toString(16);
  const hex = digits.padStart(digits.length + (digits.length % 2), '0');
  return Buffer.from(/^[89a-f]/.test(hex) ? `00${hex}` : hex, 'hex');
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  return length < 0x100
    ? Buffer.concat([Buffer.of(tag, 0x81, length), content])
    : Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}
