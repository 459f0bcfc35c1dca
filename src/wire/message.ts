/** Message types, spelled exactly as on the wire. Nothing here turns a name into camelCase; that is worker/request's alone. */

/** A signature as plain data (celery.canvas.Signature). `options` may hold nulls, which mean «not given». */
export interface SignatureData {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly subtask_type: string | null;
  readonly immutable: boolean;
  readonly chord_size?: number | null;
}

/** Third part of a protocol 2 body. `chain` is reversed: its last element runs next. */
export interface Embed {
  readonly callbacks: readonly SignatureData[] | null;
  readonly errbacks: readonly SignatureData[] | null;
  readonly chain: readonly SignatureData[] | null;
  readonly chord: SignatureData | null;
}

export const EMPTY_EMBED: Embed = Object.freeze({ callbacks: null, errbacks: null, chain: null, chord: null });

/** Task headers of protocol 2 (celery.app.amqp.as_task_v2). A header that a sender left out is undefined. */
export interface TaskHeaders {
  readonly lang?: string;
  readonly task: string;
  readonly id: string;
  readonly shadow?: string | null;
  readonly eta?: string | null;
  readonly expires?: string | null;
  readonly group?: string | null;
  readonly group_index?: number | null;
  readonly retries?: number;
  /** Seconds, hard limit first (celery as_task_v2 writes it so, whatever the manual says). */
  readonly timelimit?: readonly [hard: number | null, soft: number | null] | null;
  readonly root_id?: string | null;
  readonly parent_id?: string | null;
  readonly argsrepr?: string;
  readonly kwargsrepr?: string;
  readonly origin?: string;
  readonly ignore_result?: boolean;
  readonly replaced_task_nesting?: number;
  readonly stamped_headers?: readonly string[] | null;
  readonly stamps?: Readonly<Record<string, unknown>> | null;
  readonly compression?: string | null;
  readonly [custom: string]: unknown;
}

export interface DeliveryInfo {
  readonly exchange?: string;
  readonly routing_key?: string;
  readonly [more: string]: unknown;
}

export interface Properties {
  readonly correlation_id?: string;
  readonly reply_to?: string;
  readonly delivery_mode?: number;
  /** Milliseconds as text. */
  readonly expiration?: string;
  readonly delivery_info?: DeliveryInfo;
  readonly priority?: number;
  readonly body_encoding?: string | null;
  readonly delivery_tag?: string;
  readonly [more: string]: unknown;
}

/** kombu's outer envelope. */
export interface Envelope {
  readonly body: string;
  readonly 'content-type': string;
  readonly 'content-encoding': string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Properties;
}

/** A task message with its body decoded; protocol 1 and the hybrid are upgraded to this at the door. */
export interface TaskMessage {
  readonly protocol: 1 | 2;
  readonly contentType: string;
  readonly headers: TaskHeaders;
  readonly properties: Properties;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed: Embed;
  /**
   * Set when the sender's args were null or another scalar. `args` is then empty and must not be called with: Celery ends
   * such a task as FAILURE with a TypeError, and this is the TypeError's text.
   */
  readonly argsFault?: string;
}
