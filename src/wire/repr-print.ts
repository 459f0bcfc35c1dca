/**
 * Prints any value piece by piece, as celery.utils.saferepr.reprstream does: each piece may be the one that meets the limit.
 * The order of the checks is Celery's, and so are the brackets that go missing.
 */

import { decodeUtf8 } from './base64.ts';
import { leafRepr, pyValueRepr, quoted } from './repr-leaf.ts';
import { isBytes, isPyValue } from './values.ts';

interface Brackets {
  readonly start: string;
  readonly end: string;
}

const LIST: Brackets = { start: '[', end: ']' };
const DICT: Brackets = { start: '{', end: '}' };

interface Printing {
  text: string;
  /** Code points left; at 0 or below the next piece is `, ...` and the last but closing brackets. */
  left: number;
  isCut: boolean;
  readonly depth: number;
  readonly parents: object[];
}

/** Prints a value; with `brackets`, an array as the sequence they stand for. */
export function print(value: unknown, brackets: Brackets | undefined, maxLength: number, depth: number): string {
  const printing: Printing = { text: '', left: maxLength, isCut: false, depth, parents: [] };
  if (brackets === undefined) printAny(value, printing);
  else printContainer(value as unknown[], brackets, printing);
  return printing.text;
}

function printAny(value: unknown, printing: Printing): void {
  if (typeof value === 'string') put((left) => quoted(truncate(value, left)), printing);
  else if (isBytes(value)) put((left) => bytesRepr(value, left), printing);
  else if (isPyValue(value)) putText(pyValueRepr(value), printing);
  else if (Array.isArray(value)) printContainer(value, LIST, printing);
  else if (hasToJson(value)) printSent(value, printing);
  else if (isDict(value)) printContainer(value, DICT, printing);
  else putText(leafRepr(value), printing);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && 'toJSON' in value && typeof value.toJSON === 'function';
}

/** Prints what is sent in the value's stead; printing never fails, whatever its toJSON does. */
function printSent(value: { toJSON(key: string): unknown }, printing: Printing): void {
  let sent: unknown = value;
  try {
    sent = value.toJSON('');
  } catch {}
  if (hasToJson(sent)) putText(leafRepr(sent), printing);
  else printAny(sent, printing);
}

function isDict(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function printContainer(value: unknown[] | Record<string, unknown>, brackets: Brackets, printing: Printing): void {
  if (printing.parents.length >= printing.depth) putText(`${brackets.start}...${brackets.end}`, printing);
  else if (printing.parents.includes(value)) putText(`<Recursion on ${brackets === DICT ? 'dict' : 'list'}>`, printing);
  else if (!printing.isCut) printOpen(value, brackets, printing);
}

/** Celery closes what is open when the limit is met, a bracket that just failed to get in among it; but not the one that was next. */
function printOpen(value: unknown[] | Record<string, unknown>, { start, end }: Brackets, printing: Printing): void {
  put(() => start, printing);
  printing.parents.push(value);
  printItems(value, printing);
  printing.parents.pop();
  if (printing.isCut) printing.text += end;
  else put(() => end, printing);
}

function printItems(value: unknown[] | Record<string, unknown>, printing: Printing): void {
  if (Array.isArray(value)) printList(value, printing);
  else printDict(value, printing);
}

function printList(items: readonly unknown[], printing: Printing): void {
  for (let index = 0; index < items.length && !printing.isCut; index += 1) {
    if (index > 0) put(() => ', ', printing);
    printAny(items[index], printing);
  }
}

function printDict(dict: Readonly<Record<string, unknown>>, printing: Printing): void {
  let isFirst = true;
  for (const key of Object.keys(dict)) {
    if (printing.isCut) return;
    if (dict[key] === undefined) continue;
    if (!isFirst) put(() => ', ', printing);
    isFirst = false;
    // A key is a representation of its own in Celery, closing quote and all.
    put((left) => print(key, undefined, left, printing.depth), printing);
    put(() => ': ', printing);
    printAny(dict[key], printing);
  }
}

function putText(text: string, printing: Printing): void {
  put((left) => truncate(text, left), printing);
}

function put(piece: (left: number) => string, printing: Printing): void {
  if (printing.isCut) return;
  printing.isCut = printing.left <= 0;
  const text = printing.isCut ? ', ...' : piece(printing.left);
  printing.text += text;
  printing.left -= lengthOf(text);
}

/** celery.utils.text.truncate: cut at the last space before the limit. */
function truncate(text: string, maxLength: number): string {
  if (text.length < maxLength || (text.length < 2 * maxLength && lengthOf(text) < maxLength)) return text;
  const head = firstOf(text, maxLength);
  const space = head.lastIndexOf(' ');
  return `${space === -1 ? head : head.slice(0, space)}...`;
}

function bytesRepr(bytes: Uint8Array, maxLength: number): string {
  const head = bytes.length > maxLength ? bytes.subarray(0, maxLength) : bytes;
  return `b'${decoded(head)}${head === bytes ? '' : '...'}'`;
}

function decoded(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Length as Python counts it, in code points. */
function lengthOf(text: string): number {
  return text.length - (text.match(SURROGATES)?.length ?? 0);
}

function firstOf(text: string, count: number): string {
  const head = text.slice(0, 2 * count);
  return lengthOf(head) === head.length ? head.slice(0, count) : Array.from(head).slice(0, count).join('');
}
