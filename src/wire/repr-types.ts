/** Arguments by what they are instead of what they say: Python's names of types, and lengths. No value and no key of a value is in it. */

import { isBytes, isPyValue, valueKind } from './values.ts';

/** Longest text, in characters; what is more is left out. */
const MAX_LENGTH = 1024;
/** Stands in for a value of which not even the type is told. */
export const HIDDEN: unique symbol = Symbol('hidden');

/** `argsrepr` by types: `(<str of 12>, <int>, <dict of 3>)`. */
export function argsTypes(args: readonly unknown[]): string {
  return args.length === 1 ? `(${typeText(args[0])},)` : `(${joined(args.length, (index) => typeText(args[index]))})`;
}

/** `kwargsrepr` by types: `{'x': <int>}`. The names stay. */
export function kwargsTypes(kwargs: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(kwargs);
  return `{${joined(names.length, (index) => `'${names[index]}': ${typeText(kwargs[names[index]!])}`)}}`;
}

function joined(count: number, textOf: (index: number) => string): string {
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const next = `${index === 0 ? '' : ', '}${textOf(index)}`;
    if (text.length + next.length > MAX_LENGTH) return `${text}${index === 0 ? '' : ', '}...`;
    text += next;
  }
  return text;
}

/** `<str of 12>`, `<float>`, `<NoneType>`; what has a toJSON is what it sends, and any other object `<object>`. */
export function typeText(value: unknown): string {
  if (value === HIDDEN) return "'***'";
  const [name, length] = typeOf(value);
  return length === undefined ? `<${name}>` : `<${name} of ${length}>`;
}

type Type = readonly [name: string, length?: number];

function typeOf(value: unknown): Type {
  switch (typeof value) {
    case 'string':
      return ['str', codePoints(value)];
    case 'number':
      return [Number.isInteger(value) && !Object.is(value, -0) ? 'int' : 'float'];
    case 'bigint':
      return ['int'];
    case 'boolean':
      return ['bool'];
    case 'object':
      return value === null ? ['NoneType'] : objectType(value);
    default:
      return [typeof value];
  }
}

const PYTHON_NAMES = { datetime: 'datetime', date: 'date', time: 'time', decimal: 'Decimal', uuid: 'UUID' } as const;

function objectType(value: object): Type {
  if (Array.isArray(value)) return ['list', value.length];
  if (isBytes(value)) return ['bytes', value.length];
  if (isPyValue(value)) return [PYTHON_NAMES[value[valueKind]]];
  if (value instanceof Date) return ['datetime'];
  if ('toJSON' in value && typeof value.toJSON === 'function') return sentType(value as { toJSON(key: string): unknown });
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? ['dict', Object.keys(value).length] : ['object'];
}

function sentType(value: { toJSON(key: string): unknown }): Type {
  try {
    const sent = value.toJSON('');
    return typeof sent === 'object' && sent !== null && 'toJSON' in sent ? ['object'] : typeOf(sent);
  } catch {
    return ['object'];
  }
}

/** Length as Python counts it. */
function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
