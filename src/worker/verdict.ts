/** What is held against a message that cannot be run. */

import { isCeleryError } from '../errors.ts';

/** Why a message is set aside. */
export interface Verdict {
  readonly code: string;
  readonly reason: string;
}

/** A part of a chord that could not be told to have ended: its body would never run. */
export const CHORD_WITHOUT_BACKEND: Verdict = Object.freeze({
  code: 'chord-without-backend',
  reason: 'The task is part of a chord, and this worker has no backend to count its parts in; connect the app to the one its sender uses.',
});

/** The verdict of an error met while a message was read; undefined when waiting may mend it. */
export function verdictOn(error: unknown): Verdict {
  if (isCeleryError(error) && 'code' in error) return { code: String(error.code), reason: error.message };
  return { code: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
}
