/** What a stored document says: a value, the meta of a custom state, or the error a task ended with. */

import { EXCEPTION_STATES, PROPAGATE_STATES } from '../states.ts';
import { decodeException } from '../wire/exception.ts';
import type { ResultDocument } from '../wire/result.ts';

/** The value or meta; a RemoteError for RETRY, FAILURE and REVOKED. A retry without a cause has null. */
export function storedValue(document: ResultDocument | undefined): unknown {
  if (document === undefined) return null;
  const { status, result, traceback } = document;
  if (!EXCEPTION_STATES.has(status)) return result;
  return result === null && !PROPAGATE_STATES.has(status) ? null : decodeException(result, traceback);
}

/** @throws RemoteError for a task that failed or was revoked */
export function throwFailure(document: ResultDocument | undefined): void {
  if (document !== undefined && PROPAGATE_STATES.has(document.status)) throw storedValue(document);
}
