/**
 * The seam to whatever carries messages. A transport moves text between queues; it knows nothing of tasks.
 * `testing/transport-suite` holds what every implementation must do.
 */

import type { CeleryError } from '../errors.ts';

/** A message attribute, as SQS has them. */
export type MessageAttribute =
  | { readonly type: 'String' | 'Number'; readonly value: string }
  | { readonly type: 'Binary'; readonly value: Uint8Array };

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface Outgoing {
  /** Queue as Celery names it; the transport turns it into its own name. */
  readonly queue: string;
  /** True when `queue` is the transport's own name already, as a Delivery has it: no prefix and no spelling is applied. */
  readonly ownName?: boolean;
  readonly body: string;
  /** Task id. A FIFO queue's deduplication id is made from it when none is given. */
  readonly id: string;
  /** Whole seconds, 0 to `limits.delaySeconds`. Refused on FIFO queues, which have no delay per message. */
  readonly delaySeconds?: number;
  /** FIFO message group, or the tenant of a fair standard queue. A FIFO queue's default is `default`, as kombu's. */
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  readonly attributes?: MessageAttributes;
  /** AWS X-Ray trace header. */
  readonly traceHeader?: string;
}

/** What became of one outgoing message. An entry that was not accepted is never `ok`. */
export type Receipt = { readonly ok: true; readonly messageId: string } | { readonly ok: false; readonly error: CeleryError };

export interface Limits {
  /** Bytes of body and attributes together. */
  readonly messageBytes: number;
  /** Longest delay per message, in seconds. */
  readonly delaySeconds: number;
}

/** The end of whoever received a message. */
export interface Deadline {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** How long it had in all. */
  readonly budgetMs: number;
  /** Called by the receiver when it has dealt with everything, so that nothing is left running. */
  readonly atEnd: (() => void)[];
}

/** One received message, whichever door it came through. */
export interface Delivery {
  readonly messageId: string;
  /** Queue it came from: the name known to the receiver (for SQS the last part of the ARN). */
  readonly queue: string;
  readonly body: string;
  /** How often it was received, this time included: 1 or more. */
  readonly receiveCount: number;
  /** When it was first sent, milliseconds since 1970, where known. */
  readonly sentAt?: number;
  readonly messageGroupId?: string;
  readonly attributes?: MessageAttributes;
  readonly traceHeader?: string;
  /** When the receiver itself will be ended; absent where nothing ends it. */
  readonly deadline?: Deadline;
  /** The door's own handle, for its `done` and `postpone`. */
  readonly receipt?: unknown;
}

export interface ReceiveOptions {
  /** At most this many messages; default 10. */
  readonly max?: number;
  /** How long to wait for a first message; default 0. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** The receiving half, for transports that can be polled. */
export interface Inbox {
  /** An aborted receive answers with no messages. Rejects with QueueNotFound, ImproperlyConfigured or OperationalError. */
  receive(queue: string, options?: ReceiveOptions): Promise<readonly Delivery[]>;
  /** Acknowledges: the message is gone. A receipt that has run out may be ignored or rejected. */
  done(delivery: Delivery): Promise<void>;
  /** Hides the message for so many seconds from now on; 0 gives it back at once. A receipt that has run out may be ignored or rejected. */
  postpone(delivery: Delivery, seconds: number): Promise<void>;
}

export interface Transport {
  readonly limits: Limits;
  /** True where `send` runs the tasks before it answers: they may send themselves, so nothing waits for its end. */
  readonly runsTasks?: boolean;
  /** Sends all, in order per queue and group, in as few requests as it can; answers in the order given. Never rejects for a message's sake. */
  send(batch: readonly Outgoing[]): Promise<readonly Receipt[]>;
  /** Resolves once nothing that was given to `send` waits any longer; nothing is held to be sent together meanwhile. Absent: nothing ever is. */
  flush?(): Promise<void>;
  /** The transport's own name of a queue that Celery names so, as its deliveries will have it. Absent: it is the same name. Throws as `send` would refuse. */
  nameOf?(queue: string): string | Promise<string>;
  readonly inbox?: Inbox;
  /** Lets go of sockets and clients. */
  close?(): Promise<void>;
}

/** FIFO queues are told by their name, as SQS itself tells them. */
export const isFifo = (queue: string): boolean => queue.endsWith('.fifo');
