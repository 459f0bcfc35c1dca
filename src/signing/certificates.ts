/** X.509 certificates as Celery's `auth` serializer has them (celery.security.certificate): pinned one by one, and named by issuer and serial number. */

import { type KeyObject, X509Certificate } from 'node:crypto';
import { ImproperlyConfigured } from '../errors.ts';

export interface Certificate {
  /** Issuer and serial number, like `ca.example.com 4711` (celery Certificate.get_id). */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** Bits of the key. */
  readonly bits: number;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
  /** Whether it is the certificate of this private key. */
  fits(key: KeyObject): boolean;
}

/** @param name what it is called in the error. @throws ImproperlyConfigured for what is no certificate of an RSA key */
export function readCertificate(name: string, pem: string): Certificate {
  const certificate = parse(name, pem);
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== 'rsa') {
    throw new ImproperlyConfigured(
      `${name} is of a key of the type ${publicKey.asymmetricKeyType}; Celery's auth serializer takes RSA alone.`,
    );
  }
  return {
    id: `${issuerOf(certificate)} ${BigInt(`0x${certificate.serialNumber}`)}`,
    publicKey,
    bits: publicKey.asymmetricKeyDetails!.modulusLength!,
    expiresMs: Date.parse(certificate.validTo),
    fits: (key) => certificate.checkPrivateKey(key),
  };
}

function parse(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ImproperlyConfigured(`${name} is no X.509 certificate in PEM.`, { cause });
  }
}

/** The values of the issuer's name, in order: what stands before each is not told. */
function issuerOf(certificate: X509Certificate): string {
  const issuer = certificate.toLegacyObject().issuer as unknown as Readonly<Record<string, string | readonly string[]>>;
  return Object.values(issuer).flat().join(' ');
}
