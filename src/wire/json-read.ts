/**
 * Reads JSON as kombu.utils.json does: tagged values, exact integers, NaN and Infinity, to a bounded depth.
 * JSON.parse does the reading, and one look through what it made finds whether there is any of these.
 */

import { DecodeError } from '../errors.ts';
import { hasEscapedKey, hasMoreValues, numberKeys, restoreKeys, splitStrings } from './json-strings.ts';
import { revive, TYPE_KEY } from './json-tags.ts';

/** How deep arrays and objects may nest, in what is read and what is written. */
export const MAX_DEPTH = 64;
/** Python refuses longer integers too (sys.int_info.default_max_str_digits). */
export const MAX_INTEGER_DIGITS = 4300;

export interface ReadLimits {
  /** Arrays and objects within each other; default 64. */
  readonly depth?: number | undefined;
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
  return hasEscapes ? readByNumberedKeys(text, depth) : read(text, depth);
}

function read(text: string, depth: number): unknown {
  const plain = parsePlain(text, depth);
  const value = plain === undefined ? parseNonFinite(text, depth) : plain;
  const found = lookThrough(value, depth);
  if (found === NOTHING) return value;
  const isRounded = plain !== undefined && found & LONG_NUMBER && LONG_DIGITS.test(text);
  const exact = isRounded ? parseExactly(text, depth) : value;
  return found & TAG ? revive(exact) : exact;
}

/** What a number stands for cannot be seen, so that all of it is done. */
function readByNumberedKeys(text: string, depth: number): unknown {
  try {
    const numbered = numberKeys(text);
    return revive(restoreKeys(read(numbered.text, depth), numbered.keys));
  } catch (error) {
    throw toDecodeError(error, depth);
  }
}

/** Undefined where the text has numbers that JSON cannot spell. */
function parsePlain(text: string, depth: number): unknown {
  try {
    return parseWith(text);
  } catch (error) {
    if (error instanceof SyntaxError && (text.includes('NaN') || text.includes('Infinity'))) return undefined;
    throw toDecodeError(error, depth);
  }
}

function parseExactly(text: string, depth: number): unknown {
  try {
    return parseWith(text, exactInteger);
  } catch (error) {
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

/** 2^53 has 16 digits: without them a large number is no integer that was rounded. */
const LONG_DIGITS = /\d{16}/;

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

/** Integers are exact as well: looking at each number costs the same for either. */
function parseNonFinite(text: string, depth: number): unknown {
  const readable = splitStrings(text)
    .map((part, index) => (index % 2 === 0 ? part.replace(NON_FINITE, finiteToken) : part))
    .join('');
  try {
    if (text.includes(NAN_SOURCE)) throw new SyntaxError(`NaN beside ${NAN_SOURCE}`);
    return parseWith(readable, (key, value, context) => (context.source === NAN_SOURCE ? Number.NaN : exactInteger(key, value, context)));
  } catch (error) {
    throw toDecodeError(error, depth);
  }
}

function finiteToken(token: string): string {
  return token === 'NaN' ? NAN_SOURCE : token.replace('Infinity', INFINITY_SOURCE);
}

// ── what was parsed ─────────────────────────────────────────────────────────

const NOTHING = 0;
/** A number beyond 2^53, which JSON.parse has rounded if it is an integer. */
const LONG_NUMBER = 1;
/** A key that a tagged value has. */
const TAG = 2;

/** What of it needs more than JSON.parse. Strings come first: most values are. Throws DecodeError `too-deep`. */
function lookThrough(value: unknown, limit: number, left = limit): number {
  if (typeof value !== 'object' || value === null) return findingOf(value);
  if (left === 0) throw tooDeep(limit);
  let found = NOTHING;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item !== 'string') found |= typeof item === 'object' ? lookThrough(item, limit, left - 1) : findingOf(item);
    }
    return found;
  }
  for (const key in value) {
    if (key === TYPE_KEY) found |= TAG;
    const item = (value as Record<string, unknown>)[key];
    if (typeof item !== 'string') found |= typeof item === 'object' ? lookThrough(item, limit, left - 1) : findingOf(item);
  }
  return found;
}

const findingOf = (item: unknown): number =>
  typeof item === 'number' && (item > Number.MAX_SAFE_INTEGER || item < Number.MIN_SAFE_INTEGER) ? LONG_NUMBER : NOTHING;

function tooDeep(limit: number): DecodeError {
  return new DecodeError('too-deep', `The JSON nests more than ${limit} arrays and objects.`);
}

/** Each value takes two characters at least, so that only a long text is looked through. */
function checkCount(text: string, most: number): void {
  if (text.length > 2 * most && hasMoreValues(text, most)) {
    throw new DecodeError('too-large', `The JSON has more than ${most} values (limits.values, half of it where keys are escaped).`);
  }
}
