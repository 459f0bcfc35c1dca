/**
 * Documents in DynamoDB, one item each. A single one is written under the condition that no SUCCESS is there; several at once are
 * looked at first and then written, as Celery does with each.
 */

import { answerName, contended, ofStoring } from '../aws-failures.ts';
import { BackendGetError } from '../errors.ts';
import { READY_STATES, SUCCESS } from '../states.ts';
import { type ResultDocument, writeResult } from '../wire/result.ts';
import { readResultPayload } from '../wire/result-payload.ts';
import type { Keeping, ResultBackend } from './backend.ts';
import { checkIn, checkOut, isDigest, type LargeResults } from './claim-check.ts';
import { type Expiry, fits, type Item, LARGE_RESULT, RESULT, STATUS, TIMESTAMP, TTL, tooLarge } from './dynamodb-items.ts';
import { atOnce, type Expression, ITEMS_PER_WRITE, inBatches, type Table, unwritten } from './dynamodb-table.ts';
import { shortened } from './shortening.ts';

/** The one table, and how things are named and dated in it. */
export interface DynamoDBStore {
  readonly tableName: string;
  readonly table: Table;
  readonly expiry: Expiry;
  /** The key of a task's document. */
  taskKey(taskId: string): string;
  readonly largeResults: LargeResults | undefined;
}

/** Writes that are refused because others write the same document, before it is given up. */
const TRIES = 5;
/** Batches of documents on the way at the same time. */
const AT_ONCE = 4;
/** Documents that go alone, or are large, on the way at the same time: as many as a worker runs records. */
const PUTS_AT_ONCE = 10;

const ADVICE = 'return a reference to it instead, or give createDynamoDBBackend largeResults';
const encoder = new TextEncoder();

export type Documents = Required<Pick<ResultBackend, 'store' | 'storeMany' | 'fetch' | 'fetchMany' | 'forget'>>;

export function documents({ tableName, table, expiry, taskKey, largeResults }: DynamoDBStore): Documents {
  const toItem = async (document: ResultDocument, keeping: Keeping | undefined): Promise<Item> => {
    const id = taskKey(document.task_id);
    const payload = encoder.encode(writeResult(document));
    const item = (result: Uint8Array): Item => ({
      id: { S: id },
      [RESULT]: { B: result },
      [STATUS]: { S: document.status },
      ...expiry.stamp(),
      ...expiry.ttl(keeping),
    });
    if (fits(id, payload)) return item(payload);
    if (largeResults === undefined) {
      const short = shortened(document, (bytes) => fits(id, bytes));
      if (short !== undefined) return item(short);
      throw tooLarge(`The result of task ${document.task_id}`, payload, ADVICE);
    }
    const { sha256, stubs } = await checkIn(document, payload, largeResults);
    const stub = stubs.map((text) => encoder.encode(text)).find((bytes) => fits(id, bytes));
    if (stub === undefined) throw tooLarge(`What is left of the result of task ${document.task_id}`, payload, 'it was not stored');
    return { ...item(stub), [LARGE_RESULT]: { S: sha256 } };
  };

  /** Undefined where it is not there, or has expired. */
  const toDocument = async (item: Item | undefined, taskId: string): Promise<ResultDocument | undefined> => {
    const living = expiry.living(item);
    if (living === undefined) return undefined;
    const sha256 = living[LARGE_RESULT]?.S;
    if (isDigest(sha256)) return await checkOut({ taskId, sha256 }, largeResults);
    const payload = living[RESULT]?.B;
    if (payload === undefined) throw new BackendGetError(`What table '${tableName}' holds for task ${taskId} has no \`${RESULT}\`.`);
    try {
      return readResultPayload(payload);
    } catch (cause) {
      throw new BackendGetError(`What table '${tableName}' holds for task ${taskId} is no result document.`, { cause });
    }
  };

  /** Python's items have no `status`; replacing one is tied to the very moment it was written. */
  const overPythons = (item: Item): Expression => ({
    text: 'attribute_not_exists(#status) AND #timestamp = :timestamp',
    values: { ':timestamp': item[TIMESTAMP] ?? { N: '0' } },
  });
  const overOurs = (): Expression => ({
    text: 'attribute_not_exists(#id) OR #ttl <= :now OR (attribute_exists(#status) AND #status <> :success)',
    values: { ':now': expiry.now(), ':success': { S: SUCCESS } },
  });

  const isSuccess = async (item: Item, taskId: string): Promise<boolean> =>
    (item[STATUS]?.S ?? (await toDocument(item, taskId))?.status) === SUCCESS;

  /** Somebody's document was in the way of this one. Whether it stays there; false when by now it is worth trying again. */
  const yields = async (item: Item, taskId: string): Promise<boolean> => {
    const there = await table.get(taskKey(taskId));
    if (expiry.living(there) === undefined || there === undefined) return false;
    if (await isSuccess(there, taskId)) {
      await dropLarge(item, there, taskId);
      return true;
    }
    return there[STATUS] === undefined && (await table.put(item, overPythons(there)));
  };

  /** What was put elsewhere for an item that is not needed, unless the one that stands there is its like. */
  const dropLarge = async (item: Item, there: Item | undefined, taskId: string): Promise<void> => {
    const sha256 = item[LARGE_RESULT]?.S;
    if (isDigest(sha256) && sha256 !== there?.[LARGE_RESULT]?.S) await largeResults?.removeLarge({ taskId, sha256 });
  };

  const storeOne = async (document: ResultDocument, keeping: Keeping | undefined): Promise<void> => {
    const { task_id: taskId } = document;
    const item = await toItem(document, keeping);
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (await table.put(item, overOurs())) return;
      if (await yields(item, taskId)) return;
    }
    throw contended(taskId);
  };

  const store: Documents['store'] = (document, keeping) =>
    storeOne(document, keeping).catch((error: unknown) => {
      throw ofStoring(error);
    });

  /** Documents of different tasks: a look at all of them, then one write. */
  const storeBatch = async (batch: readonly ResultDocument[], keeping: Keeping | undefined): Promise<readonly Outcome[]> => {
    const there = await table.getMany(
      batch.map(({ task_id }) => taskKey(task_id)),
      ['id', STATUS, TTL],
    );
    const items: Item[] = [];
    const prepare = async (document: ResultDocument): Promise<Outcome> => {
      // A state that passes must not replace an end that is stored between the look and the write.
      if (!READY_STATES.has(document.status)) return await settled(store(document, keeping));
      const old = expiry.living(there.get(taskKey(document.task_id)));
      if (old?.[STATUS]?.S === SUCCESS) return undefined;
      // Python's: whether it is a SUCCESS only the document says.
      if (old !== undefined && old[STATUS] === undefined) return await settled(store(document, keeping));
      return await settled(toItem(document, keeping).then((item) => void items.push(item)));
    };
    const outcomes = await atOnce(batch, PUTS_AT_ONCE, prepare);
    const left = await table.putMany(items);
    return outcomes.map((outcome, at) => outcome ?? (left.has(taskKey(batch[at]!.task_id)) ? unwritten(tableName) : undefined));
  };

  const storeSome = async (batch: readonly ResultDocument[], keeping: Keeping | undefined): Promise<readonly Outcome[]> => {
    if (batch.length === 1) return [await settled(store(batch[0]!, keeping))];
    try {
      return await storeBatch(batch, keeping);
    } catch (error) {
      // One key that DynamoDB does not take spoils a batch for all: each goes alone then.
      if (isInvalid(error)) return await atOnce(batch, PUTS_AT_ONCE, (document) => settled(store(document, keeping)));
      return batch.map(() => ofStoring(error));
    }
  };

  return {
    store,
    async storeMany(all, keeping) {
      const outcomes = new Map<ResultDocument, Outcome>();
      // A batch cannot hold two documents of one task: the second goes when the first is there.
      for (let rest = all; rest.length > 0; ) {
        const first = new Map(rest.toReversed().map((document) => [document.task_id, document]));
        const round = rest.filter((document) => first.get(document.task_id) === document);
        const batches = inBatches(round, ITEMS_PER_WRITE);
        const answers = (await atOnce(batches, AT_ONCE, (batch) => storeSome(batch, keeping))).flat();
        for (const [at, document] of round.entries()) outcomes.set(document, answers[at]);
        rest = rest.filter((document) => !outcomes.has(document));
      }
      return all.map((document) => outcomes.get(document));
    },
    fetch: async (taskId) => await toDocument(await table.get(taskKey(taskId)), taskId),
    async fetchMany(taskIds) {
      const items = await table.getMany(taskIds.map(taskKey));
      return await atOnce(taskIds, AT_ONCE, (taskId) => toDocument(items.get(taskKey(taskId)), taskId));
    },
    async forget(taskId) {
      const old = await table.remove(taskKey(taskId));
      if (old !== undefined) await dropLarge(old, undefined, taskId);
    },
  };
}

type Outcome = Error | undefined;

const settled = (storing: Promise<void>): Promise<Outcome> => storing.then(() => undefined, ofStoring);

function isInvalid(error: unknown): boolean {
  return answerName((error as { cause?: unknown } | null)?.cause) === 'ValidationException';
}
