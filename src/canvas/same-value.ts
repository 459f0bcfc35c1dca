/** Whether two values of the wire are the same, as Python's == on decoded JSON says: by what is in them. */

import { isRecord } from '../wire/records.ts';

export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left)) return Array.isArray(right) && sameList(left, right);
  if (isRecord(left)) return isRecord(right) && sameRecord(left, right);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  // Dates, decimals, bytes and the like.
  return left.constructor === right.constructor && JSON.stringify(left) === JSON.stringify(right);
}

function sameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => sameValue(value, right[index]));
}

function sameRecord(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && sameValue(left[name], right[name]))
  );
}
