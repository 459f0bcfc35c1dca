/** The documents of many tasks in as few requests as the backend can, each kept with its result once the task has ended. */

import type { ResultBackend } from '../backends/backend.ts';
import { READY_STATES } from '../states.ts';
import type { ResultDocument } from '../wire/result.ts';
import { backendOf, type ReadingSource, type ResultNode } from './source.ts';

/** Requests at a time where the backend reads one by one. */
const AT_A_TIME = 16;

export type Documents = ReadonlyMap<string, ResultDocument>;

const kept = new WeakMap<ResultNode, ResultDocument>();

/** What an ended task left, if it was read before: it is not asked for again (celery AsyncResult._cache). */
export const keptDocument = (task: ResultNode): ResultDocument | undefined => kept.get(task);

export function keepDocument(task: ResultNode, document: ResultDocument): void {
  if (isReady(document)) kept.set(task, document);
}

export const dropDocument = (task: ResultNode): boolean => kept.delete(task);

export const isReady = (document: ResultDocument | undefined): document is ResultDocument =>
  document !== undefined && READY_STATES.has(document.status);

/** The tasks of a result: itself, or a group's members and those of the groups among them. */
export function leavesOf(node: ResultNode): readonly ResultNode[] {
  return node.results === undefined ? [node] : node.results.flatMap(leavesOf);
}

/** One look at tasks: the documents that are there, by task id. */
export async function look(tasks: readonly ResultNode[], source: ReadingSource): Promise<Documents> {
  const documents = new Map<string, ResultDocument>();
  const unknown: ResultNode[] = [];
  for (const task of tasks) {
    const document = keptDocument(task);
    if (document === undefined) unknown.push(task);
    else documents.set(task.id, document);
  }
  if (unknown.length === 0) return documents;
  const ids = [...new Set(unknown.map(({ id }) => id))];
  for (const [index, document] of (await fetchDocuments(backendOf(source), ids)).entries()) {
    if (document !== undefined) documents.set(ids[index]!, document);
  }
  for (const task of unknown) {
    const document = documents.get(task.id);
    if (document !== undefined) keepDocument(task, document);
  }
  return documents;
}

/** In the order of the ids. */
export async function fetchDocuments(backend: ResultBackend, ids: readonly string[]): Promise<readonly (ResultDocument | undefined)[]> {
  if (ids.length > 1 && backend.fetchMany !== undefined) return await backend.fetchMany(ids);
  return await oneByOne(ids, (id) => backend.fetch(id));
}

/** Calls for each, a few at a time; answers in the order given. */
export async function oneByOne<Item, Answer>(items: readonly Item[], call: (item: Item) => Promise<Answer>): Promise<readonly Answer[]> {
  const answers: Answer[] = new Array(items.length);
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of left) answers[index] = await call(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, work));
  return answers;
}
