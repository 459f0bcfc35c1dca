/** What createDynamoDBBackend makes, put together: imported when the first request is made. */

import { type Clock, systemClock } from '../clock.ts';
import type { ChordStore, GroupStore, ResultBackend } from './backend.ts';
import type { LargeResults } from './claim-check.ts';
import { chords } from './dynamodb-chords.ts';
import { createRequests, type DynamoDBClientOptions } from './dynamodb-client.ts';
import { groups } from './dynamodb-groups.ts';
import { createExpiry } from './dynamodb-items.ts';
import { documents } from './dynamodb-results.ts';
import { createTable } from './dynamodb-table.ts';
import { pythonBytesText, resultKeys } from './result-keys.ts';

export interface DynamoDBBackendOptions extends DynamoDBClientOptions {
  /** A table whose partition key is the string `id` and that has no sort key, with `ttl` as its time-to-live attribute. Default `celery`. */
  readonly table?: string;
  /**
   * Seconds after which an item may go, as Celery's `ttl_seconds`; null for never. Default: as the setting resultExpires has it, which is
   * a day; Celery's backend does not look at result_expires and keeps what has no `ttl_seconds`.
   */
  readonly ttlSeconds?: number | null;
  /** Before every key, as Celery's `global_keyprefix`; an underscore comes between unless it ends in one of `: _ - .` Default none. */
  readonly keyPrefix?: string;
  /**
   * Where results go that are larger than an item may be, 400 KB: `createS3Backend(...)`. Its objects do not expire by themselves. Python
   * reads a pointer in their place. Default: storing such a result is a BackendStoreError.
   */
  readonly largeResults?: LargeResults;
  /** What tells an item that has expired, which DynamoDB removes days later. Default: the system's clock. */
  readonly clock?: Clock;
}

export interface DynamoDBBackend extends ResultBackend {
  readonly groups: GroupStore;
  readonly chords: ChordStore;
}

export function openStore(options: DynamoDBBackendOptions) {
  const { table: tableName = 'celery', clock = systemClock, largeResults } = options;
  const keys = resultKeys(options.keyPrefix);
  const taskKey = (id: string): string => pythonBytesText(keys.task(id));
  const groupKey = (id: string): string => pythonBytesText(keys.group(id));
  const chordKey = (id: string): string => pythonBytesText(keys.chord(id));
  const table = createTable(tableName, createRequests(tableName, options), clock);
  const expiry = createExpiry(options.ttlSeconds, clock);
  const results = documents({ tableName, table, expiry, taskKey, largeResults });
  const saved = groups({ table, expiry, groupKey });
  return {
    ...results,
    groups: saved,
    chords: chords({ table, expiry, groups: saved, fetchMany: results.fetchMany, chordKey, groupKey }),
    close: table.close,
  } satisfies DynamoDBBackend;
}
