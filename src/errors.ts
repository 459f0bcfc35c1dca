/**
 * The one error tree, in Celery's names where Celery has the error (celery.exceptions, kombu.exceptions).
 * Errors are told apart by `name` and the brand, never by their message, so that two copies of the package agree.
 */

const brand: unique symbol = Symbol.for('celeriac.error') as never;

export class CeleryError extends Error {
  override readonly name: string = 'CeleryError';
  readonly [brand] = true;
}

/** True for any error of this package, whichever copy of it made the error. */
export function isCeleryError(value: unknown): value is CeleryError {
  try {
    return value instanceof Error && (value as { [brand]?: boolean })[brand] === true;
  } catch {
    // A proxy may throw whatever is asked of it.
    return false;
  }
}

// ── setting up ──────────────────────────────────────────────────────────────

export class ImproperlyConfigured extends CeleryError {
  override readonly name = 'ImproperlyConfigured';
}

export class AlreadyRegistered extends CeleryError {
  override readonly name = 'AlreadyRegistered';
}

// ── sending: the promise of applyAsync rejects, nothing was queued ──────────

/** A value cannot cross the wire; `path` says which one, like `args[1].when`. */
export class EncodeError extends CeleryError {
  override readonly name = 'EncodeError';
  readonly path: string;
  constructor(message: string, options?: { path?: string; cause?: unknown }) {
    super(message, options);
    this.path = options?.path ?? '';
  }
}

export class MessageTooLarge extends CeleryError {
  override readonly name = 'MessageTooLarge';
  readonly bytes: number;
  readonly limit: number;
  constructor(bytes: number, limit: number) {
    super(
      `The message takes ${bytes} bytes and the transport carries at most ${limit}; send a reference to the data instead, or compress it (compression: 'zlib').`,
    );
    this.bytes = bytes;
    this.limit = limit;
  }
}

export class QueueNotFound extends CeleryError {
  override readonly name = 'QueueNotFound';
  readonly queue: string;
  constructor(queue: string, options?: { cause?: unknown; hint?: string }) {
    super(
      `There is no queue '${queue}'. ${options?.hint ?? 'Create it with the infrastructure, or correct the queue name, queueNamePrefix or region.'}`,
      options,
    );
    this.queue = queue;
  }
}

/** The transport failed. `retryable` tells whether the same send may succeed later (throttling, time-outs, lost connections). */
export class OperationalError extends CeleryError {
  override readonly name = 'OperationalError';
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options);
    this.retryable = options.retryable;
  }
}

/** Of what `sendTasks` was given some was not sent; what was, is queued. The first failure is the cause. */
export class NotAllSent extends CeleryError {
  override readonly name = 'NotAllSent';
  /** What sending gave, by place; undefined where it failed. What comes after its end was not tried. */
  readonly sent: readonly unknown[];
  /** Why, by place; undefined where it was sent. One beyond `sent` is the failure of what gives the tasks. */
  readonly failures: readonly unknown[];
  constructor(sent: readonly unknown[], failures: readonly unknown[], options: { cause: unknown }) {
    const failed = failures.filter((failure, place) => failure !== undefined && place < sent.length).length;
    super(
      failed === 0
        ? `All ${sent.length} tasks that were given were sent; what gives them failed: ${String(options.cause)}`
        : `Of ${sent.length} tasks ${failed} were not sent, and none after them was tried; the first: ${String(options.cause)}`,
      options,
    );
    this.sent = sent;
    this.failures = failures;
  }
}

/** Another task has the same key (`unique`); `taskId` is the one that has it. */
export class DuplicateTask extends CeleryError {
  override readonly name = 'DuplicateTask';
  readonly taskId: string;
  constructor(task: string, taskId: string) {
    super(`The task '${task}' is not sent: ${taskId} was sent under the same key and is remembered still (its option unique).`);
    this.taskId = taskId;
  }
}

/** The attempt took so long that another has taken over: nothing of it counts any more. Seen by a task that commits by itself. */
export class Overtaken extends CeleryError {
  override readonly name = 'Overtaken';
  constructor(taskId: string) {
    super(`Another attempt has taken over the task ${taskId}: what this one does is not committed.`);
  }
}

// ── reading: waiting cannot mend these, the record is quarantined ───────────

/** Why a message could not be read; also the `code` on the dead message. */
export type DecodeCode =
  | 'not-json'
  | 'not-an-envelope'
  | 'bad-base64'
  | 'bad-utf8'
  | 'bad-body-encoding'
  | 'bad-compression'
  | 'unknown-compression'
  | 'unknown-type-tag'
  | 'bad-value'
  | 'too-deep'
  | 'too-large'
  | 'bad-codec-output'
  | 'bad-large-message'
  | 'large-message-gone'
  | 'large-message-changed'
  | 'foreign-pointer';

export class DecodeError extends CeleryError {
  override readonly name: string = 'DecodeError';
  readonly code: DecodeCode | 'content-disallowed';
  constructor(code: DecodeCode | 'content-disallowed', message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The body's content type is not in `acceptContent`. */
export class ContentDisallowed extends DecodeError {
  override readonly name = 'ContentDisallowed';
  constructor(message: string) {
    super('content-disallowed', message);
  }
}

export type InvalidTaskCode =
  | 'no-task-name'
  | 'no-id'
  | 'bad-body-shape'
  | 'bad-args'
  | 'bad-kwargs'
  | 'bad-embed'
  | 'bad-headers'
  | 'bad-eta'
  | 'bad-expires'
  | 'bad-retries';

/** A message that decodes but is no task message Celery would run. */
export class InvalidTaskError extends CeleryError {
  override readonly name = 'InvalidTaskError';
  readonly code: InvalidTaskCode;
  constructor(code: InvalidTaskCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What a handler was invoked with is not a batch of SQS records. */
export class InvalidEvent extends CeleryError {
  override readonly name = 'InvalidEvent';
}

// ── finding ─────────────────────────────────────────────────────────────────

export class NotRegistered extends CeleryError {
  override readonly name = 'NotRegistered';
  readonly task: string;
  constructor(task: string) {
    // Celery stores the bare name as the exception's one argument.
    super(task);
    this.task = task;
  }
}

// ── steering: thrown by a task to choose how it ends ────────────────────────

/** Ends the task without a state; the message is acknowledged. */
export class Ignore extends CeleryError {
  override readonly name = 'Ignore';
}

/** Gives the message back (`requeue: true`), or ends the task as FAILURE and acknowledges it. */
export class Reject extends CeleryError {
  override readonly name = 'Reject';
  readonly reason: unknown;
  readonly requeue: boolean;
  constructor(reason?: unknown, options?: { requeue?: boolean }) {
    super(reason === undefined ? 'rejected' : String(reason));
    this.reason = reason;
    this.requeue = options?.requeue ?? false;
  }
}

// ── ending ──────────────────────────────────────────────────────────────────

export class TaskRevokedError extends CeleryError {
  override readonly name = 'TaskRevokedError';
}

/** The soft time limit: thrown into the task by its AbortSignal, so that it can clean up (billiard.exceptions). */
export class SoftTimeLimitExceeded extends CeleryError {
  override readonly name = 'SoftTimeLimitExceeded';
  readonly excArgs: readonly unknown[] = [];
  constructor() {
    super('The soft time limit was exceeded.');
  }
}

/** The hard time limit: the task is given up (billiard.exceptions). */
export class TimeLimitExceeded extends CeleryError {
  override readonly name = 'TimeLimitExceeded';
  readonly seconds: number;
  readonly excArgs: readonly unknown[];
  constructor(seconds: number) {
    super(`The time limit of ${seconds} s was exceeded.`);
    this.seconds = seconds;
    this.excArgs = [seconds];
  }
}

/** A part of a chord failed, or its body could not be sent: the body ends with this, unrun. */
export class ChordError extends CeleryError {
  override readonly name = 'ChordError';
  /** The traceback of the part that failed, where it has one. */
  readonly traceback: string | undefined;
  constructor(message: string, options?: { cause?: unknown; traceback?: string }) {
    super(message, options);
    this.traceback = options?.traceback;
  }
}

// ── storing ─────────────────────────────────────────────────────────────────

export class BackendStoreError extends CeleryError {
  override readonly name = 'BackendStoreError';
}

export class BackendGetError extends CeleryError {
  override readonly name = 'BackendGetError';
}

// ── waiting ─────────────────────────────────────────────────────────────────

export class TimeoutError extends CeleryError {
  override readonly name = 'TimeoutError';
}

/** A running task waits for another: when every worker does that, none is left to run what they wait for. */
export class SyncSubtaskError extends CeleryError {
  override readonly name = 'SyncSubtaskError';
}

/** A tree of results is read down to where a task has not ended. */
export class IncompleteStream extends CeleryError {
  override readonly name = 'IncompleteStream';
}

/** A task's failure rebuilt from its result document, whoever stored it. Nothing named by the document is ever instantiated. */
export class RemoteError extends CeleryError {
  override readonly name = 'RemoteError';
  /** Qualified class name as stored, like `ValueError`. */
  readonly excType: string;
  /** Module as stored, like `builtins`. */
  readonly excModule: string | undefined;
  /** The exception's constructor arguments. */
  readonly excArgs: readonly unknown[];
  /** The traceback or stack text of the side that failed. */
  readonly traceback: string | undefined;
  constructor(remote: { excType: string; excModule?: string; excArgs: readonly unknown[]; traceback?: string }) {
    const text = remote.excArgs.map((part) => (typeof part === 'string' ? part : JSON.stringify(part, bigintAsText))).join(', ');
    super(text === '' ? remote.excType : `${remote.excType}: ${text}`);
    this.excType = remote.excType;
    this.excModule = remote.excModule;
    this.excArgs = remote.excArgs;
    this.traceback = remote.traceback;
  }
}

const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
