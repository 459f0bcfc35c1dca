/** Settings under Celery's names in camelCase: their types and defaults. app/settings-check reads what a user gave. */

import type { Codec } from '../wire/codecs.ts';
import type { Compression } from '../wire/compression.ts';
import type { RetryPolicy } from './options.ts';
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
  /** Adds name, args, kwargs, worker, retries and queue to result documents; default false. */
  readonly resultExtended: boolean;
  /** Seconds a result is kept; default one day, null for ever. */
  readonly resultExpires: number | null;
  /** Where quarantined messages go; default null: they are given back until the queue's redrive policy buries them. */
  readonly deadLetterQueue: string | null;
  readonly brokerTransportOptions: {
    /** False writes the plain envelope instead of its base64; default true, which every kombu reads. */
    readonly sqsBase64Encoding?: boolean;
    /** null writes the body as plain text inside the envelope; default `base64`. */
    readonly bodyEncoding?: 'base64' | null;
  };
}

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
  taskDefaultDeliveryMode: 2,
  taskRoutes: [],
  taskPublishRetry: true,
  taskPublishRetryPolicy: {},
  taskIgnoreResult: false,
  taskStoreErrorsEvenIfIgnored: false,
  taskTrackStarted: false,
  taskTimeLimit: null,
  taskSoftTimeLimit: null,
  resultExtended: false,
  resultExpires: 86_400,
  deadLetterQueue: null,
  brokerTransportOptions: {},
});
