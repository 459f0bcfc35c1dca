/** A received message as its task, its hooks and observers see it. */

/** The message as its task sees it (celery Task.request). */
export interface TaskRequest {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Attempts already made. */
  readonly retries: number;
  /** ISO text as sent, or null. */
  readonly eta: string | null;
  readonly expires: string | null;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly group: string | null;
  readonly groupIndex: number | null;
  readonly correlationId: string;
  readonly replyTo: string | null;
  readonly origin: string | null;
  readonly shadow: string | null;
  /** Seconds, hard limit first; null where none. */
  readonly timeLimit: readonly [hard: number | null, soft: number | null];
  readonly ignoreResult: boolean;
  readonly deliveryInfo: {
    readonly exchange: string;
    readonly routingKey: string;
    readonly priority: number;
    /** True when the transport has delivered the message before. */
    readonly redelivered: boolean;
  };
  readonly stamps: Readonly<Record<string, unknown>>;
  readonly stampedHeaders: readonly string[];
  /** Every header of the message, custom ones included, spelled as on the wire. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Queue it was received from, and how often, this time included. */
  readonly queue: string;
  readonly receiveCount: number;
  readonly messageId: string;
  readonly hostname: string;
  /** True in a direct call `task(…)`, where there is no message. */
  readonly calledDirectly: boolean;
}
