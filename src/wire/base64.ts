/**
 * Base64, both layers of it, read: canonical only, checked without walking the text in JavaScript. Writing it is to-base64.ts.
 * Whether a message body is base64 at all is decided here as kombu decides it; what is inside is envelope.ts's affair.
 */

import { DecodeError } from '../errors.ts';

const NON_ASCII = /[\u0080-\uffff]/;
/** Base64 digits whose low two, or low four, bits are zero: what may stand before `=` and `==`. */
const BEFORE_ONE_PAD = 'AEIMQUYcgkosw048';
const BEFORE_TWO_PADS = 'AQgw';

const utf8 = new TextEncoder();
/** Python keeps a byte order mark as a character, so this does too. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes canonical base64 to bytes. Throws DecodeError `bad-base64`. */
export function decodeBase64(text: string): Uint8Array {
  return toBytes(toBinary(text));
}

/** Decodes canonical base64 of UTF-8 to text. Throws DecodeError `bad-base64` or `bad-utf8`. */
export function decodeBase64Text(text: string): string {
  if (text.length >= LONG_TEXT && globalThis.Buffer !== undefined) return decodeLongText(text);
  const binary = toBinary(text);
  return isAscii(binary) ? binary : decodeUtf8(toBytes(binary));
}

/** From here on Buffer is faster than atob and a look at each character. */
const LONG_TEXT = 2000;

/** Buffer passes over what is not base64, which shows in the length, takes the URL alphabet, and puts U+FFFD for what is not UTF-8. */
function decodeLongText(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (!isCanonicalForm(text) || bytes.length !== decodedLength(text) || text.includes('-') || text.includes('_')) throw badBase64();
  const decoded = bytes.toString();
  return decoded.includes('\ufffd') ? decodeUtf8(bytes) : decoded;
}

/** Bytes as text. Throws DecodeError `bad-utf8` where TextDecoder would put replacement characters. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new DecodeError('bad-utf8', 'The body is not UTF-8 text; the content type or the compression header is wrong.', { cause });
  }
}

/** Text as UTF-8 bytes. */
export function encodeUtf8(text: string): Uint8Array {
  return utf8.encode(text);
}

/**
 * The envelope's JSON text out of a message body (kombu.transport.SQS, `_optional_b64_decode`): decoded when, surrounding
 * white space aside, it is canonical base64 of UTF-8; otherwise as it stands. No JSON object begins like base64, so a `{` decides.
 */
export function decodeOuter(text: string): string {
  const trimmed = text.trim();
  if (trimmed.charCodeAt(0) === 0x7b) return trimmed;
  if (!isCanonicalForm(trimmed)) return trimmed;
  try {
    return decodeBase64Text(trimmed);
  } catch {
    return trimmed;
  }
}

/** One character per byte. */
function toBinary(text: string): string {
  if (isCanonicalForm(text)) {
    const binary = atobOrNothing(text);
    // atob passes over white space, and what it passed over is missing from the length.
    if (binary !== undefined && binary.length === decodedLength(text)) return binary;
  }
  throw badBase64();
}

function badBase64(): DecodeError {
  return new DecodeError(
    'bad-base64',
    'The body is not canonical base64: standard alphabet, padded, without line breaks and with zero spare bits.',
  );
}

function atobOrNothing(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** Cheap part of the check: length, padding, and spare bits of the last digit. */
function isCanonicalForm(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const pads = padding(text);
  if (pads === 0) return true;
  const last = text.charAt(text.length - pads - 1);
  return (pads === 1 ? BEFORE_ONE_PAD : BEFORE_TWO_PADS).includes(last);
}

function decodedLength(text: string): number {
  return (text.length / 4) * 3 - padding(text);
}

function padding(text: string): number {
  if (!text.endsWith('=')) return 0;
  return text.endsWith('==') ? 2 : 1;
}

function toBytes(binary: string): Uint8Array {
  if (globalThis.Buffer !== undefined) return Buffer.from(binary, 'latin1');
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Looking at the characters wins on short texts; beyond, counting UTF-8 bytes is several times faster. */
export function isAscii(text: string): boolean {
  if (text.length < 200 || globalThis.Buffer === undefined) return !NON_ASCII.test(text);
  return Buffer.byteLength(text) === text.length;
}
