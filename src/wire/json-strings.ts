/** The strings within JSON text, for the few things that have to be done to a text before JSON.parse sees it. */

/**
 * Cuts JSON text into what is outside of strings and the strings with their quotes, in turn: strings have the odd places.
 * The parts joined are the text. A string that never closes reaches to the end.
 */
export function splitStrings(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let quote = text.indexOf('"'); quote !== -1; quote = text.indexOf('"', start)) {
    const end = endOfString(text, quote);
    parts.push(text.slice(start, quote), text.slice(quote, end));
    start = end;
  }
  parts.push(text.slice(start));
  return parts;
}

function endOfString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** True when the text has more commas and opening brackets outside of strings than that: each begins one value, or two. */
export function hasMoreValues(text: string, limit: number): boolean {
  let left = limit;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at) - 1;
    else if ((code === 0x2c || code === 0x5b || code === 0x7b) && --left < 0) return true;
  }
  return false;
}

/**
 * True when an object's key is spelled with an escape. V8's JSON.parse (seen in Node 24) may take such a key for another one
 * that an earlier text brought, wherever in the process (nodejs/node#63785): `{"\u00e9": 1}` comes out as `{"\\": 1}`.
 */
export function hasEscapedKey(text: string): boolean {
  // The last escape of a string, the rest of it, and a colon.
  return text.includes('\\') && /\\.[^"\\]*"[ \t\n\r]*:/.test(text);
}

/** The text with its keys replaced by their numbers, and the keys; `restoreKeys` takes them back. Throws SyntaxError for a bad key. */
export function numberKeys(text: string): { text: string; keys: readonly string[] } {
  const parts = splitStrings(text);
  const keys: string[] = [];
  for (let index = 1; index < parts.length; index += 2) {
    if (/^[ \t\n\r]*:/.test(parts[index + 1]!)) parts[index] = `"${keys.push(JSON.parse(parts[index]!)) - 1}"`;
  }
  return { text: parts.join(''), keys };
}

/** A parsed value with the keys it had. A key `__proto__` is a key like any other. */
export function restoreKeys(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => restoreKeys(item, keys));
  // Numbers come in rising order, so the keys come in the order of the text and the last of equal ones wins.
  return Object.fromEntries(Object.entries(value).map(([number, item]) => [keys[Number(number)]!, restoreKeys(item, keys)]));
}
