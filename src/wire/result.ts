/** The result document as Celery's key-value backends store it (celery.backends.base.KeyValueStoreBackend), and its result tuples. */

/** `[[id, parent], null]` for a task, `[[group id, parent], [children]]` for a group (AsyncResult.as_tuple, GroupResult.as_tuple). */
export type ResultTuple = readonly [readonly [id: string, parent: ResultTuple | null], readonly ResultTuple[] | null];

/** Key order is Celery's: status, result, traceback, children, date_done, [group_id], [parent_id], [extended], task_id. */
export interface ResultDocument {
  readonly status: string;
  /** The value returned, the meta of a custom state, or for RETRY, FAILURE and REVOKED an encoded exception. */
  readonly result: unknown;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[];
  /** ISO time with offset once the state is ready, else null. */
  readonly date_done: string | null;
  readonly group_id?: string;
  readonly parent_id?: string;
  readonly name?: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly worker?: string;
  readonly retries?: number;
  readonly queue?: string;
  readonly [stamp: string]: unknown;
  readonly task_id: string;
}
