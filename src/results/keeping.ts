/** What is removed, refused or kept of results: forgetting tasks, revoking them, saving groups. */

import type { GroupStore, Keeping } from '../backends/backend.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { ResultTuple } from '../wire/result.ts';
import { dropDocument, leavesOf, oneByOne } from './documents.ts';
import { backendOf, type ReadingSource, type ResultNode } from './source.ts';

/** Removes what is stored of a task and of those before it; of a group's members likewise. */
export async function forget(node: ResultNode, source: ReadingSource): Promise<void> {
  const backend = backendOf(source);
  const tasks = lineageOf(node);
  for (const task of tasks) dropDocument(task);
  await oneByOne([...new Set([...tasks].map(({ id }) => id))], (id) => backend.forget(id));
}

/** Tasks, their parents, the members of groups among both. */
function lineageOf(node: ResultNode): ReadonlySet<ResultNode> {
  const tasks = new Set<ResultNode>();
  const open: (ResultNode | undefined)[] = [node];
  while (open.length > 0) {
    const next = open.pop();
    if (next === undefined || tasks.has(next)) continue;
    if (next.results !== undefined) for (const member of next.results) open.push(member);
    else {
      tasks.add(next);
      open.push(next.parent);
    }
  }
  return tasks;
}

export const revoke = (node: ResultNode, source: ReadingSource & { revoke(ids: readonly string[]): Promise<void> }): Promise<void> =>
  source.revoke([...new Set(leavesOf(node).map(({ id }) => id))]);

export async function save(group: ResultNode & { toTuple(): ResultTuple }, source: ReadingSource & Keeping): Promise<void> {
  await groupsOf(source).save(group.id, group.toTuple(), { expiresSeconds: source.expiresSeconds });
}

export const unsave = (group: ResultNode, source: ReadingSource): Promise<void> => groupsOf(source).remove(group.id);

export function groupsOf(source: ReadingSource): GroupStore {
  const { groups } = backendOf(source);
  if (groups !== undefined) return groups;
  throw new ImproperlyConfigured('This result backend keeps no groups; use one of celeriac/backends.');
}
