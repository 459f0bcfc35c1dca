/**
 * Results in Redis or Valkey, laid out as Celery's Redis backend lays them out (celery.backends.redis), which reads and writes the same
 * keys. Who waits for a result is told by PUBLISH, Python's clients too.
 */

import type { RedisClientOptions } from '../redis-client.ts';
import { createRedisConnection, type RedisConnection } from '../redis-connection.ts';
import { reading, writing } from '../redis-failures.ts';
import { sha1Of } from '../redis-script.ts';
import { SUCCESS } from '../states.ts';
import { type ResultDocument, writeResult } from '../wire/result.ts';
import { readGroupPayload, readResultPayload, writeGroup } from '../wire/result-payload.ts';
import type { ChordStore, GroupStore, Keeping, ResultBackend } from './backend.ts';
import { createRedisChords } from './redis-chords.ts';
import { STORE, secondsText } from './redis-scripts.ts';
import { createRedisWatch } from './redis-watch.ts';
import { resultKeys } from './result-keys.ts';

export type { RedisClient, RedisClientOptions, RedisSubscriber } from '../redis-client.ts';

export interface RedisBackendOptions extends RedisClientOptions {
  /** Before every key, as Celery's `global_keyprefix`; an underscore comes between unless it ends in one of `: _ - .` Default none. */
  readonly keyPrefix?: string;
  /**
   * Whether the body of a chord gets its results in the order of the header; else in the order they came. Must be what Celery's workers
   * have in `result_backend_transport_options`. Default true.
   */
  readonly resultChordOrdered?: boolean;
  /** Milliseconds for connecting, and for each command. Default 5000. */
  readonly timeoutMs?: number;
}

export interface RedisBackend extends Required<Omit<ResultBackend, 'cleanup'>> {
  readonly chords: Required<ChordStore>;
}

/** Celery's result_expires, where the caller does not say. */
const USUAL_KEEPING: Keeping = { expiresSeconds: 86_400 };
/** What one MGET asks for, so that it does not hold up the server's other clients. */
const KEYS_AT_ONCE = 500;

/**
 * Keeps results, groups and chords in Redis. Nothing is imported or connected before the first call; connections are then kept, and do
 * not keep a process from ending. A call rejects with BackendStoreError or BackendGetError, and with ImproperlyConfigured where
 * `@redis/client` is missing or the URL is none. One server is meant, or a cluster's only shard: a chord has several keys.
 *
 * @example const backend = createRedisBackend({ url: 'rediss://results.example:6379/0' });
 */
export function createRedisBackend(options: RedisBackendOptions = {}): RedisBackend {
  const { keyPrefix, resultChordOrdered: isOrdered = true, timeoutMs = 5000 } = options;
  const keys = resultKeys(keyPrefix);
  const connection = createRedisConnection({ ...options, timeoutMs });

  async function store(document: ResultDocument, keeping: Keeping = USUAL_KEEPING): Promise<void> {
    const text = writeResult(document);
    await overwrite(connection, keys.task(document.task_id), text, keeping);
  }
  async function fetchMany(taskIds: readonly string[]): Promise<readonly (ResultDocument | undefined)[]> {
    const answers = await Promise.all(chunksOf(taskIds).map((ids) => connection.send(['MGET', ...ids.map(keys.task)])));
    return (answers as readonly (readonly unknown[])[]).flat().map(toDocument);
  }
  const groups: GroupStore = {
    async save(groupId, group, { expiresSeconds } = USUAL_KEEPING) {
      const seconds = secondsText(expiresSeconds);
      await connection.send(['SET', keys.group(groupId), writeGroup(group), ...(seconds === '' ? [] : ['EX', seconds])]);
    },
    async restore(groupId) {
      const found = await connection.send(['GET', keys.group(groupId)]);
      return found instanceof Uint8Array ? readGroupPayload(found) : undefined;
    },
    async remove(groupId) {
      await connection.send(['DEL', keys.group(groupId)]);
    },
  };
  const chords = createRedisChords({ connection, groupKey: keys.group, restoreGroup: groups.restore, isOrdered, fetchMany });
  const watching = createRedisWatch({ connection, key: keys.task, fetchMany });

  return {
    store: (document, keeping) => writing(`The result of task ${document.task_id}`, store(document, keeping)),
    async storeMany(documents, keeping) {
      const stored = documents.map((document) => writing(`The result of task ${document.task_id}`, store(document, keeping)));
      return (await Promise.allSettled(stored)).map((answer) => (answer.status === 'rejected' ? (answer.reason as Error) : undefined));
    },
    fetch: async (taskId) => (await reading(`The result of task ${taskId}`, fetchMany([taskId])))[0],
    fetchMany: (taskIds) => reading('Results', fetchMany(taskIds)),
    forget: async (taskId) => void (await writing(`Task ${taskId}`, connection.send(['DEL', keys.task(taskId)]))),
    watch: (taskIds, onDocument) => reading('Results', watching.watch(taskIds, onDocument)),
    groups: {
      save: (groupId, group, keeping) => writing(`Group ${groupId}`, groups.save(groupId, group, keeping)),
      restore: (groupId) => reading(`Group ${groupId}`, groups.restore(groupId)),
      remove: (groupId) => writing(`Group ${groupId}`, groups.remove(groupId)),
    },
    chords: {
      begin: (chord) => writing(`Chord ${chord.groupId}`, chords.begin(chord)),
      count: (part) => writing(`Part ${part.taskId} of chord ${part.groupId}`, chords.count(part)),
      join: (complete) => reading(`Chord ${complete.groupId}`, chords.join(complete)),
      end: (complete, body) => writing(`Chord ${complete.groupId}`, chords.end(complete, body)),
      release: (complete) => writing(`Chord ${complete.groupId}`, chords.release(complete)),
      grow: (groupId, part) => writing(`Chord ${groupId}`, chords.grow(groupId, part)),
    },
    async close() {
      await watching.close();
      await connection.close();
    },
  };
}

/** Writes unless a SUCCESS stands there. What stands there in another form than ours, compressed for one, is looked at here. */
async function overwrite(connection: RedisConnection, key: string, text: string, { expiresSeconds }: Keeping): Promise<void> {
  let seen = '';
  for (;;) {
    const found = await connection.run(STORE, key, text, secondsText(expiresSeconds), seen);
    if (!(found instanceof Uint8Array) || readResultPayload(found).status === SUCCESS) return;
    seen = sha1Of(found);
  }
}

function toDocument(found: unknown): ResultDocument | undefined {
  return found instanceof Uint8Array ? readResultPayload(found) : undefined;
}

function chunksOf(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / KEYS_AT_ONCE) }, (_, at) => ids.slice(at * KEYS_AT_ONCE, (at + 1) * KEYS_AT_ONCE));
}
