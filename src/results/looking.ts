/** One look at a result, without waiting. */

import { FAILURE, PENDING, type State, SUCCESS } from '../states.ts';
import { parseIso } from '../wire/dates.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import { isReady, keptDocument, leavesOf, look } from './documents.ts';
import { assemble } from './gathering.ts';
import { storedValue, throwFailure } from './outcome.ts';
import type { ReadingSource, ResultNode } from './source.ts';

export async function documentOf(task: ResultNode, source: ReadingSource): Promise<ResultDocument | undefined> {
  return (await look([task], source)).get(task.id);
}

export const exists = async (task: ResultNode, source: ReadingSource): Promise<boolean> => (await documentOf(task, source)) !== undefined;

export const state = async (task: ResultNode, source: ReadingSource): Promise<State> => (await documentOf(task, source))?.status ?? PENDING;

export const result = async (task: ResultNode, source: ReadingSource): Promise<unknown> => storedValue(await documentOf(task, source));

export const traceback = async (task: ResultNode, source: ReadingSource): Promise<string | undefined> =>
  (await documentOf(task, source))?.traceback ?? undefined;

export async function dateDone(task: ResultNode, source: ReadingSource): Promise<Date | undefined> {
  const done = (await documentOf(task, source))?.date_done;
  return typeof done === 'string' ? new Date(parseIso(done).epochMs) : undefined;
}

/** The children of an ended task are made once, so that what is read of them is kept. */
export async function children<Child>(
  task: ResultNode,
  source: ReadingSource & { resultFromTuple(tuple: ResultTuple): Promise<Child> },
): Promise<readonly Child[]> {
  const made = families.get(task);
  if (made !== undefined && keptDocument(task) !== undefined) return made as readonly Child[];
  const stored = await documentOf(task, source);
  const family = await Promise.all((stored?.children ?? []).map((tuple) => source.resultFromTuple(tuple)));
  if (isReady(stored)) families.set(task, family);
  return family;
}

const families = new WeakMap<ResultNode, readonly unknown[]>();

export const ready = (node: ResultNode, source: ReadingSource): Promise<boolean> => every(node, source, isReady);

export const successful = (node: ResultNode, source: ReadingSource): Promise<boolean> => every(node, source, isSuccess);

export async function failed(node: ResultNode, source: ReadingSource): Promise<boolean> {
  const documents = await look(leavesOf(node), source);
  return [...documents.values()].some(({ status }) => status === FAILURE);
}

/** How many members are successful, a group among them counting once. */
export async function completedCount(
  group: ResultNode & { readonly results: readonly ResultNode[] },
  source: ReadingSource,
): Promise<number> {
  const documents = await look(leavesOf(group), source);
  return group.results.filter((member) => leavesOf(member).every(({ id }) => isSuccess(documents.get(id)))).length;
}

/** Throws what the first task failed with that did. @returns a task's value, or those of a group's members */
export async function maybeThrow(node: ResultNode, source: ReadingSource): Promise<unknown> {
  const leaves = leavesOf(node);
  const documents = await look(leaves, source);
  for (const { id } of leaves) throwFailure(documents.get(id));
  return assemble(node, documents);
}

async function every(node: ResultNode, source: ReadingSource, is: (document: ResultDocument | undefined) => boolean): Promise<boolean> {
  const leaves = leavesOf(node);
  const documents = await look(leaves, source);
  return leaves.every(({ id }) => is(documents.get(id)));
}

const isSuccess = (document: ResultDocument | undefined): boolean => document?.status === SUCCESS;
