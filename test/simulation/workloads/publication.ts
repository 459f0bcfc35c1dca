/** What a workload is: what is published when, and what must have become of it. */

import type { App } from '../../../src/app/app.ts';
import type { ResultDocument, ResultTuple } from '../../../src/wire/result.ts';
import type { Random } from '../random.ts';
import type { AppOptions, Tasks } from '../tasks.ts';

/** What a publisher has in its hands afterwards. */
export interface Sent {
  readonly id: string;
  toTuple?(): ResultTuple;
}

/** How it all ended. */
export interface End {
  document(id: string): ResultDocument | undefined;
  /** A message of this task ever got into a queue. */
  wasQueued(id: string): boolean;
  /** A message of this task is in a dead-letter queue. */
  isBuried(id: string): boolean;
  /** A task of the same root is in a dead-letter queue: what hangs on it may never have come. */
  isRootBuried(rootId: string): boolean;
  /** What the function of this task was called with, each once. */
  argsOf(id: string): readonly string[];
  /** Something went wrong around a run of this task: it may have been given up for want of time. */
  wasDisturbed(id: string): boolean;
  /** The ids of the tasks that were told with this tag. */
  toldWith(tag: string): readonly string[];
  /** A body that nobody could read is in the queue for those. */
  isQuarantined(body: string): boolean;
}

export interface Publication {
  /** Names it in traces; its task's id where it has one. */
  readonly label: string;
  /** After the beginning. */
  readonly atMs: number;
  /** It follows that one, of the same group of a FIFO queue: the publisher waits for it. */
  readonly after?: string;
  /** What it does is bad for others, or it may be buried for what it is. */
  readonly isPoison?: boolean;
  send(tasks: Tasks, sendRaw: (queue: string, body: string) => Promise<unknown>): Promise<Sent | undefined>;
  /** What is wrong with how it ended; `sent` is undefined where publishing it failed, or its publisher died. */
  complaint(end: End, sent: Sent | undefined): string | undefined;
}

export interface Workload {
  readonly name: string;
  readonly app: AppOptions;
  /** Whether each task commits once. */
  readonly idempotent: boolean;
  /** Messages are signed, and what is large goes to S3. Default false. */
  readonly isSealed?: boolean;
  /** A scheduler is there, always or never; default: in some lives. */
  readonly hasScheduler?: boolean;
  plan(random: Random): readonly Publication[];
}

export type { App };

/** A task that gives this value in the end. */
export function gives(end: End, id: string, value: unknown, sent: Sent | undefined): string | undefined {
  return ends(
    end,
    id,
    sent,
    ({ status, result }) => status === 'SUCCESS' && JSON.stringify(result) === JSON.stringify(value),
    `SUCCESS ${JSON.stringify(value)}`,
  );
}

/** A task that fails in the end, with an error of this name. */
export function failsWith(end: End, id: string, error: string, sent: Sent | undefined): string | undefined {
  return ends(
    end,
    id,
    sent,
    ({ status, result }) => status === 'FAILURE' && (result as { exc_type?: string }).exc_type === error,
    `FAILURE ${error}`,
  );
}

/** No task here takes longer for itself: given less, it had no time because others had taken it. */
const ENOUGH_SECONDS = 4;

/** Given up for want of time: something went wrong around it, or it was begun late. */
function isGivenUp({ status, result }: ResultDocument, end: End, id: string): boolean {
  const { exc_type: type, exc_message: [seconds] = [] } = (result ?? {}) as { exc_type?: string; exc_message?: readonly number[] };
  return status === 'FAILURE' && type === 'TimeLimitExceeded' && (Number(seconds) < ENOUGH_SECONDS || end.wasDisturbed(id));
}

export function ends(
  end: End,
  id: string,
  sent: Sent | undefined,
  isRight: (document: ResultDocument) => boolean,
  expected: string,
): string | undefined {
  const document = end.document(id);
  if (document !== undefined && isRight(document)) return undefined;
  if (document !== undefined && isGivenUp(document, end, id)) return undefined;
  if (document === undefined && sent === undefined && !end.wasQueued(id)) return undefined;
  if (end.isBuried(id)) return undefined;
  return `${id} was to end as ${expected}, and is ${document === undefined ? 'without a result' : `${document.status} ${JSON.stringify(document.result)}`}`;
}
