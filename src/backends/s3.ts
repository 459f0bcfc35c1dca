/**
 * Results as objects of an S3 bucket, laid out as Celery's S3 backend lays them out (celery.backends.s3), which reads and writes the same
 * objects. S3 counts nothing, so chords are completed by `celery.chord_unlock`; objects expire by rules of the bucket's lifecycle.
 */

import { contended, ofStoring } from '../aws-failures.ts';
import { BackendGetError } from '../errors.ts';
import { SUCCESS } from '../states.ts';
import { type ResultDocument, writeResult } from '../wire/result.ts';
import { readGroupPayload, readResultPayload, writeGroup } from '../wire/result-payload.ts';
import type { GroupStore, ResultBackend } from './backend.ts';
import type { LargeResultName, LargeResults } from './claim-check.ts';
import { resultKeys } from './result-keys.ts';
import { createObjects, type S3ClientOptions, type WriteCondition } from './s3-objects.ts';

export type { S3Client, S3ClientOptions, S3Credentials } from './s3-objects.ts';

export interface S3BackendOptions extends S3ClientOptions {
  /** Put before every key as it is, a slash at its end included (Celery's `s3_base_path`). Default none. */
  readonly basePath?: string;
  /** Before every key, as Celery's `global_keyprefix`; an underscore comes between unless it ends in one of `: _ - .` Default none. */
  readonly keyPrefix?: string;
  /**
   * Whether an object is written under the condition that it is as it was when it was read, so that a SUCCESS stored at the same moment
   * stays (If-None-Match, If-Match). Default true; false for a store that refuses such requests. One that overlooks the condition keeps
   * what it held before, as Celery does.
   */
  readonly conditionalWrites?: boolean;
}

/** Also where createDynamoDBBackend may put what is too large for it: `largeResults`. */
export interface S3Backend extends ResultBackend, LargeResults {
  readonly groups: GroupStore;
}

/** Writes that are refused because others write the same object, before it is given up. */
const TRIES = 5;

const encoder = new TextEncoder();

/**
 * Keeps results and groups in S3. The role needs s3:GetObject, s3:PutObject and s3:DeleteObject on the objects and s3:ListBucket on the
 * bucket. `resultExpires` is not looked at. Nothing is imported or connected before the first request, which rejects with
 * ImproperlyConfigured where `@aws-sdk/client-s3` is missing.
 *
 * @example const backend = createS3Backend({ bucket: 'my-results', basePath: 'celery/' });
 */
export function createS3Backend(options: S3BackendOptions): S3Backend {
  const { bucket, basePath = '', conditionalWrites = true } = options;
  const objects = createObjects({ ...options, creator: 'createS3Backend' });
  const keys = resultKeys(options.keyPrefix);
  const taskKey = (id: string): string => basePath + keys.task(id);
  const groupKey = (id: string): string => basePath + keys.group(id);
  const largeKey = ({ taskId, sha256 }: LargeResultName): string => `${basePath}${keys.task(taskId)}.large-${sha256}`;

  const toDocument = (bytes: Uint8Array, taskId: string): ResultDocument => {
    try {
      return readResultPayload(bytes);
    } catch (cause) {
      throw new BackendGetError(`What bucket '${bucket}' holds for task ${taskId} is no result document.`, { cause });
    }
  };

  const fetch = async (taskId: string): Promise<ResultDocument | undefined> => {
    const object = await objects.get(taskKey(taskId));
    return object && toDocument(object.bytes, taskId);
  };

  /** What has to be there still when it is written over; nothing is written over a SUCCESS. */
  const conditionOf = async (taskId: string): Promise<WriteCondition | 'done'> => {
    const there = await objects.get(taskKey(taskId));
    if (there !== undefined && toDocument(there.bytes, taskId).status === SUCCESS) return 'done';
    if (!conditionalWrites) return undefined;
    if (there === undefined) return { ifNone: true };
    return there.etag === undefined ? undefined : { ifTag: there.etag };
  };

  const groups: GroupStore = {
    async save(groupId, group) {
      await objects.put(groupKey(groupId), encoder.encode(writeGroup(group)), undefined);
    },
    async restore(groupId) {
      const object = await objects.get(groupKey(groupId));
      if (object === undefined) return undefined;
      try {
        return readGroupPayload(object.bytes);
      } catch (cause) {
        throw new BackendGetError(`What bucket '${bucket}' holds for the group ${groupId} is no saved group.`, { cause });
      }
    },
    remove: (groupId) => objects.remove(groupKey(groupId)),
  };

  return {
    async store(document) {
      const { task_id: taskId } = document;
      const body = encoder.encode(writeResult(document));
      for (let tries = 0; tries < TRIES; tries += 1) {
        const condition = await conditionOf(taskId).catch((error: unknown) => {
          throw ofStoring(error);
        });
        if (condition === 'done' || (await objects.put(taskKey(taskId), body, condition))) return;
      }
      throw contended(taskId);
    },
    fetch,
    forget: (taskId) => objects.remove(taskKey(taskId)),
    groups,
    async putLarge(name, payload) {
      await objects.put(largeKey(name), payload, undefined);
    },
    getLarge: async (name) => (await objects.get(largeKey(name)))?.bytes,
    removeLarge: (name) => objects.remove(largeKey(name)),
    close: objects.close,
  };
}
