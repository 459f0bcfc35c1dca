/** The seam to whatever sends a message at a later moment, beyond what a queue's own delay reaches. It knows nothing of tasks. */

export interface ScheduledWait {
  /** 1 to 64 of `[0-9a-zA-Z-_.]`; what is scheduled under one name is sent once. */
  readonly name: string;
  /** When to send, milliseconds since 1970, whole seconds. It may be up to a minute late, and never early. */
  readonly atMs: number;
  /** Queue as Celery names it. */
  readonly queue: string;
  /** True when `queue` is the queue's own name already, as a Delivery has it. */
  readonly ownName?: boolean;
  readonly body: string;
  /** FIFO message group. */
  readonly messageGroupId?: string;
}

export interface SchedulerLimits {
  /** Longest body, in bytes of UTF-8. */
  readonly bodyBytes: number;
  /** How far ahead a moment may lie. */
  readonly horizonMs: number;
}

export interface Scheduler {
  readonly limits: SchedulerLimits;
  /**
   * Has the body sent at its time; resolves when that is certain. A name that is there already is success: it is the same wait.
   *
   * Rejects with an OperationalError that is `retryable` when it is not known what became of the request: try it again under the
   * same name, and go no other way. With any other CeleryError nothing was scheduled, and the wait may go by hops.
   */
  schedule(wait: ScheduledWait): Promise<void>;
  /** The names that begin with `prefix` and were not sent yet, as far as the scheduler knows. */
  find(prefix: string): Promise<readonly string[]>;
  /** Takes a wait back; one that is not there (any more) is success. What was sent already is not called back. */
  cancel(name: string): Promise<void>;
  close?(): Promise<void>;
}
