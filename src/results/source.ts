/** What reading results needs, and what it reads: the least that is known of a result, whatever class it has. */

import type { ResultBackend } from '../backends/backend.ts';
import type { Clock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';

/** Where results are read. */
export interface ReadingSource {
  readonly backend: ResultBackend | undefined;
  readonly clock: Clock;
  /** Whether the code that asks is part of a running task. */
  insideTask(): boolean;
}

/** A task, or a group with its members. */
export interface ResultNode {
  readonly id: string;
  readonly parent: ResultNode | undefined;
  /** The members of a group; absent for a task. */
  readonly results?: readonly ResultNode[];
  /** Nothing is stored of it, so nothing is waited for. */
  readonly ignored?: boolean;
}

/** How long to wait, and how often to look. */
export interface WaitOptions {
  /** Seconds to wait before TimeoutError; 0 looks once. Default: for ever. */
  readonly timeout?: number;
  /** Seconds between looks at the backend; default 0.5, as Celery's. A backend that tells of results is looked at every 10 s only. */
  readonly interval?: number;
  /** Ends the wait: it rejects with the signal's reason. The tasks run on. */
  readonly signal?: AbortSignal;
}

export interface GetOptions extends WaitOptions {
  /** False gives a failure instead of throwing it; default true. */
  readonly propagate?: boolean;
  /** Whether the failure of a task before it in its chain ends the wait; default true, and with `propagate` only. */
  readonly followParents?: boolean;
  /** False lets a running task wait for another, which may wait for ever when all workers do; default true. */
  readonly disableSyncSubtasks?: boolean;
}

/** @throws ImproperlyConfigured */
export function backendOf({ backend }: ReadingSource): ResultBackend {
  if (backend !== undefined) return backend;
  throw new ImproperlyConfigured('Results are not kept: give app.connect a backend, like createDynamoDBBackend().');
}
