/**
 * Reads JSON as kombu.utils.json does: tagged values, exact integers, NaN and Infinity, to a bounded depth.
 * JSON.parse does the reading; each extra is looked for by a cheap search and costs nothing where the text has none.
 */

import { DecodeError } from '../errors.ts';
import { hasEscapedKey, hasMoreValues, numberKeys, restoreKeys, splitStrings } from './json-strings.ts';
import { mayHaveTags, revive } from './json-tags.ts';

/** How deep arrays and objects may nest, in what is read and what is written. */
export const MAX_DEPTH = 64;
/** Python refuses longer integers too (sys.int_info.default_max_str_digits). */
export const MAX_INTEGER_DIGITS = 4300;

const BRACKETS = ['{', '['];
/** How kombu's envelope begins. */
const BODY_FIRST = '{"body": "';

export interface ReadLimits {
  /** Arrays and objects within each other; default 64. */
  readonly depth?: number;
  /** Items and members, arrays and objects; default any number. Half as many where keys are escaped, whose text is read in parts. */
  readonly values?: number;
}

/** `JSON.parse` with the source text of each number, which TypeScript does not know yet. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/**
 * Reads what `writeJson` and Python's kombu write. Tagged values become the classes of `values.ts` and Uint8Array, integers beyond
 * 2^53 bigint; a key such as `__proto__` stays a key.
 * Throws DecodeError `not-json`, `too-deep`, `too-large`, `unknown-type-tag` or `bad-value`, and nothing else.
 */
export function readJson(text: string, limits?: ReadLimits): unknown {
  const depth = limits?.depth ?? MAX_DEPTH;
  const hasEscapes = hasEscapedKey(text);
  if (limits?.values !== undefined) checkCount(text, hasEscapes ? limits.values / 2 : limits.values);
  const value = hasEscapes ? parseByNumberedKeys(text, depth) : parseToDepth(text, depth);
  return mayHaveTags(text) ? revive(value) : value;
}

function parseByNumberedKeys(text: string, depth: number): unknown {
  try {
    const numbered = numberKeys(text);
    return restoreKeys(parseToDepth(numbered.text, depth), numbered.keys);
  } catch (error) {
    throw toDecodeError(error, depth);
  }
}

function parseToDepth(text: string, depth: number): unknown {
  const from = firstOfInterest(text);
  const value = hasLongNumber(text, from) ? parse(text, depth, exactInteger) : parse(text, depth);
  if (hasMoreBrackets(text, depth - 1, from) && isDeeperThan(value, depth)) throw tooDeep(depth);
  return value;
}

/** An envelope begins with its body, a string that is most of the text: what is looked for outside of strings is not in there. */
function firstOfInterest(text: string): number {
  return text.startsWith(BODY_FIRST) ? Math.max(0, text.indexOf('"', BODY_FIRST.length)) : 0;
}

function parse(text: string, depth: number, reviver?: Reviver): unknown {
  try {
    return parseWith(text, reviver);
  } catch (error) {
    if (error instanceof SyntaxError && (text.includes('NaN') || text.includes('Infinity'))) return parseNonFinite(text, depth, reviver);
    throw toDecodeError(error, depth);
  }
}

function toDecodeError(error: unknown, depth: number): DecodeError {
  if (error instanceof DecodeError) return error;
  // JSON.parse takes any depth by itself, but calls a reviver recursively.
  if (error instanceof RangeError) return tooDeep(depth);
  return new DecodeError('not-json', `This is not JSON${position(error)}.`, { cause: error });
}

/** Where the parser stopped; its own message quotes the text, which may hold arguments. */
function position(error: unknown): string {
  const found = /at position (\d+)/.exec((error as Error).message);
  return found === null ? '' : ` from position ${found[1]} on`;
}

// ── exact integers ──────────────────────────────────────────────────────────

/** 2^53 has 16 digits, and 16 digits cover a place that 16 divides. Digits within strings only cost the slower way. */
function hasLongNumber(text: string, from: number): boolean {
  for (let at = from + 15; at < text.length; at += 16) {
    if (isDigit(text, at) && digitsAround(text, at) >= 16) return true;
  }
  return false;
}

function digitsAround(text: string, at: number): number {
  let first = at;
  while (at - first < 15 && isDigit(text, first - 1)) first -= 1;
  let last = at;
  while (last - first < 15 && isDigit(text, last + 1)) last += 1;
  return last - first + 1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

const exactInteger: Reviver = (_key, value, { source }) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined || !/^-?\d+$/.test(source)) return value;
  if (source.length > MAX_INTEGER_DIGITS) {
    throw new DecodeError('bad-value', `An integer of ${source.length} digits is more than Python would read (${MAX_INTEGER_DIGITS}).`);
  }
  return BigInt(source);
};

// ── NaN and Infinity ────────────────────────────────────────────────────────

/** Numbers JSON can spell to stand for those it cannot. No one writes the first; the second overflows to Infinity by itself. */
const NAN_SOURCE = '0e-2147483647';
const INFINITY_SOURCE = '9e9999';
const NON_FINITE = /(?<![\w.+-])(?:NaN|-?Infinity)(?![\w.+-])/g;

function parseNonFinite(text: string, depth: number, reviver?: Reviver): unknown {
  const readable = splitStrings(text)
    .map((part, index) => (index % 2 === 0 ? part.replace(NON_FINITE, finiteToken) : part))
    .join('');
  try {
    if (text.includes(NAN_SOURCE)) throw new SyntaxError(`NaN beside ${NAN_SOURCE}`);
    return parseWith(readable, (key, value, context) => {
      if (context.source === NAN_SOURCE) return Number.NaN;
      return reviver === undefined ? value : reviver(key, value, context);
    });
  } catch (error) {
    throw toDecodeError(error, depth);
  }
}

function finiteToken(token: string): string {
  return token === 'NaN' ? NAN_SOURCE : token.replace('Infinity', INFINITY_SOURCE);
}

// ── depth ───────────────────────────────────────────────────────────────────

/** Fewer brackets than the limit, one before `from` included, settle it without a look at the value. */
function hasMoreBrackets(text: string, limit: number, from: number): boolean {
  let left = limit;
  for (const bracket of BRACKETS) {
    for (let at = text.indexOf(bracket, from); at !== -1; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
}

function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && isDeeperThan(item, limit - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && isDeeperThan(item, limit - 1)) return true;
  }
  return false;
}

function tooDeep(limit: number): DecodeError {
  return new DecodeError('too-deep', `The JSON nests more than ${limit} arrays and objects.`);
}

/** Each value takes two characters at least, so that only a long text is looked through. */
function checkCount(text: string, most: number): void {
  if (text.length > 2 * most && hasMoreValues(text, most)) {
    throw new DecodeError('too-large', `The JSON has more than ${most} values (limits.values, half of it where keys are escaped).`);
  }
}
