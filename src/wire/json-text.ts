/** JSON string literals in plain ASCII, as Python's json.dumps writes them; the writers of whole documents are in json.ts. */

const PLAIN = /^[ !#-[\]-~]*$/;
const NON_ASCII = /[\x7f-\uffff]/g;

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
const plainNames = new Set<string>();

/** The same for names that recur with every message, of tasks and queues and senders: each is looked through once. */
export function escapedName(name: string): string {
  if (plainNames.has(name)) return name;
  const text = escaped(name);
  if (text === name && name.length <= MAX_NAME && plainNames.size < MAX_NAMES) plainNames.add(name);
  return text;
}

/** JSON text with all non-ASCII characters (they stand only inside strings) as `\uXXXX`. */
export function toAscii(json: string): string {
  return json.replace(NON_ASCII, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
