/** The result document of a run: which fields it has, in Celery's form (celery.backends.base.Backend._get_result_meta). */

import { isCeleryError } from '../errors.ts';
import { READY_STATES, type State } from '../states.ts';
import { formatIso } from '../wire/dates.ts';
import { encodeException } from '../wire/exception.ts';
import type { ResultDocument } from '../wire/result.ts';
import type { Request } from './request.ts';
import type { Settling } from './settling.ts';

/** A state with its value, or with the error that led to it. */
export type StateToStore = { readonly state: State; readonly value: unknown } | { readonly state: State; readonly error: unknown };

export function buildDocument({ request, run, parts: { clock, settings } }: Settling, stored: StateToStore): ResultDocument {
  const { group, parentId } = request;
  const isError = 'error' in stored;
  return {
    status: stored.state,
    // A retry without a cause has none to encode.
    result: isError ? (stored.error === undefined ? null : encodeException(stored.error)) : stored.value,
    traceback: isError ? tracebackOf(stored.error) : null,
    children: run.children ?? [],
    date_done: READY_STATES.has(stored.state) ? formatIso(clock.now()) : null,
    ...(group !== null && { group_id: group }),
    ...(parentId !== null && { parent_id: parentId }),
    ...(settings.resultExtended && extended(request)),
    task_id: request.id,
  };
}

/** The stack, where Python has its traceback; errors of the worker's own making have none, as in Celery. */
function tracebackOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (isCeleryError(error) && (error.name === 'NotRegistered' || error.name === 'TaskRevokedError')) return null;
  const remote = (error as { traceback?: unknown }).traceback;
  return typeof remote === 'string' ? remote : (error.stack ?? null);
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
