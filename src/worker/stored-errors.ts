/** Errors as results and the parts of chords hold them: no longer than the settings have it, and with a stack where one is wanted. */

import type { Settings } from '../app/settings.ts';
import { isCeleryError } from '../errors.ts';
import { cut } from '../wire/cut.ts';
import { type EncodedException, ERROR_LENGTH, encodeException } from '../wire/exception.ts';

/** Its text is cut where the setting has it. */
export const storedException = (error: unknown, { resultErrorLength }: Pick<Settings, 'resultErrorLength'>): EncodedException =>
  encodeException(error, resultErrorLength);

type TracebackSettings = Pick<Settings, 'resultTracebacks' | 'resultErrorLength'>;
const USUAL: TracebackSettings = { resultTracebacks: true, resultErrorLength: ERROR_LENGTH };

/** The stack, where Python has its traceback; errors of the worker's own making have none, as in Celery. Null where none is wanted. */
export function tracebackOf(error: unknown, { resultTracebacks, resultErrorLength } = USUAL): string | null {
  if (!resultTracebacks) return null;
  try {
    const text = stackOf(error);
    return text === null ? null : cut(text, resultErrorLength);
  } catch {
    // A getter that throws, or a proxy.
    return null;
  }
}

function stackOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const remote = textOf((error as { traceback?: unknown }).traceback);
  return remote ?? (isCeleryError(error) && WITHOUT_TRACEBACK.has(error.name) ? null : textOf(error.stack));
}

const WITHOUT_TRACEBACK: ReadonlySet<string> = new Set(['NotRegistered', 'TaskRevokedError', 'ChordError']);

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
