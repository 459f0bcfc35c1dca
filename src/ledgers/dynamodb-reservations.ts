/** Names in DynamoDB that one task at a time may have; `expires_at` says until when, and the table's time to live only tidies up. */

import { BackendStoreError } from '../errors.ts';
import type { Table } from './dynamodb-table.ts';
import { type Item, numberOf, ttlSeconds } from './dynamodb-values.ts';
import { uniqueKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** A name that was refused, and was free when we looked, is asked for again so often. */
const RESERVE_TRIES = 5;

type Asked = Parameters<Ledger['reserve']>[0];

export function reservations(table: Table): Pick<Ledger, 'reserve' | 'unreserve'> {
  const take = ({ name, taskId, nowMs, untilMs }: Asked): Promise<boolean> => {
    const free = 'attribute_not_exists(id) OR (task_id <> :task AND expires_at <= :now)';
    const shorter = 'task_id = :task AND expires_at <= :until';
    return table.put({ id: uniqueKey(name), task_id: taskId, expires_at: untilMs, ttl: ttlSeconds(untilMs) }, `${free} OR (${shorter})`, {
      values: { task: taskId, now: nowMs, until: untilMs },
    });
  };
  return {
    async reserve(asked) {
      for (let tries = 0; tries < RESERVE_TRIES; tries += 1) {
        if (await take(asked)) return { taskId: asked.taskId };
        const holder = holderOf(await table.get(uniqueKey(asked.name)), asked);
        if (holder !== undefined) return { taskId: holder };
      }
      throw new BackendStoreError(
        `The reservation of task ${asked.taskId} was not written: others take the name and give it up again and again.`,
      );
    },
    async unreserve({ name, taskId }) {
      await table.remove(uniqueKey(name), 'task_id = :task', { values: { task: taskId } });
    },
  };
}

/** Whose the name is; undefined when by now it would not be refused. */
function holderOf(item: Item | undefined, { taskId, nowMs }: Asked): string | undefined {
  const holder = item?.get('task_id');
  if (typeof holder !== 'string') return undefined;
  return holder === taskId || nowMs < numberOf(item, 'expires_at') ? holder : undefined;
}
