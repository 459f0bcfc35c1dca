/** A task as a part of a chord, and how it ended. What is done with it is chord-parts' business. */

import type { State } from '../states.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { readSignature } from '../wire/signature.ts';

export interface Part {
  readonly taskId: string;
  readonly groupId: string;
  readonly groupIndex: number | null;
  readonly body: SignatureData;
}

export interface EndedPart extends Part {
  readonly state: State;
  /** As it is stored: an encoded exception where the state is one. */
  readonly result: unknown;
}

/** The part that a signature would have been; undefined where it is in no chord. */
export function partOf({ options }: SignatureData): Part | undefined {
  const { task_id: taskId, group_id: groupId, group_index: groupIndex, chord } = options;
  if (typeof taskId !== 'string' || typeof groupId !== 'string' || !isRecord(chord)) return undefined;
  return { taskId, groupId, groupIndex: typeof groupIndex === 'number' ? groupIndex : null, body: readSignature(chord) };
}
