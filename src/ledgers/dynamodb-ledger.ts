/** What createDynamoDBLedger makes, put together, with what it asks of attempts and revocations. Imported when the first request is made. */

import { claims } from './dynamodb-claims.ts';
import type { DynamoDBLedger } from './dynamodb-commit.ts';
import { reservations } from './dynamodb-reservations.ts';
import { createTable, type DynamoDBTableOptions, type Table } from './dynamodb-table.ts';
import { type Item, numberOf, ttlSeconds } from './dynamodb-values.ts';
import { attemptKey, revokedKey, stampKeys } from './keys.ts';
import type { Attempt, Ledger } from './ledger.ts';

/** What BatchGetItem takes. */
const KEYS_PER_READ = 100;
/** Writes on the way at the same time, when many ids are revoked. */
const WRITES_AT_ONCE = 25;

export function openLedger(options: DynamoDBTableOptions) {
  const table = createTable(options);
  return {
    ...attempts(table),
    ...revocations(table),
    ...claims(table),
    ...reservations(table),
    settleWith: async (settled, writes) => (await import('./dynamodb-settle.ts')).settleWith(table, settled, writes),
    close: table.close,
  } satisfies DynamoDBLedger;
}

/**
 * `starts_begun` numbers the starts, each start keeps its number under its token, and `starts_ended` is the highest number that
 * ended. So a late end can only end itself and what came before it.
 */
function attempts(table: Table): Required<Pick<Ledger, 'begin' | 'finish' | 'unfinished'>> {
  const mine = ({ token }: Attempt) => ({ mine: `start-${token}` });
  const unfinished = (item: Item | undefined, before: number): number => Math.max(0, before - numberOf(item, 'starts_ended'));
  return {
    async begin(attempt) {
      const id = attemptKey(attempt.taskId);
      const next = 'if_not_exists(starts_begun, :none) + :one';
      const old = await table.update(
        id,
        `SET #mine = ${next}, starts_begun = ${next}, expires_at = :expires, #ttl = :ttl`,
        'attribute_not_exists(#mine)',
        {
          names: { ...mine(attempt), ttl: 'ttl' },
          values: { none: 0, one: 1, expires: attempt.expiresMs, ttl: ttlSeconds(attempt.expiresMs) },
        },
      );
      if (old !== undefined) return { unfinished: unfinished(old, numberOf(old, 'starts_begun')) };
      const noted = await table.get(id);
      return { unfinished: unfinished(noted, numberOf(noted, mine(attempt).mine) - 1) };
    },
    async finish(attempt) {
      const id = attemptKey(attempt.taskId);
      const names = mine(attempt);
      if (await table.remove(id, 'starts_begun = #mine', { names })) return;
      const ours = 'attribute_exists(#mine) AND (attribute_not_exists(starts_ended) OR starts_ended < #mine)';
      await table.update(id, 'SET starts_ended = #mine', ours, { names });
    },
    async unfinished(taskIds) {
      const ids = taskIds.map(attemptKey);
      const found = new Map<unknown, Item>();
      for (const keys of portions([...new Set(ids)], KEYS_PER_READ))
        for (const item of await table.getSome(keys)) found.set(item.get('id'), item);
      return ids.map((id) => unfinished(found.get(id), numberOf(found.get(id), 'starts_begun')));
    },
  };
}

function revocations(table: Table): Pick<Ledger, 'revoke' | 'revokeByStamps' | 'isRevoked'> {
  const refuse = (keys: readonly string[], expiresMs: number): Promise<void> =>
    inTurns([...new Set(keys)], WRITES_AT_ONCE, async (id) => {
      await table.update(id, 'SET expires_at = :expires, #ttl = :ttl', 'attribute_not_exists(id) OR expires_at < :expires', {
        names: { ttl: 'ttl' },
        values: { expires: expiresMs, ttl: ttlSeconds(expiresMs) },
      });
    });
  return {
    revoke: (taskIds, { expiresMs }) => refuse(taskIds.map(revokedKey), expiresMs),
    revokeByStamps: (stamps, { expiresMs }) => refuse(stampKeys(stamps), expiresMs),
    async isRevoked({ taskId, stamps }, nowMs) {
      const keys = [revokedKey(taskId), ...stampKeys(stamps)];
      for (const portion of portions(keys, KEYS_PER_READ)) {
        const items = await table.getSome(portion);
        if (items.some((item) => nowMs < numberOf(item, 'expires_at'))) return true;
      }
      return false;
    },
  };
}

function* portions<Part>(parts: readonly Part[], size: number): Generator<readonly Part[]> {
  for (let at = 0; at < parts.length; at += size) yield parts.slice(at, at + size);
}

/** Does all, so many at a time, and then throws the first failure. */
async function inTurns<Part>(parts: readonly Part[], width: number, work: (part: Part) => Promise<void>): Promise<void> {
  const ends: PromiseSettledResult<void>[] = [];
  for (const portion of portions(parts, width)) ends.push(...(await Promise.allSettled(portion.map(work))));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
