/** Document paths: what they name in an item, and an item made anew with something else there. Nothing is changed in place. */

import type { SimItem, SimValue } from './contract.ts';
import { invalid } from './dynamodb-values.ts';

/** Names as they are and indexes of lists. */
export type Path = readonly (string | number)[];

export function valueAt(item: SimItem, path: Path): SimValue | undefined {
  let value = memberOf(item, path[0]!);
  for (let at = 1; at < path.length && value !== undefined; at += 1) value = step(value, path[at]!);
  return value;
}

function step({ L, M }: SimValue, key: string | number): SimValue | undefined {
  if (typeof key === 'number') return L?.[key];
  return M && memberOf(M, key);
}

function memberOf(item: SimItem, name: string | number): SimValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** With a value at the path, which all but its last step has to lead to; without value it is removed. An index beyond a list's end appends. */
export function withValue(item: SimItem, path: Path, value: SimValue | undefined): SimItem {
  const [name, ...rest] = path;
  if (rest.length === 0) return withMember(item, String(name), value);
  const there = memberOf(item, name!);
  if (there === undefined) throw noSuchPath();
  return withMember(item, String(name), inside(there, rest, value));
}

function inside(parent: SimValue, [key, ...rest]: Path, value: SimValue | undefined): SimValue {
  if (typeof key === 'number') {
    if (parent.L === undefined) throw noSuchPath();
    if (rest.length === 0) return { L: withElement(parent.L, key, value) };
    const there = parent.L[key];
    if (there === undefined) throw noSuchPath();
    return { L: parent.L.with(key, inside(there, rest, value)) };
  }
  if (parent.M === undefined) throw noSuchPath();
  return { M: withValue(parent.M, [key!, ...rest], value) };
}

function withMember(item: SimItem, name: string, value: SimValue | undefined): SimItem {
  if (value !== undefined) return { ...item, [name]: value };
  const { [name]: _gone, ...rest } = item;
  return rest;
}

function withElement(list: readonly SimValue[], at: number, value: SimValue | undefined): readonly SimValue[] {
  if (value === undefined) return list.toSpliced(at, 1);
  return at < list.length ? list.with(at, value) : [...list, value];
}

const noSuchPath = (): Error => invalid('The document path provided in the update expression is invalid for update');

/** Whether one is the other, or leads through it. */
export function overlap(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Of an item, what the paths name; elements of a list in its order. */
export function projected(item: SimItem, paths: readonly Path[]): SimItem {
  const members: Record<string, SimValue> = {};
  for (const path of paths.length > 1 ? paths.toSorted(comparePaths) : paths) {
    const value = valueAt(item, path);
    if (value === undefined) continue;
    const name = String(path[0]);
    members[name] = path.length === 1 ? value : merged(members[name], wrapped(path.slice(1), value));
  }
  return members;
}

/** Elements of a list in its order. */
export function comparePaths(a: Path, b: Path): number {
  for (const [at, step] of a.entries()) {
    const other = b[at];
    if (step === other) continue;
    if (typeof step === 'number' && typeof other === 'number') return step - other;
    return String(step) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}

function wrapped(path: Path, value: SimValue): SimValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const inner = wrapped(rest, value);
  return typeof key === 'number' ? { L: [inner] } : { M: { [key]: inner } };
}

function merged(into: SimValue | undefined, value: SimValue): SimValue {
  if (into?.L !== undefined && value.L !== undefined) return { L: [...into.L, ...value.L] };
  if (into?.M === undefined || value.M === undefined) return value;
  const members = { ...into.M };
  for (const [name, member] of Object.entries(value.M)) members[name] = merged(members[name], member);
  return { M: members };
}
