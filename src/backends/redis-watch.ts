/** Tells of documents as they are published, over one connection for all who wait (celery.backends.redis.ResultConsumer). */

import { kept } from '../kept.ts';
import type { RedisSubscriber } from '../redis-client.ts';
import { destroyed, type RedisConnection } from '../redis-connection.ts';
import type { ResultDocument } from '../wire/result.ts';
import { readResultPayload } from '../wire/result-payload.ts';
import { type Watcher, Watchers } from './watchers.ts';

export interface RedisWatchOptions {
  readonly connection: RedisConnection;
  /** The key of a task's document, which is the channel it is published on as well. */
  readonly key: (taskId: string) => string;
  readonly fetchMany: (taskIds: readonly string[]) => Promise<readonly (ResultDocument | undefined)[]>;
}

export interface RedisWatch {
  watch(taskIds: readonly string[], onDocument: Watcher): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 2000;

export function createRedisWatch({ connection, key, fetchMany }: RedisWatchOptions): RedisWatch {
  const watchers = new Watchers();
  const channels = new Set<string>();
  let current: RedisSubscriber | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function hear(message: Buffer): void {
    const document = readable(message);
    if (document !== undefined) watchers.tell(document);
  }

  /** What was published while the connection was lost is found where it is stored. */
  async function catchUp(): Promise<void> {
    for (const document of await fetchMany(watchers.ids())) if (document !== undefined) watchers.tell(document);
  }

  /** When the last connection gave up, one that listens to nothing yet. */
  async function opened(): Promise<RedisSubscriber> {
    if (current?.isOpen === true) return current;
    channels.clear();
    let isConnected = false;
    current = await connection.subscriber((retries) => {
      const givesUp = !isConnected || watchers.ids().length === 0;
      return givesUp ? false : Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_WAIT_MS);
    });
    isConnected = true;
    current.on('ready', () => void catchUp().catch(() => {}));
    return current;
  }

  /** One change at a time: the client mixes up a channel that is left and entered at once. */
  function inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const done = turn.then(change);
    turn = done.catch(() => {});
    return done;
  }

  /** A connection that was kept may be gone without a word: what fails on it is tried once more on a new one. */
  async function enter(taskIds: readonly string[]): Promise<void> {
    const wasOpen = current?.isOpen === true;
    await subscribe(taskIds).catch((error: unknown) => {
      if (current !== undefined) destroyed(current);
      if (!wasOpen) throw error;
      return subscribe(taskIds);
    });
  }

  async function subscribe(taskIds: readonly string[]): Promise<void> {
    const listened = taskIds.filter((id) => watchers.has(id));
    if (listened.length === 0) return;
    const subscriber = await opened();
    const fresh = channelsOf(channels.size === 0 ? watchers.ids() : listened).filter((channel) => !channels.has(channel));
    if (fresh.length === 0) return;
    await connection.within(subscriber.subscribe(fresh, hear, true));
    for (const channel of fresh) channels.add(channel);
  }

  async function leave(taskIds: readonly string[]): Promise<void> {
    const stale = channelsOf(taskIds.filter((id) => !watchers.has(id))).filter((channel) => channels.has(channel));
    if (stale.length === 0 || current?.isOpen !== true) return;
    for (const channel of stale) channels.delete(channel);
    await connection.within(current.unsubscribe(stale, hear, true));
  }

  const channelsOf = (taskIds: readonly string[]): string[] => Array.from(new Set(taskIds), key);

  return {
    async watch(taskIds, onDocument) {
      const remove = watchers.add(taskIds, onDocument);
      const end = kept(() => {
        remove();
        // That the server hears of it late, or never, hurts nobody.
        return inTurn(() => leave(taskIds)).catch(() => {});
      });
      try {
        await inTurn(() => enter(taskIds));
      } catch (error) {
        void end();
        throw error;
      }
      return end;
    },
    async close() {
      await turn;
      if (current !== undefined) destroyed(current);
      current = undefined;
    },
  };
}

/** What cannot be read is met by whoever fetches it. */
function readable(message: Buffer): ResultDocument | undefined {
  try {
    return readResultPayload(message);
  } catch {
    return undefined;
  }
}
