/** DynamoDB's values: checked and copied when they are written, compared, and counted in bytes. */

import { Buffer } from 'node:buffer';
import type { SimItem, SimValue } from './contract.ts';
import { canonicalNumber, compareNumbers } from './dynamodb-numbers.ts';
import { sdkError } from './machine.ts';

export type ValueType = keyof SimValue;
const TYPES: readonly ValueType[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];

export const MAX_ITEM_BYTES = 409_600;

export const invalid = (message: string): Error => sdkError('ValidationException', message);

export function typeOf(value: SimValue): ValueType {
  for (const type of TYPES) if (value[type] !== undefined) return type;
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

/** A copy that is DynamoDB's own, with numbers as it writes them. */
export function stored(value: SimValue): SimValue {
  switch (typeOf(value)) {
    case 'S':
      return { S: String(value.S) };
    case 'N':
      return { N: canonicalNumber(value.N!) };
    case 'B':
      return { B: new Uint8Array(value.B!) };
    case 'SS':
      return { SS: asSet(value.SS!) };
    case 'NS':
      return { NS: asSet(value.NS!.map(canonicalNumber)) };
    case 'BS':
      asSet(value.BS!.map((bytes) => Buffer.from(bytes).toString('base64')));
      return { BS: value.BS!.map((bytes) => new Uint8Array(bytes)) };
    case 'L':
      return { L: value.L!.map(stored) };
    case 'M':
      return { M: storedItem(value.M!) };
    default:
      return value;
  }
}

export function storedItem(item: SimItem): SimItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, stored(value)]));
}

function asSet(members: readonly string[]): readonly string[] {
  if (members.length === 0) throw invalid('One or more parameter values were invalid: An empty set is not allowed');
  if (new Set(members).size < members.length) {
    throw invalid('One or more parameter values were invalid: Input collection contains duplicates.');
  }
  return [...members];
}

export function equals(a: SimValue, b: SimValue): boolean {
  const type = typeOf(a);
  if (b[type] === undefined) return false;
  switch (type) {
    case 'N':
      return compareNumbers(a.N!, b.N!) === 0;
    case 'B':
      return Buffer.compare(a.B!, b.B!) === 0;
    case 'SS':
    case 'NS':
    case 'BS':
      return setMembers(a).sort().join('\0') === setMembers(b).sort().join('\0');
    case 'L':
      return a.L!.length === b.L!.length && a.L!.every((value, at) => equals(value, b.L![at]!));
    case 'M':
      return equalItems(a.M!, b.M!);
    default:
      return a[type] === b[type];
  }
}

function equalItems(a: SimItem, b: SimItem): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equals(a[name]!, b[name]!));
}

/** A set's members as texts that are equal where they are. */
export function setMembers({ SS, NS, BS }: SimValue): string[] {
  return [...(SS ?? NS?.map(canonicalNumber) ?? BS?.map((bytes) => Buffer.from(bytes).toString('base64')) ?? [])];
}

/** Negative, 0 or positive; undefined for values that have no order to each other. */
export function order(a: SimValue, b: SimValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.S !== undefined && b.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** As DynamoDB counts: names and values; 3 for a list or map and 1 for each of its members. */
export function itemBytes(item: SimItem): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name]!);
  return bytes;
}

function valueBytes(value: SimValue): number {
  const { S, N, B, SS, NS, BS, L, M } = value;
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return numberBytes(N);
  if (B !== undefined) return B.byteLength;
  if (SS !== undefined) return sum(SS, (member) => Buffer.byteLength(member));
  if (NS !== undefined) return sum(NS, numberBytes);
  if (BS !== undefined) return sum(BS, (member) => member.byteLength);
  if (L !== undefined) return 3 + sum(L, (member) => 1 + valueBytes(member));
  if (M !== undefined) return 3 + itemBytes(M) + Object.keys(M).length;
  return 1;
}

const numberBytes = (text: string): number => 1 + Math.ceil(text.replace(/^-|\.|0+$/g, '').length / 2);

function sum<Member>(members: readonly Member[], bytes: (member: Member) => number): number {
  return members.reduce((total, member) => total + bytes(member), 0);
}
