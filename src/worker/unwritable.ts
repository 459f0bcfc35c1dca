/** Errors of sending, told apart: what waiting mends, and what it does not. */

import { isCeleryError } from '../errors.ts';

const UNWRITABLE: ReadonlySet<string> = new Set(['EncodeError', 'MessageTooLarge', 'ImproperlyConfigured', 'InvalidTaskError']);

/** Errors of sending that waiting cannot mend: what is to be sent is the fault. */
export const isUnwritable = (error: unknown): boolean => isCeleryError(error) && UNWRITABLE.has(error.name);
