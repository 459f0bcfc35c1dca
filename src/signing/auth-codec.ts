/**
 * Celery's own `auth` serializer (celery.security.serialization): JSON with an RSA-PSS signature and the signer's name beside it. It signs the
 * body and nothing else; the headers, the task's name among them, anyone may change.
 */

import { Buffer } from 'node:buffer';
import { constants, createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { DecodeError, EncodeError, ImproperlyConfigured } from '../errors.ts';
import { decodeBase64, decodeUtf8 } from '../wire/base64.ts';
import { type Codec, jsonCodec } from '../wire/codecs.ts';
import { encodeBase64 } from '../wire/to-base64.ts';
import { type Certificate, readCertificate } from './certificates.ts';

export type AuthDigest = 'sha256' | 'sha384' | 'sha512';

export interface AuthCodecOptions {
  /** The RSA key that signs, as PEM, or a key object where it has a passphrase (Celery's security_key). Default: none, then nothing is written. */
  readonly key?: string | KeyObject;
  /** Its certificate, as PEM (security_certificate); needed with `key`. */
  readonly certificate?: string;
  /** Certificates of those who are believed, as PEM, one each (security_cert_store). No chain is followed: each is believed by itself. */
  readonly trusted: readonly string[];
  /** Both sides have the same (security_digest); default `sha256`. */
  readonly digest?: AuthDigest;
  /** Tells which certificates are over. Default: the system's. */
  readonly clock?: Clock;
}

interface Signer {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
]);

const SEPARATOR = Buffer.from([0, 1]);

/**
 * The codec of Celery's `auth`, for `codecs:`, with `acceptContent: ['auth']` and `taskSerializer: 'auth'`. It reads what Celery writes from 5.5 on.
 *
 * @example createApp('shop', { codecs: [createAuthCodec({ key, certificate, trusted: [theirs] })], acceptContent: ['auth'], taskSerializer: 'auth' })
 * @throws ImproperlyConfigured for what is no RSA key or certificate, a key without its certificate, and an id that is there twice
 */
export function createAuthCodec(options: AuthCodecOptions): Codec {
  const { digest = 'sha256', clock = systemClock } = options;
  const digestBytes = DIGEST_BYTES.get(digest);
  if (digestBytes === undefined) throw new ImproperlyConfigured(`digest is '${digest}'; expected ${[...DIGEST_BYTES.keys()].join(', ')}.`);
  const signer = signerOf(options);
  const trusted = trustedBy(options.trusted);
  const padding = (bits: number) => ({
    padding: constants.RSA_PKCS1_PSS_PADDING,
    // The longest salt that fits (RFC 8017, 9.1.1), as Celery asks for.
    saltLength: Math.ceil((bits - 1) / 8) - digestBytes - 2,
  });
  return {
    name: 'auth',
    contentType: 'application/data',
    contentEncoding: 'utf-8',
    encode(value, how) {
      if (signer === undefined) throw new EncodeError('The auth codec has no key to sign with; give createAuthCodec key and certificate.');
      const { key, certificate } = signer;
      if (certificate.expiresMs <= clock.now()) throw new EncodeError(`The certificate '${certificate.id}' that signs has expired.`);
      const body = Buffer.from(jsonCodec.encode(value, how));
      return pack(certificate.id, sign(digest, body, { key, ...padding(certificate.bits) }), body);
    },
    decode(data, limits) {
      const { signerId, signature, contentType, body } = unpack(typeof data === 'string' ? data : decodeUtf8(data));
      const certificate = trusted.get(signerId);
      if (certificate === undefined) throw refused(`${shown(signerId)} signed it, whose certificate is not among \`trusted\``);
      if (certificate.expiresMs <= clock.now()) throw refused(`the certificate ${shown(signerId)} has expired`);
      if (!verify(digest, body, { key: certificate.publicKey, ...padding(certificate.bits) }, signature)) {
        throw refused(`it is not what ${shown(signerId)} signed`);
      }
      if (contentType !== jsonCodec.contentType) throw refused(`within the signature is ${shown(contentType)}; only JSON is read there`);
      return jsonCodec.decode(body, limits);
    },
  };
}

// ── keys and certificates ───────────────────────────────────────────────────

function signerOf({ key: given, certificate: pem }: AuthCodecOptions): Signer | undefined {
  if (given === undefined && pem === undefined) return undefined;
  if (given === undefined || pem === undefined)
    throw new ImproperlyConfigured('createAuthCodec needs key and certificate both, or neither.');
  const key = typeof given === 'string' ? readKey(given) : given;
  const certificate = readCertificate('certificate', pem);
  if (key.type !== 'private' || !certificate.fits(key)) throw new ImproperlyConfigured('The certificate is not that of the key.');
  return { key, certificate };
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new ImproperlyConfigured('key is no private key in PEM, or has a passphrase: then give createPrivateKey({ key, passphrase }).', {
      cause,
    });
  }
}

function trustedBy(pems: readonly string[]): ReadonlyMap<string, Certificate> {
  const trusted = new Map<string, Certificate>();
  for (const [index, pem] of pems.entries()) {
    const certificate = readCertificate(`trusted[${index}]`, pem);
    if (trusted.has(certificate.id)) throw new ImproperlyConfigured(`The certificate '${certificate.id}' is among \`trusted\` twice.`);
    trusted.set(certificate.id, certificate);
  }
  return trusted;
}

// ── the text ────────────────────────────────────────────────────────────────

function pack(signerId: string, signature: Uint8Array, body: Uint8Array): string {
  const fields = [encodeBase64(signerId), encodeBase64(signature), jsonCodec.contentType, 'utf-8'];
  return encodeBase64(Buffer.concat([...fields.flatMap((field) => [Buffer.from(field), SEPARATOR]), body]));
}

interface Packed {
  readonly signerId: string;
  readonly signature: Uint8Array;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Celery before 5.5 puts signer and signature in bare; the signer is then no base64. @throws DecodeError */
function unpack(text: string): Packed {
  const packed = Buffer.from(decodeBase64(text));
  const fields: Buffer[] = [];
  let start = 0;
  while (fields.length < 4) {
    const end = packed.indexOf(SEPARATOR, start);
    if (end === -1) throw refused('it is not what Celery 5.5 and later write: signer, signature, type, encoding and body');
    fields.push(packed.subarray(start, end));
    start = end + SEPARATOR.length;
  }
  const [signer = '', signature = '', contentType = ''] = fields.map((field) => field.toString('latin1'));
  return {
    signerId: decodeUtf8(decodeBase64(signer)),
    signature: decodeBase64(signature),
    contentType,
    body: packed.subarray(start),
  };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

function refused(why: string): DecodeError {
  return new DecodeError('bad-codec-output', `The body's signature does not hold: ${why}.`);
}
