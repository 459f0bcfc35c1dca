/** Steps that will never run, because what came before them failed: each ends with that failure (celery Backend._fail_chain). */

import { allEnded } from '../all-ended.ts';
import { FAILURE } from '../states.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { readSignature } from '../wire/signature.ts';
import { type EndedPart, type Part, partOf } from './chord-part.ts';
import { buildBareDocument, buildUnsentDocument } from './results.ts';
import type { Sending } from './sending.ts';
import { storeDocument } from './store-state.ts';
import { storedException } from './stored-errors.ts';

export interface StepFailure {
  readonly error: unknown;
  /** False for a task whose errors are not kept: its steps are not either, though their chords are told. */
  readonly isStored: boolean;
  /** Nothing but the id and the error is stored. */
  readonly isBare?: boolean;
}

/** Stores the failure of each, and of what is within it. @returns the parts of chords that have ended so, to be counted */
export async function failSteps(sending: Sending, steps: readonly unknown[], failure: StepFailure): Promise<readonly EndedPart[]> {
  const signatures = steps.map(readSignature);
  if (failure.isStored) await storeAll(sending, signatures.flatMap(withInner), failure);
  const result = storedException(failure.error, sending.parts.settings);
  return signatures.flatMap(partsIn).map((part) => ({ ...part, state: FAILURE, result }));
}

/** What would have run in its place: the body of a chord, whose header is nobody's to wait for, and the tasks of a chain or a group. */
function innerOf({ subtask_type: type, kwargs }: SignatureData): readonly SignatureData[] {
  const { body, tasks } = kwargs;
  if (type === 'chord') return isRecord(body) ? [readSignature(body)] : [];
  return (type === 'chain' || type === 'group') && Array.isArray(tasks) ? tasks.map(readSignature) : [];
}

const withInner = (signature: SignatureData): readonly SignatureData[] => [signature, ...innerOf(signature).flatMap(withInner)];

/** Chords count what ends last: of a canvas the parts within it, and the canvas itself only where nothing in it is a part. */
export function partsIn(signature: SignatureData): readonly Part[] {
  const inner = innerOf(signature).flatMap(partsIn);
  if (inner.length > 0) return inner;
  const part = partOf(signature);
  return part === undefined ? [] : [part];
}

async function storeAll(sending: Sending, signatures: readonly SignatureData[], { error, isBare }: StepFailure): Promise<void> {
  const { parts } = sending;
  const stored = { state: FAILURE, error };
  const documents = signatures.flatMap((signature) => {
    const id = signature.options['task_id'];
    if (typeof id !== 'string') return [];
    return [isBare === true ? buildBareDocument(id, stored, sending) : buildUnsentDocument(signature, id, stored, parts)];
  });
  await allEnded(documents.map((document) => storeDocument(parts, document)));
}
