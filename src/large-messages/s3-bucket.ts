/** What createS3LargeMessages asks of its bucket. Imported when the first message is put or fetched. */

import { Buffer } from 'node:buffer';
import { answerName, answerStatus } from '../aws-failures.ts';
import { createObjects, type S3ClientOptions } from '../backends/s3-objects.ts';
import { OperationalError } from '../errors.ts';
import type { LargeMessages } from './large-messages.ts';
import { placeOf } from './name.ts';
import type { Sizes } from './sizes.ts';

export interface S3LargeMessagesOptions extends S3ClientOptions, Sizes {
  /** Put before every key as it is, a slash at its end included. Default `large-messages/`. */
  readonly prefix?: string;
  /** Id of the AWS account that must own the bucket; S3 refuses every request otherwise. Default: not asked. */
  readonly expectedBucketOwner?: string;
  /**
   * Pointers of AWS's extended clients are followed where they name this bucket and a key that begins so; an empty text is any key.
   * Default: none is followed.
   */
  readonly followPrefix?: string;
}

/** Longest key that S3 knows, in bytes. */
const MAX_KEY_BYTES = 1024;
/** For tens of megabytes over a line of an office. */
const REQUEST_MS = 30_000;
/** What a proxy or a stand-in for S3 may take for another place. */
const DOT_SEGMENT = /(^|\/)\.{1,2}(\/|$)/;
/** Answered with a status of 400, and yet they pass. */
const PASSING: ReadonlySet<string> = new Set(['ExpiredToken', 'RequestTimeout', 'RequestTimeTooSkewed']);

export function openBucket(options: S3LargeMessagesOptions & { readonly maxBytes: number }, creator: string) {
  const { bucket, prefix = 'large-messages/', followPrefix, maxBytes } = options;
  const objects = createObjects({ ...options, creator, maxBytes, requestMs: REQUEST_MS });
  return {
    async put(name, payload) {
      await objects.put(prefix + placeOf(name), payload, undefined).catch(rethrow);
    },
    async get(name) {
      return (await objects.get(prefix + placeOf(name)).catch(rethrow))?.bytes;
    },
    async follow(pointer) {
      const isOurs = followPrefix !== undefined && pointer.bucket === bucket && pointer.key.startsWith(followPrefix);
      if (!isOurs || !isKey(pointer.key)) return 'foreign';
      return (await objects.get(pointer.key).catch(rethrow))?.bytes ?? 'gone';
    },
    close: objects.close,
  } satisfies Omit<LargeMessages, 'maxBytes'>;
}

function isKey(key: string): boolean {
  return key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES && !DOT_SEGMENT.test(key);
}

/** A message goes by it or not at all, so its failures are those of the transport. */
function rethrow(error: Error): never {
  if (error.name !== 'BackendGetError' && error.name !== 'BackendStoreError') throw error;
  throw new OperationalError(error.message, { retryable: mayPass(error.cause), cause: error.cause });
}

/** Without an answer it was the way there; throttling and 5xx pass; other answers stand. */
function mayPass(cause: unknown): boolean {
  const status = answerStatus(cause);
  return status === undefined || status >= 500 || status === 429 || status === 408 || PASSING.has(answerName(cause));
}
