/**
 * Failures too large for their store, made to fit. A result that is too large is the task's own failure; a failure that is too large
 * would be no state at all, and its message given back for ever.
 */

import { EXCEPTION_STATES } from '../states.ts';
import { cut } from '../wire/cut.ts';
import { isRecord } from '../wire/records.ts';
import { type ResultDocument, toResultDocument, writeResult } from '../wire/result.ts';

interface Measure {
  /** Characters of the message and of the stack, each. One takes six bytes at most. */
  readonly length: number;
  readonly children: number;
  readonly hasRelatives: boolean;
}

/** Tried in turn. */
const MEASURES: readonly Measure[] = [
  { length: 24_000, children: Number.POSITIVE_INFINITY, hasRelatives: true },
  { length: 24_000, children: 500, hasRelatives: true },
  { length: 1_000, children: 0, hasRelatives: true },
  { length: 1_000, children: 0, hasRelatives: false },
];

const encoder = new TextEncoder();

/**
 * The longest document of a failed, retried or revoked task that fits. Arguments and stamps go first, then message and stack are cut,
 * then children left out, and last the ids of group and parent. Undefined for other states, and where nothing fits.
 */
export function shortened(document: ResultDocument, fits: (payload: Uint8Array) => boolean): Uint8Array | undefined {
  if (!EXCEPTION_STATES.has(document.status)) return undefined;
  for (const measure of MEASURES) {
    const payload = encoder.encode(writeResult(measured(document, measure)));
    if (fits(payload)) return payload;
  }
  return undefined;
}

function measured(document: ResultDocument, { length, children: count, hasRelatives }: Measure): ResultDocument {
  const { status, result, traceback, children, date_done, group_id, parent_id, task_id } = document;
  return toResultDocument({
    status,
    result: shortException(result, length),
    traceback: traceback === null ? null : cut(traceback, length),
    children: children.slice(0, count),
    date_done,
    ...(hasRelatives && group_id !== undefined && { group_id }),
    ...(hasRelatives && parent_id !== undefined && { parent_id }),
    task_id,
  });
}

/** The class stays, and of the arguments a text: the first, where it is one. */
function shortException(result: unknown, length: number): unknown {
  if (!isRecord(result)) return null;
  const { exc_type, exc_message, exc_module } = result;
  const [first] = Array.isArray(exc_message) ? exc_message : [exc_message];
  return { exc_type, exc_message: [typeof first === 'string' ? cut(first, length) : 'The error was too large for its store.'], exc_module };
}
