/**
 * AWS Signature Version 4, the parts that are text: what is signed, and how the signature is told. The hashing is node-signer.ts's or
 * web-signer.ts's. (AWS documentation, "Create a signed AWS API request".)
 */

import type { Headers } from './http.ts';

export interface Signable {
  readonly method: string;
  /** The path as it goes out. */
  readonly path: string;
  /** All that is signed: `host` and `x-amz-date` among them. */
  readonly headers: Headers;
  readonly body: string;
}

export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Where a signature holds. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

export interface Signer {
  /** The `authorization` header. `stamp` is the time as `x-amz-date` has it. */
  sign(request: Signable, identity: SigningIdentity, stamp: string): string | Promise<string>;
}

/** `20150830T123600Z`. */
export function toStamp(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

export function dayOf(stamp: string): string {
  return stamp.slice(0, 8);
}

export function canonicalRequest({ method, path, headers }: Signable, bodyHash: string): string {
  let text = `${method}\n${canonicalPath(path)}\n\n`;
  for (const [name, value] of headers) text += `${name}:${value}\n`;
  return `${text}\n${signedHeaders(headers)}\n${bodyHash}`;
}

export function stringToSign(stamp: string, scope: SigningScope, requestHash: string): string {
  return `AWS4-HMAC-SHA256\n${stamp}\n${credentialScope(stamp, scope)}\n${requestHash}`;
}

export function authorization({ headers }: Signable, accessKeyId: string, stamp: string, scope: SigningScope, signature: string): string {
  return (
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialScope(stamp, scope)}, ` +
    `SignedHeaders=${signedHeaders(headers)}, Signature=${signature}`
  );
}

/** What the signing key is derived from, one HMAC after the other, beginning with the secret. */
export function keySteps(stamp: string, { region, service }: SigningScope): readonly string[] {
  return [dayOf(stamp), region, service, 'aws4_request'];
}

function credentialScope(stamp: string, { region, service }: SigningScope): string {
  return `${dayOf(stamp)}/${region}/${service}/aws4_request`;
}

/** As the SDK does: what is encoded in the path already is encoded once more. */
function canonicalPath(path: string): string {
  return path === '/' ? path : encodeURIComponent(path).replaceAll('%2F', '/');
}

function signedHeaders(headers: Headers): string {
  let names = '';
  for (const [name] of headers) names += names === '' ? name : `;${name}`;
  return names;
}
