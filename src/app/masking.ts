/** Sensitive arguments replaced by a mask. What is on no path is shared, not copied, and nothing that was given is changed. */

import { isRecord } from '../wire/records.ts';

/** Arguments as they are given, or as they may be shown. */
export interface Arguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** The paths below one step, by their next step; true where a path ends. */
type Tree = Map<string, Tree | true>;

/** By the very array of paths, which a task keeps: each is taken apart once. */
const trees = new WeakMap<readonly string[], Tree>();

export const MASK = '***';

/** The arguments with whatever the paths lead to replaced by the mask. */
export function masked({ args, kwargs }: Arguments, paths: readonly string[], mask: unknown = MASK): Arguments {
  const tree = treeOf(paths);
  return {
    args: args.map((value, place) => maskedAt(value, tree, String(place), mask)),
    kwargs: mapRecord(kwargs, tree, mask),
  };
}

function treeOf(paths: readonly string[]): Tree {
  const known = trees.get(paths);
  if (known !== undefined) return known;
  const tree: Tree = new Map();
  for (const path of paths) grow(tree, path.split('.'));
  trees.set(paths, tree);
  return tree;
}

/** A path that ends hides whatever is below it. */
function grow(tree: Tree, steps: readonly string[]): void {
  const [first, ...rest] = steps as [string, ...string[]];
  const there = tree.get(first);
  if (there === true) return;
  if (rest.length === 0) {
    tree.set(first, true);
    return;
  }
  const below = there ?? new Map<string, Tree | true>();
  tree.set(first, below);
  grow(below, rest);
}

/** `*` stands for every step, beside the step's own name. */
function maskedAt(value: unknown, tree: Tree, step: string, mask: unknown): unknown {
  const own = tree.get(step);
  const any = tree.get('*');
  if (own === true || any === true) return mask;
  const first = own === undefined ? value : maskedBelow(value, own, mask);
  return any === undefined ? first : maskedBelow(first, any, mask);
}

/** What paths lead into but cannot be followed into (a text, an instance of a class) is hidden as a whole, rather than not at all. */
function maskedBelow(value: unknown, tree: Tree, mask: unknown): unknown {
  if (value === null || value === undefined || value === mask) return value;
  if (Array.isArray(value)) return hasNames(tree) ? mask : value.map((item, index) => maskedAt(item, tree, String(index), mask));
  if (!isRecord(value) || typeof value['toJSON'] === 'function') return mask;
  return mapRecord(value, tree, mask);
}

/** A name leads nowhere in an array, so what it was meant for may be anywhere in it. */
const hasNames = (tree: Tree): boolean => [...tree.keys()].some((step) => step !== '*' && !/^\d+$/.test(step));

/** Made from entries, a key `__proto__` is a key like any other. */
function mapRecord(record: Readonly<Record<string, unknown>>, tree: Tree, mask: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, maskedAt(value, tree, name, mask)]));
}
