/** Steps that will never run, because what came before them failed: each ends with that failure (celery Backend._fail_chain). */

import { FAILURE } from '../states.ts';
import { encodeException } from '../wire/exception.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { readSignature } from '../wire/signature.ts';
import { type EndedPart, partOf } from './chord-part.ts';
import { buildBareDocument, buildUnsentDocument } from './results.ts';
import { storeDocument } from './store-state.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface StepFailure {
  readonly error: unknown;
  /** False for a task whose errors are not kept: its steps are not either, though their chords are told. */
  readonly isStored: boolean;
  /** Nothing but the id and the error is stored. */
  readonly isBare?: boolean;
}

/** Stores the failure of each. @returns the parts of chords that have ended so, to be counted */
export async function failSteps(parts: WorkerParts, steps: readonly unknown[], failure: StepFailure): Promise<readonly EndedPart[]> {
  const signatures = withBodies(steps);
  if (failure.isStored) await storeAll(parts, signatures, failure);
  const result = encodeException(failure.error);
  return signatures.flatMap((signature) => {
    const part = partOf(signature);
    return part === undefined ? [] : [{ ...part, state: FAILURE, result }];
  });
}

/** What waits for a chord waits for its body, so that ends as well. */
function withBodies(steps: readonly unknown[]): readonly SignatureData[] {
  const signatures = steps.map(readSignature);
  // Grows while it is walked: a body may be a chord itself.
  for (const { subtask_type, kwargs } of signatures) {
    const body = kwargs['body'];
    if (subtask_type === 'chord' && isRecord(body)) signatures.push(readSignature(body));
  }
  return signatures;
}

async function storeAll(parts: WorkerParts, signatures: readonly SignatureData[], { error, isBare }: StepFailure): Promise<void> {
  const stored = { state: FAILURE, error };
  const documents = signatures.flatMap((signature) => {
    const id = signature.options['task_id'];
    if (typeof id !== 'string') return [];
    return [isBare === true ? buildBareDocument(id, stored, parts) : buildUnsentDocument(signature, id, stored, parts)];
  });
  await Promise.all(documents.map((document) => storeDocument(parts, document)));
}
