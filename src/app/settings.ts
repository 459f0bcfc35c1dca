/** Settings under Celery's names in camelCase: their types and defaults. app/settings-check reads what a user gave. */

import type { RetryPolicy } from '../canvas/call-options.ts';
import type { Codec } from '../wire/codecs.ts';
import type { Compression } from '../wire/compression.ts';
import type { ArgsRepr, IdempotentOptions } from './options.ts';
import type { PriorityQueues } from './priority.ts';
import type { Routes } from './routes.ts';

export interface Settings {
  /** Codec of task messages, by name; default `json`. */
  readonly taskSerializer: string;
  /** Names or content types that may be read; default `['json']`. */
  readonly acceptContent: readonly string[];
  /** Codecs beyond json, like msgpack or yaml; default none. */
  readonly codecs: readonly Codec[];
  /** Compressions beyond zlib, brotli and zstd; default none. */
  readonly compressions: readonly Compression[];
  /** 2, or 1 for peers before Celery 4; default 2. Both are always read. */
  readonly taskProtocol: 1 | 2;
  /** Default compression of messages; default null, none. */
  readonly taskCompression: string | null;
  /** False writes dates, decimals and uuids as the bare texts that kombu before 5.3 expects; default true. */
  readonly taggedValues: boolean;
  /** Default `celery`. */
  readonly taskDefaultQueue: string;
  readonly taskDefaultPriority: number | null;
  /** Queues that stand for levels of priority, like { celery: { 7: 'celery.high' } }; default none, priorities are carried as data. */
  readonly taskPriorityQueues: PriorityQueues;
  readonly taskDefaultDeliveryMode: 1 | 2;
  /** Task name to queue or options; the first match wins and options of the call win over it. Default none. */
  readonly taskRoutes: Routes;
  readonly taskPublishRetry: boolean;
  readonly taskPublishRetryPolicy: RetryPolicy;
  /** Default false. */
  readonly taskIgnoreResult: boolean;
  /** Default false. */
  readonly taskStoreErrorsEvenIfIgnored: boolean;
  /** Default false. */
  readonly taskTrackStarted: boolean;
  /** Seconds. */
  readonly taskTimeLimit: number | null;
  readonly taskSoftTimeLimit: number | null;
  /** False gives a failed message back, until the redrive policy buries it; default true. FAILURE is stored all the same. */
  readonly taskAcksOnFailureOrTimeout: boolean;
  /** Lambda always acknowledges late. True only changes Reject: the message is given back instead of dropped. Default false. */
  readonly taskAcksLate: boolean;
  /** Whether tasks commit once for each id, where they do not say so themselves; default false. */
  readonly taskIdempotent: boolean | IdempotentOptions;
  /** What argsrepr and kwargsrepr say of arguments; default `values`. */
  readonly taskArgsrepr: ArgsRepr;
  /** Where a copy of each message goes whose task failed for good; default null, none. */
  readonly taskDeadLetterQueue: string | null;
  /** What becomes of a message whose task nobody registered; default `retry`: it is given back, for a deploy may be under way. */
  readonly onUnknownTask: UnknownTaskPolicy;
  /** Links errbacks of a chord to each task of its header as well, not to the body alone; default false. */
  readonly taskAllowErrorCbOnChordHeader: boolean;
  /** Adds name, args, kwargs, worker, retries and queue to result documents; default false. */
  readonly resultExtended: boolean;
  /** Whether FAILURE and RETRY are stored with the stack, as Celery's traceback; default true. */
  readonly resultTracebacks: boolean;
  /** Characters kept of an error's message and of its stack, each; default 65 536. */
  readonly resultErrorLength: number;
  /** Seconds a result is kept; default one day, null for ever. */
  readonly resultExpires: number | null;
  /** Seconds between looks at a chord that the result backend does not count; default 1. */
  readonly resultChordRetryInterval: number;
  /** Where quarantined messages go; default null: they are given back until the queue's redrive policy buries them. */
  readonly deadLetterQueue: string | null;
  readonly brokerTransportOptions: {
    /** False writes the plain envelope instead of its base64; default true, which every kombu reads. */
    readonly sqsBase64Encoding?: boolean;
    /** Seconds a message given back stays hidden, by how often it was received: { 1: 10, 2: 60 }; the last one holds for more. */
    readonly backoffPolicy?: Readonly<Record<number, number>>;
    /** Tasks the policy is for; default all. */
    readonly backoffTasks?: readonly string[];
    /** null writes the body as plain text inside the envelope; default `base64`. */
    readonly bodyEncoding?: 'base64' | null;
  };
}

/** `deadletter` buries the message at once, `discard` acknowledges it with nothing but a log line; a function chooses by the task's name. */
export type UnknownTaskPolicy = UnknownTaskAnswer | ((task: string) => UnknownTaskAnswer);
export type UnknownTaskAnswer = 'retry' | 'deadletter' | 'discard';

export const DEFAULT_SETTINGS: Settings = Object.freeze({
  taskSerializer: 'json',
  acceptContent: ['json'],
  codecs: [],
  compressions: [],
  taskProtocol: 2,
  taskCompression: null,
  taggedValues: true,
  taskDefaultQueue: 'celery',
  taskDefaultPriority: null,
  taskPriorityQueues: {},
  taskDefaultDeliveryMode: 2,
  taskRoutes: [],
  taskPublishRetry: true,
  taskPublishRetryPolicy: {},
  taskIgnoreResult: false,
  taskStoreErrorsEvenIfIgnored: false,
  taskTrackStarted: false,
  taskTimeLimit: null,
  taskSoftTimeLimit: null,
  taskAcksOnFailureOrTimeout: true,
  taskAcksLate: false,
  taskIdempotent: false,
  taskArgsrepr: 'values',
  taskDeadLetterQueue: null,
  onUnknownTask: 'retry',
  taskAllowErrorCbOnChordHeader: false,
  resultExtended: false,
  resultTracebacks: true,
  resultErrorLength: 65_536,
  resultExpires: 86_400,
  resultChordRetryInterval: 1,
  deadLetterQueue: null,
  brokerTransportOptions: {},
});
