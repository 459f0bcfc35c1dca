/** Base64 written. Apart from base64.ts, as only who sends needs it. */

import { encodeUtf8, isAscii } from './base64.ts';

/** Encodes bytes, or text as UTF-8, in the standard alphabet with padding and without line breaks. */
export function encodeBase64(data: string | Uint8Array): string {
  if (typeof data === 'string') return isAscii(data) ? btoa(data) : encodeBytes(encodeUtf8(data));
  return encodeBytes(data);
}

function encodeBytes(bytes: Uint8Array): string {
  if (globalThis.Buffer !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
