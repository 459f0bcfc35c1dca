/**
 * Lambda's rules for SQS: which messages of a batch are deleted, given how the function answered. Pure; nothing is deleted here.
 * The cases are the manual's ("Conditions for success and failure", services-sqs-errorhandling) and were seen on AWS by LocalStack's tests.
 */

import type { InvokeResult } from './invocation.ts';

/** What becomes of a batch. `reason` says why messages are returned; it is missing when none are. */
export interface Verdict {
  readonly deleted: readonly string[];
  readonly returned: readonly string[];
  readonly reason?: string;
}

/** Without `ReportBatchItemFailures` Lambda does not read the answer: a batch succeeds or fails whole. */
export type FunctionResponseType = 'ReportBatchItemFailures' | undefined;

/** Decides which messages of a batch, named by id, are deleted and which are left to return after their visibility timeout. */
export function judgeBatch(batch: readonly string[], result: InvokeResult, responseType: FunctionResponseType): Verdict {
  if (!result.ok) return wholeBatchFails(batch, `${result.errorType}: ${result.message}`);
  if (responseType === undefined) return { deleted: batch, returned: [] };
  const reported = readFailures(result.payload, new Set(batch));
  if (!reported.ok) return wholeBatchFails(batch, `the answer is refused: ${reported.complaint}`);
  if (reported.ids.size === 0) return { deleted: batch, returned: [] };
  return {
    deleted: batch.filter((id) => !reported.ids.has(id)),
    returned: batch.filter((id) => reported.ids.has(id)),
    reason: 'reported in batchItemFailures',
  };
}

type Reported = { readonly ok: true; readonly ids: ReadonlySet<string> } | { readonly ok: false; readonly complaint: string };

const NOTHING_FAILED: Reported = { ok: true, ids: new Set() };

function wholeBatchFails(batch: readonly string[], reason: string): Verdict {
  return { deleted: [], returned: batch, reason };
}

function refuse(complaint: string): Reported {
  return { ok: false, complaint };
}

function readFailures(payload: string, batch: ReadonlySet<string>): Reported {
  if (payload === '') return NOTHING_FAILED;
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return refuse('it is not JSON');
  }
  if (answer === null || answer === '' || (Array.isArray(answer) && answer.length === 0)) return NOTHING_FAILED;
  if (typeof answer !== 'object' || Array.isArray(answer)) return refuse('it is not an object');
  const list: unknown = Object.hasOwn(answer, 'batchItemFailures') ? (answer as { batchItemFailures: unknown }).batchItemFailures : null;
  if (list === null) return NOTHING_FAILED;
  if (!Array.isArray(list)) return refuse('batchItemFailures is not a list');
  return readIdentifiers(list, batch);
}

function readIdentifiers(list: readonly unknown[], batch: ReadonlySet<string>): Reported {
  const ids = new Set<string>();
  for (const item of list) {
    if (typeof item !== 'object' || item === null || !Object.hasOwn(item, 'itemIdentifier')) {
      return refuse('an item of batchItemFailures has no itemIdentifier');
    }
    const id = (item as { itemIdentifier: unknown }).itemIdentifier;
    if (id === null || id === '') return refuse('an itemIdentifier is empty');
    if (typeof id !== 'string' || !batch.has(id)) return refuse(`the itemIdentifier ${JSON.stringify(id)} is not of this batch`);
    ids.add(id);
  }
  return { ok: true, ids };
}
