/** The names under which Celery's key-value backends keep results (celery.backends.base.BaseKeyValueStoreBackend). */

export interface ResultKeys {
  /** Of a task's document. */
  task(id: string): string;
  /** Of a saved group. */
  group(id: string): string;
  /** Of a chord's counter. */
  chord(id: string): string;
}

/**
 * The keys, each with the prefix in front (Celery's `global_keyprefix`): as of 5.5 an underscore comes between, unless the prefix ends in
 * one of `: _ - .`
 */
export function resultKeys(keyPrefix = ''): ResultKeys {
  const prefix = keyPrefix === '' || /[:_.-]$/.test(keyPrefix) ? keyPrefix : `${keyPrefix}_`;
  return {
    task: (id) => `${prefix}celery-task-meta-${id}`,
    group: (id) => `${prefix}celery-taskset-meta-${id}`,
    chord: (id) => `${prefix}chord-unlock-${id}`,
  };
}

const encoder = new TextEncoder();

/**
 * The key's bytes as Python prints them, `b'…'`: Celery's DynamoDB backend turns the bytes to text so (`str(key)`), and its items are
 * found under that text alone.
 */
export function pythonBytesText(key: string): string {
  const quote = key.includes("'") && !key.includes('"') ? '"' : "'";
  // Almost all keys have nothing to escape.
  if (/^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/.test(key)) return `b'${key}'`;
  return `b${quote}${Array.from(encoder.encode(key), (byte) => printed(byte, quote)).join('')}${quote}`;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x5c, '\\\\'],
]);

function printed(byte: number, quote: string): string {
  const short = ESCAPES.get(byte);
  if (short !== undefined) return short;
  if (byte === quote.charCodeAt(0)) return `\\${quote}`;
  return byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
}
