/**
 * Writes JSON as kombu.utils.json does, and refuses what would not survive the wire, naming the value.
 * Plain data is only looked through and left to JSON.stringify; anything else is written here, step by step.
 */

import { EncodeError } from '../errors.ts';
import { decodeUtf8 } from './base64.ts';
import { formatIso } from './dates.ts';
import { MAX_DEPTH, MAX_INTEGER_DIGITS } from './json-read.ts';
import { toPythonIso, toPythonTime } from './python-dates.ts';
import { encodeBase64 } from './to-base64.ts';
import { isBytes, isPyValue, type PyValue, valueKind } from './values.ts';

export interface WriteOptions {
  /** Writes plain texts instead of tagged values, for peers with kombu before 5.3. Default false. */
  readonly untagged?: boolean;
  /** What the value is called in the path of an error, like `args`. Default: nothing. */
  readonly root?: string;
  /** Levels of arrays and objects that may be written; default 64. */
  readonly depth?: number;
}

/**
 * Writes a value as JSON with kombu's tags for Date, bytes and the classes of `values.ts`. Integer-valued numbers are written as
 * integers, as JSON.stringify does; bigint exactly; NaN and the infinities as Python writes them. A property that is undefined is
 * left out; an object's own `toJSON` is heeded.
 * Throws EncodeError, its `path` like `args[1].when`, for what cannot be sent: functions, symbols, Map, Set, other class instances,
 * undefined within arrays, circles, more levels than `depth`.
 */
export function writeJson(value: unknown, options: WriteOptions = {}): string {
  const { untagged = false, root = '', depth = MAX_DEPTH } = options;
  if (isPlain(value, depth)) return stringified(value, root);
  const writing: Writing = { untagged, root, depth, path: [], parents: [] };
  const text = write(value, writing);
  if (text === undefined) throw refusal('undefined; send null instead', writing);
  return text;
}

/** More than a string can hold is thrown as RangeError. */
function stringified(value: unknown, root: string): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new EncodeError('The value is too long to be written.', { path: root, cause });
  }
}

/** True when JSON.stringify writes just what `write` would; any doubt is false. */
function isPlain(value: unknown, levels: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
    case 'object':
      return value === null || (levels > 0 && isPlainContainer(value, levels - 1));
    default:
      return false;
  }
}

function isPlainContainer(value: object, levels: number): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    for (const item of value as unknown[]) {
      if (!isPlain(item, levels)) return false;
    }
    return true;
  }
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (key === '__type__') return false;
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined && !isPlain(item, levels)) return false;
  }
  return true;
}

interface Writing {
  readonly untagged: boolean;
  readonly root: string;
  readonly depth: number;
  /** Keys and indexes down to the value being written. */
  readonly path: (string | number)[];
  /** The arrays and objects the value is in. */
  readonly parents: object[];
}

/** The text of a value; undefined for undefined. */
function write(value: unknown, writing: Writing): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0.0' : String(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return writeBigint(value, writing);
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? 'null' : writeObject(value, writing, true);
    default:
      throw refusal(`a ${typeof value}`, writing);
  }
}

function writeBigint(value: bigint, writing: Writing): string {
  const text = String(value);
  if (text.length > MAX_INTEGER_DIGITS) throw refusal(`an integer of ${text.length} digits, more than Python reads`, writing);
  return text;
}

function writeObject(value: object, writing: Writing, heedToJson: boolean): string | undefined {
  if (isPyValue(value)) return writePyValue(value, writing);
  if (isBytes(value)) return writeBytes(value, writing);
  if (isDate(value)) return writeDatetime(value, writing);
  if (heedToJson && typeof (value as { toJSON?: unknown }).toJSON === 'function') return writeToJson(value as HasToJson, writing);
  if (Array.isArray(value)) return within(value, writing, () => writeArray(value, writing));
  if (isRecord(value)) return within(value, writing, () => writeRecord(value, writing));
  throw refusal(describe(value), writing);
}

// ── arrays and objects ──────────────────────────────────────────────────────

function within(value: object, writing: Writing, writeItems: () => string): string {
  if (writing.parents.includes(value)) throw refusal('a circle: it contains itself', writing);
  checkDepth(1, writing);
  writing.parents.push(value);
  const text = writeItems();
  writing.parents.pop();
  return text;
}

function writeArray(items: readonly unknown[], writing: Writing): string {
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = writeAt(index, item, writing);
    if (text === undefined) throw refusal('undefined within an array; send null instead', writing, index);
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

function writeRecord(record: Record<string, unknown>, writing: Writing): string {
  const texts: string[] = [];
  const keys: string[] = [];
  for (const key of Object.keys(record)) {
    const text = writeAt(key, record[key], writing);
    if (text === undefined) continue;
    keys.push(key);
    texts.push(`${JSON.stringify(key)}:${text}`);
  }
  if (!writing.untagged && keys.length === 2 && keys.includes('__type__') && keys.includes('__value__')) {
    throw refusal('an object that the receiver would take for a tagged value; send the value itself', writing);
  }
  return `{${texts.join(',')}}`;
}

function writeAt(key: string | number, item: unknown, writing: Writing): string | undefined {
  writing.path.push(key);
  const text = write(item, writing);
  writing.path.pop();
  return text;
}

interface HasToJson {
  toJSON(key: string): unknown;
}

/** JSON's own contract: what toJSON returns is written, and not asked for a toJSON again. */
function writeToJson(value: HasToJson, writing: Writing): string | undefined {
  const result = value.toJSON(String(writing.path.at(-1) ?? ''));
  return typeof result === 'object' && result !== null ? writeObject(result, writing, false) : write(result, writing);
}

function isRecord(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  // The second holds for the Object.prototype of any realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// ── tagged values ───────────────────────────────────────────────────────────

function writePyValue(value: PyValue, writing: Writing): string {
  switch (value[valueKind]) {
    case 'datetime':
      return writeDatetime(value, writing);
    case 'date':
      return writing.untagged ? `"${value.iso}T00:00:00"` : tag('date', value.iso, writing);
    case 'time':
      return writing.untagged ? `"${toPythonTime(value.iso)}"` : tag('time', toPythonTime(value.iso), writing);
    case 'decimal':
      return writing.untagged ? `"${value.text}"` : tag('decimal', value.text, writing);
    case 'uuid':
      return writing.untagged ? `"${value.toString()}"` : writeUuid(value.hex, writing);
  }
}

function writeUuid(hex: string, writing: Writing): string {
  checkDepth(2, writing);
  return `{"__type__":"uuid","__value__":{"hex":"${hex}"}}`;
}

function writeDatetime(value: Date, writing: Writing): string {
  const iso = isoText(value, writing);
  return writing.untagged ? `"${iso.replace(/\+00:00$/, 'Z')}"` : tag('datetime', iso, writing);
}

function isoText(value: Date, writing: Writing): string {
  if (Number.isNaN(value.getTime())) throw refusal('an invalid Date', writing);
  try {
    return isPyValue(value) ? toPythonIso(value.toJSON()) : formatIso(value.getTime());
  } catch (error) {
    throw refusal('a date outside of the years 1 to 9999, which are all that Python has', writing, undefined, error);
  }
}

function writeBytes(value: Uint8Array, writing: Writing): string {
  if (writing.untagged) throw refusal('bytes, which kombu before 5.3 cannot carry; send base64 text instead', writing);
  const text = utf8Text(value);
  return text === undefined ? tag('base64', encodeBase64(value), writing) : tag('bytes', text, writing);
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch {
    return undefined;
  }
}

function tag(type: string, text: string, writing: Writing): string {
  checkDepth(1, writing);
  return `{"__type__":"${type}","__value__":${JSON.stringify(text)}}`;
}

function isDate(value: object): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
}

// ── refusals ────────────────────────────────────────────────────────────────

/** Tags are objects on the wire and count for the reader's limit. */
function checkDepth(levels: number, writing: Writing): void {
  if (writing.parents.length + levels > writing.depth) throw refusal(`nested in more than ${writing.depth} arrays and objects`, writing);
}

function refusal(what: string, writing: Writing, at?: number, cause?: unknown): EncodeError {
  const path = pathText(writing.root, at === undefined ? writing.path : [...writing.path, at]);
  return new EncodeError(`Cannot send ${path === '' ? 'the value' : path}: it is ${what}.`, { path, cause });
}

function pathText(root: string, path: readonly (string | number)[]): string {
  const parts = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    return /^[A-Za-z_$][\w$]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  const text = root + parts.join('');
  return text.startsWith('.') ? text.slice(1) : text;
}

function describe(value: object): string {
  const name: unknown = value.constructor?.name;
  const kind = typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object of an unknown class';
  return `${kind}; send plain data, or give it a toJSON method`;
}
