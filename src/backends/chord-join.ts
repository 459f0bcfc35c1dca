/** What the parts of a chord came to, put together from their documents as Celery's GroupResult.join does. */

import { BackendGetError } from '../errors.ts';
import { PROPAGATE_STATES, SUCCESS } from '../states.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import type { ChordJoin } from './backend.ts';

/** The ids of a group's tasks in header order, those of nested groups in their place. */
export function leafIds(group: ResultTuple): readonly string[] {
  const ids: string[] = [];
  const visit = ([[id], children]: ResultTuple): void => {
    if (children === null) ids.push(id);
    else for (const child of children) visit(child);
  };
  visit(group);
  return ids;
}

/**
 * @param documents of the leaves, in their order
 * @throws BackendGetError when none failed and not all are there: its message is to be taken again
 */
export function joinParts(group: ResultTuple, documents: readonly (ResultDocument | undefined)[]): ChordJoin {
  const failed = documents.find((document) => document !== undefined && PROPAGATE_STATES.has(document.status));
  if (failed !== undefined) {
    return { ok: false, taskId: failed.task_id, exception: failed.result, traceback: failed.traceback };
  }
  const ids = leafIds(group);
  const missing = documents.findIndex((document) => document?.status !== SUCCESS);
  if (missing !== -1) throw unready(group[0][0], ids[missing] ?? '', documents[missing]);
  const leaves = documents.values();
  const resultOf = ([, children]: ResultTuple): unknown => (children === null ? leaves.next().value?.result : children.map(resultOf));
  return { ok: true, results: (group[1] ?? []).map(resultOf) };
}

function unready(groupId: string, taskId: string, document: ResultDocument | undefined): BackendGetError {
  const found = document === undefined ? 'no result' : `the state ${document.status}`;
  return new BackendGetError(`All parts of chord ${groupId} were counted, and yet its part ${taskId} has ${found}.`);
}
