/**
 * Values as celery.utils.saferepr (5.6) prints them, for argsrepr and kwargsrepr: Python's spelling, cut at a length and a depth.
 * Small plain values are printed at once; only what may need cutting is printed piece by piece.
 */

import { numberRepr, quoted } from './repr-leaf.ts';
import { print } from './repr-print.ts';

export interface ReprOptions {
  /** Characters (code points) after which the rest is cut; default 1024. */
  readonly maxLength?: number;
  /** Levels of arrays and objects that are printed; default 3. */
  readonly depth?: number;
}

const MAX_LENGTH = 1024;
const DEPTH = 3;

/** `argsrepr`: the positional arguments as a tuple, `(2, 3)`. */
export function argsRepr(args: readonly unknown[]): string {
  const end = args.length === 1 ? ',)' : ')';
  const short = shortSequence('(', args, end, DEPTH);
  return short !== undefined && short.length < MAX_LENGTH ? short : print(args, { start: '(', end }, MAX_LENGTH, DEPTH);
}

/** `kwargsrepr`: the keyword arguments as a dict, `{'x': 1}`. */
export function kwargsRepr(kwargs: Readonly<Record<string, unknown>>): string {
  const short = shortRepr(kwargs, DEPTH);
  return short !== undefined && short.length < MAX_LENGTH ? short : print(kwargs, undefined, MAX_LENGTH, DEPTH);
}

/** Any value as celery.utils.saferepr prints it; arrays are lists. What Python has no word for is printed as `<Name>`. */
export function saferepr(value: unknown, options: ReprOptions = {}): string {
  const { maxLength = MAX_LENGTH, depth = DEPTH } = options;
  const short = shortRepr(value, depth);
  // What was cut may be a circle, which is printed as such; arguments, which can be sent, hold none.
  const isWhole = short !== undefined && short.length < maxLength && !short.includes('...');
  return isWhole ? short : print(value, undefined, maxLength, depth);
}

// ── short values: nothing to cut ────────────────────────────────────────────

/** The text of a small plain value, undefined for any other. Shorter than the limit, it is what `print` would give. */
function shortRepr(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.length < MAX_LENGTH ? quoted(value) : undefined;
    case 'number':
      return numberRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'object':
      if (value === null) return 'None';
      if (Array.isArray(value)) return shortSequence('[', value, ']', depth);
      return Object.getPrototypeOf(value) === Object.prototype ? shortDict(value as Record<string, unknown>, depth) : undefined;
    default:
      return undefined;
  }
}

function shortSequence(start: string, items: readonly unknown[], end: string, depth: number): string | undefined {
  if (depth === 0) return `${start}...${end}`;
  let text = start;
  for (let index = 0; index < items.length; index += 1) {
    const item = shortRepr(items[index], depth - 1);
    if (item === undefined || text.length >= MAX_LENGTH) return undefined;
    text += index === 0 ? item : `, ${item}`;
  }
  return text + end;
}

function shortDict(dict: Record<string, unknown>, depth: number): string | undefined {
  if (typeof dict['toJSON'] === 'function') return undefined;
  if (depth === 0) return '{...}';
  let text = '{';
  for (const key in dict) {
    const item = shortRepr(dict[key], depth - 1);
    if (item === undefined || text.length >= MAX_LENGTH) return undefined;
    text += `${text === '{' ? '' : ', '}${quoted(key)}: ${item}`;
  }
  return `${text}}`;
}
