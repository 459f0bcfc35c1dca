/** Saved groups in DynamoDB, one item each (celery Backend.save_group). */

import { BackendGetError } from '../errors.ts';
import { compress } from '../wire/compression.ts';
import type { ResultTuple } from '../wire/result.ts';
import { readGroupPayload, writeGroup } from '../wire/result-payload.ts';
import type { GroupStore } from './backend.ts';
import { type Expiry, fits, RESULT, tooLarge } from './dynamodb-items.ts';
import type { Table } from './dynamodb-table.ts';

export interface Groups {
  readonly table: Table;
  readonly expiry: Expiry;
  /** The key of a saved group. */
  groupKey(groupId: string): string;
}

const encoder = new TextEncoder();

export function groups({ table, expiry, groupKey }: Groups): GroupStore {
  return {
    async save(groupId, group, keeping) {
      const id = groupKey(groupId);
      const payload = toPayload(id, group);
      if (!fits(id, payload)) throw tooLarge(`The group ${groupId}, compressed,`, payload, 'make several groups of it');
      await table.put({ id: { S: id }, [RESULT]: { B: payload }, ...expiry.stamp(), ...expiry.ttl(keeping) });
    },
    async restore(groupId) {
      const item = expiry.living(await table.get(groupKey(groupId)));
      const payload = item?.[RESULT]?.B;
      if (payload === undefined) return undefined;
      try {
        return readGroupPayload(payload);
      } catch (cause) {
        throw new BackendGetError(`What is kept of the group ${groupId} is no saved group.`, { cause });
      }
    },
    async remove(groupId) {
      await table.remove(groupKey(groupId));
    },
  };
}

/**
 * Some 7 000 members fit as they are, which any Celery reads. More are compressed as by `result_compression`, which Celery reads since
 * 5.7 whatever its settings: some 18 000 fit then.
 */
function toPayload(id: string, group: ResultTuple): Uint8Array {
  const plain = encoder.encode(writeGroup(group));
  if (fits(id, plain)) return plain;
  const { data, header } = compress('zlib', plain);
  return Buffer.concat([encoder.encode(`\0celery-compressed\0${header}\0`), data]);
}
