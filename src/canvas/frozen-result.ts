/** What a frozen canvas promises, while parents are still being found: a task's result, or a group's. */

import type { ResultTuple } from '../wire/result.ts';

export interface FrozenResult {
  readonly id: string;
  parent: FrozenResult | undefined;
  /** Of a group. */
  readonly members?: readonly FrozenResult[];
}

export function resultOf(id: string): FrozenResult {
  return { id, parent: undefined };
}

export function groupResultOf(id: string, members: readonly FrozenResult[]): FrozenResult {
  return { id, parent: undefined, members };
}

/** The first of a line of parents: the one without. */
export function eldest(result: FrozenResult): FrozenResult {
  let node = result;
  while (node.parent !== undefined) node = node.parent;
  return node;
}

/** As AsyncResult.as_tuple and GroupResult.as_tuple say it. A long chain has as many parents, so they are not recursed into. */
export function tupleOf(result: FrozenResult): ResultTuple {
  const line: FrozenResult[] = [];
  for (let node: FrozenResult | undefined = result; node !== undefined; node = node.parent) line.push(node);
  let tuple: ResultTuple | null = null;
  for (const { id, members } of line.reverse()) tuple = [[id, tuple], members === undefined ? null : members.map(tupleOf)];
  return tuple!;
}
