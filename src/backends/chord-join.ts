/** What the parts of a chord came to, put together from their documents as Celery's GroupResult.join does. */

import { BackendGetError } from '../errors.ts';
import { PROPAGATE_STATES, SUCCESS } from '../states.ts';
import type { EncodedException } from '../wire/exception.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import type { ChordJoin } from './backend.ts';

/** What a part raised whose result is nowhere, as Celery encodes it. */
const NOT_STORED: EncodedException = {
  exc_type: 'ChordError',
  exc_message: ['its result is not stored: it was ignored, forgotten or has expired'],
  exc_module: 'celery.exceptions',
};

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
 * A part without a document is one that failed: it was counted once its result was stored, so none will come (it was ignored, forgotten
 * or has expired).
 *
 * @param documents of the leaves, in their order, as a consistent read gives them
 * @throws BackendGetError when none failed and not all have ended: its message is to be taken again
 */
export function joinParts(group: ResultTuple, documents: readonly (ResultDocument | undefined)[]): ChordJoin {
  const failed = documents.find((document) => document !== undefined && PROPAGATE_STATES.has(document.status));
  if (failed !== undefined) {
    return { ok: false, taskId: failed.task_id, exception: failed.result, traceback: failed.traceback };
  }
  const missing = documents.indexOf(undefined);
  if (missing !== -1) return { ok: false, taskId: leafIds(group)[missing] ?? '', exception: NOT_STORED, traceback: null };
  const unready = documents.find((document) => document?.status !== SUCCESS);
  if (unready !== undefined) throw notEnded(group[0][0], unready);
  const leaves = documents.values();
  const resultOf = ([, children]: ResultTuple): unknown => (children === null ? leaves.next().value?.result : children.map(resultOf));
  return { ok: true, results: (group[1] ?? []).map(resultOf) };
}

function notEnded(groupId: string, { task_id: taskId, status }: ResultDocument): BackendGetError {
  return new BackendGetError(`All parts of chord ${groupId} were counted, and yet its part ${taskId} has the state ${status}.`);
}
