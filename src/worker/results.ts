/** Result documents in Celery's form: which fields they have (celery.backends.base.Backend._get_result_meta). */

import { shownArguments } from '../app/argument-reprs.ts';
import type { Arguments } from '../app/masking.ts';
import { READY_STATES, type State } from '../states.ts';
import { formatIso } from '../wire/dates.ts';
import type { SignatureData } from '../wire/message.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import type { Request } from './request.ts';
import type { Sending } from './sending.ts';
import type { Settling } from './settling.ts';
import { storedException, tracebackOf } from './stored-errors.ts';
import type { WorkerParts } from './worker-parts.ts';

/** A state with its value, or with the error that led to it. */
export type StateToStore = { readonly state: State; readonly value: unknown } | { readonly state: State; readonly error: unknown };

/** Whose state it is; what is left out is not in the document. */
interface Subject {
  readonly id: string;
  readonly group?: string | null;
  readonly parentId?: string | null;
  readonly children?: readonly ResultTuple[];
  readonly extended?: Partial<ResultDocument>;
}

/** The document of the task that runs; `taskId` stores its state under another id, as `self.updateState` may. */
export function buildDocument({ request, run, parts }: Settling, stored: StateToStore, taskId = request.id): ResultDocument {
  const { group, parentId } = request;
  const extended = parts.settings.resultExtended ? { extended: extendedOf(request, parts) } : undefined;
  return toDocument({ id: taskId, group, parentId, children: run.children ?? [], ...extended }, stored, parts);
}

/** The document of a task that was never sent: a step of a chain whose beginning failed (celery Backend._fail_chain). */
export function buildUnsentDocument(signature: SignatureData, id: string, stored: StateToStore, parts: WorkerParts): ResultDocument {
  const { task, args, kwargs, options } = signature;
  const extended = parts.settings.resultExtended && { extended: { name: task, ...argumentsOf(task, args, kwargs, parts), retries: 0 } };
  return toDocument({ id, group: textOf(options['group_id']), parentId: textOf(options['parent_id']), ...extended }, stored, parts);
}

/**
 * The document of which nothing is known but its id: the body of a chord that failed. Its children are what the run that says so has sent,
 * errbacks among them (celery Backend.fail_from_current_stack).
 */
export const buildBareDocument = (id: string, stored: StateToStore, { parts, run }: Sending): ResultDocument =>
  toDocument({ id, children: run.children ?? [] }, stored, parts);

function toDocument(subject: Subject, stored: StateToStore, { clock, settings }: WorkerParts): ResultDocument {
  const { id, group, parentId, children = [], extended } = subject;
  const isError = 'error' in stored;
  return {
    status: stored.state,
    // A retry without a cause has none to encode.
    result: isError ? (stored.error === undefined ? null : storedException(stored.error, settings)) : stored.value,
    traceback: isError ? tracebackOf(stored.error, settings) : null,
    children,
    date_done: READY_STATES.has(stored.state) ? formatIso(clock.now()) : null,
    ...(typeof group === 'string' && { group_id: group }),
    ...(typeof parentId === 'string' && { parent_id: parentId }),
    ...extended,
    task_id: id,
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function extendedOf(request: Request, parts: WorkerParts): Partial<ResultDocument> {
  const { stampedHeaders, stamps } = request;
  return {
    name: request.task,
    ...argumentsOf(request.task, request.args, request.kwargs, parts),
    worker: request.hostname,
    retries: request.retries,
    queue: request.deliveryInfo.routingKey,
    ...(stampedHeaders.length > 0 && { stamped_headers: stampedHeaders, ...pickStamps(stampedHeaders, stamps) }),
  };
}

/** Without what the task declares as sensitive. */
function argumentsOf(task: string, args: readonly unknown[], kwargs: Arguments['kwargs'], parts: WorkerParts): Arguments {
  const defaultsOf = (name: string) => parts.registry.get(name)?.defaults;
  return shownArguments({ task, args, kwargs, defaults: defaultsOf(task) }, { settings: parts.settings, defaultsOf });
}

function pickStamps(names: readonly string[], stamps: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(stamps, name)).map((name) => [name, stamps[name]]));
}
