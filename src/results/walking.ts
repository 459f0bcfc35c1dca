/** The tree of what tasks have sent: from a result to its children, to theirs, and so on. */

import { IncompleteStream } from '../errors.ts';
import type { GetOptions, ReadingSource } from './source.ts';

/** A result in the tree. */
interface Walked<Self> {
  ready(): Promise<boolean>;
  children(): Promise<readonly Self[]>;
}

interface Collected<Self> extends Walked<Self> {
  get(options?: GetOptions): Promise<unknown>;
}

export interface WalkOptions {
  /** True leaves out the children of what has not ended, instead of throwing IncompleteStream; default false. */
  readonly intermediate?: boolean;
}

/** Each result after the one it is a child of, those of one depth together. */
export async function* iterdeps<Self extends Walked<Self>>(
  root: Self,
  _source: ReadingSource,
  { intermediate = false }: WalkOptions = {},
): AsyncGenerator<[parent: Self | undefined, result: Self], void> {
  const found: [Self | undefined, Self][] = [[undefined, root]];
  for (const [parent, result] of found) {
    yield [parent, result];
    // What is read in between may have waited for it.
    if (await result.ready()) for (const child of await result.children()) found.push([result, child]);
    else if (!intermediate)
      throw new IncompleteStream('A task in the tree has not ended; wait for it with collect(), or give intermediate: true.');
  }
}

/** Waits for each result of the tree, and yields it with its value. */
export async function* collect<Self extends Collected<Self>>(
  root: Self,
  source: ReadingSource,
  { intermediate = false, ...options }: WalkOptions & GetOptions = {},
): AsyncGenerator<[result: Self, value: unknown], void> {
  for await (const [, result] of iterdeps(root, source, { intermediate })) yield [result, await result.get(options)];
}

/** The value of the last result of the tree. */
export async function getLeaf<Self extends Collected<Self>>(root: Self, source: ReadingSource, options: GetOptions = {}): Promise<unknown> {
  let last: unknown;
  for await (const [, value] of collect(root, source, options)) last = value;
  return last;
}
