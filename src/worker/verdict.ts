/** What is held against a message that cannot be run. */

import { isCeleryError } from '../errors.ts';

/** Why a message is set aside. */
export interface Verdict {
  readonly code: string;
  readonly reason: string;
}

/** The verdict of an error met while a message was read; undefined when waiting may mend it. */
export function verdictOn(error: unknown): Verdict {
  if (isCeleryError(error) && 'code' in error) return { code: String(error.code), reason: error.message };
  return { code: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
}
