/** JSON string literals in plain ASCII, as Python's json.dumps writes them; the writers of whole documents are in json.ts. */

import { decodeUtf8 } from './base64.ts';

const PLAIN = /^[ !#-[\]-~]*$/;
const NON_ASCII = /[\x7f-\uffff]/;

/** A string as a JSON literal, every character outside printable ASCII escaped. */
export function quote(text: string): string {
  return `"${escaped(text)}"`;
}

/** What `quote` writes between its quotes: nearly always the string itself, which costs no new one. */
export function escaped(text: string): string {
  return PLAIN.test(text) ? text : toAscii(JSON.stringify(text)).slice(1, -1);
}

/** Longest name and greatest number of names remembered: enough for every task and queue of an app, too little to fill memory. */
const MAX_NAME = 200;
const MAX_NAMES = 1000;

/** A text around a name that recurs with every message, of a task, queue or sender: escaped and put together once for each name. */
export function aroundNames(before: string, after: string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const there = known.get(name);
    if (there !== undefined) return there;
    // Joined, and not added: that is one piece in memory, which is copied at once wherever it is put in.
    const text = [before, escaped(name), after].join('');
    if (name.length <= MAX_NAME && known.size < MAX_NAMES) known.set(name, text);
    return text;
  };
}

/** JSON text with all non-ASCII characters (they stand only inside strings) as `\uXXXX`. */
export function toAscii(json: string): string {
  if (!NON_ASCII.test(json)) return json;
  let text = '';
  for (let at = 0; at < json.length; at += SLICE) {
    const slice = json.slice(at, at + SLICE);
    text += NON_ASCII.test(slice) ? escapeUnits(slice) : slice;
  }
  return text;
}

/** Long enough to be worth a decoding, short enough that a single character costs a long text little. */
const SLICE = 512;

/** By way of bytes: several times faster than text for text, where most characters are to be escaped. */
function escapeUnits(text: string): string {
  const bytes = new Uint8Array(6 * text.length);
  let end = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x7f) {
      bytes[end++] = unit;
    } else {
      bytes[end++] = 0x5c;
      bytes[end++] = 0x75;
      for (let shift = 12; shift >= 0; shift -= 4) bytes[end++] = hexDigit((unit >> shift) & 0xf);
    }
  }
  return decodeUtf8(bytes.subarray(0, end));
}

const hexDigit = (value: number): number => value + (value < 10 ? 0x30 : 0x57);
