/** The result document of a run: which fields it has, in Celery's form (celery.backends.base.Backend._get_result_meta). */

import type { RegisteredTask } from '../app/registry.ts';
import type { Settings } from '../app/settings.ts';
import { READY_STATES, type State } from '../states.ts';
import { formatIso } from '../wire/dates.ts';
import { encodeException } from '../wire/exception.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import type { Request } from './request.ts';

/** What a state stores: its result and, for an error, where it came from. */
export interface StateToStore {
  readonly state: State;
  readonly result: unknown;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[];
}

/** A failure as Celery stores it: the encoded exception, and the stack where Python has its traceback. */
export function failureState(state: State, error: unknown, children: readonly ResultTuple[]): StateToStore {
  return { state, result: encodeException(error), traceback: tracebackOf(error), children };
}

function tracebackOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const remote = (error as { traceback?: unknown }).traceback;
  return typeof remote === 'string' ? remote : (error.stack ?? null);
}

export function buildDocument(request: Request, stored: StateToStore, nowMs: number, settings: Settings): ResultDocument {
  const { group, parentId } = request;
  return {
    status: stored.state,
    result: stored.result,
    traceback: stored.traceback,
    children: stored.children,
    date_done: READY_STATES.has(stored.state) ? formatIso(nowMs) : null,
    ...(group !== null && { group_id: group }),
    ...(parentId !== null && { parent_id: parentId }),
    ...(settings.resultExtended && extended(request)),
    task_id: request.id,
  };
}

function extended(request: Request): Partial<ResultDocument> {
  const { stampedHeaders, stamps } = request;
  return {
    name: request.task,
    args: request.args,
    kwargs: request.kwargs,
    worker: request.hostname,
    retries: request.retries,
    queue: request.deliveryInfo.routingKey,
    ...(stampedHeaders.length > 0 && { stamped_headers: stampedHeaders, ...pickStamps(stampedHeaders, stamps) }),
  };
}

function pickStamps(names: readonly string[], stamps: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(stamps, name)).map((name) => [name, stamps[name]]));
}

/**
 * Whether an outcome is stored. The message's own ignore_result wins over the task's, as since Celery 5.6.3;
 * errors may be stored all the same.
 */
export function isStored(request: Request, task: RegisteredTask | undefined, settings: Settings, isError: boolean): boolean {
  const ignored = request.message.headers.ignore_result ?? task?.defaults.ignoreResult ?? settings.taskIgnoreResult;
  if (!ignored) return true;
  return isError && (task?.defaults.storeErrorsEvenIfIgnored ?? settings.taskStoreErrorsEvenIfIgnored);
}
