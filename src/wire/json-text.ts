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
  return json.replace(NON_ASCII, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
