/** The requests that results need of one DynamoDB table with the string key `id`: single items, and batches until all of them is done. */

import type { Clock } from '../clock.ts';
import { BackendGetError, BackendStoreError } from '../errors.ts';
import { sleep } from '../timers.ts';
import type { Requests } from './dynamodb-client.ts';
import type { Attribute, Item } from './dynamodb-items.ts';

/** An expression, and its `#names` and `:values`. */
export interface Expression {
  readonly text: string;
  readonly values?: Readonly<Record<string, Attribute>>;
}

export interface Table {
  /** Of an item, the attributes asked for; default all. */
  get(id: string, attributes?: readonly string[]): Promise<Item | undefined>;
  /** By id, the items there are of any number. */
  getMany(ids: readonly string[], attributes?: readonly string[]): Promise<ReadonlyMap<string, Item>>;
  /** False when the condition does not hold. */
  put(item: Item, condition?: Expression): Promise<boolean>;
  /** Puts up to 25 items that have different ids. Rejects when it cannot say which of them are stored. @returns the ids of those that are not */
  putMany(items: readonly Item[]): Promise<ReadonlySet<string>>;
  /** What the update made of the attributes it names; undefined when the condition does not hold. */
  update(id: string, update: Expression, condition: Expression): Promise<Item | undefined>;
  /** The item as it was. */
  remove(id: string): Promise<Item | undefined>;
  close(): Promise<void>;
}

/** What BatchGetItem takes. */
const KEYS_PER_READ = 100;
/** What BatchWriteItem takes. */
export const ITEMS_PER_WRITE = 25;
/** Batches on the way at the same time. */
const AT_ONCE = 4;
/** Requests in a row that leave all undone before it is given up. */
const VAIN_TRIES = 5;
const FIRST_WAIT_MS = 50;

export function createTable(tableName: string, requests: Requests, clock: Clock): Table {
  const keyOf = (id: string) => ({ id: { S: id } });

  /** Half of the wait is chance, so that those who were refused together do not come back together. */
  const rest = (tries: number): Promise<void> => sleep(clock, FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random() / 2));

  const readBatch = async (ids: readonly string[], attributes: readonly string[] | undefined): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let keys: readonly object[] = ids.map(keyOf);
    for (let tries = 0; ; ) {
      const request = { Keys: keys, ConsistentRead: true, ...toProjection(attributes) };
      const { Responses, UnprocessedKeys } = await requests.read<BatchGetAnswer>(
        'BatchGetItem',
        ({ BatchGetItemCommand }) => new BatchGetItemCommand({ RequestItems: { [tableName]: request as never } }),
      );
      found.push(...(Responses?.[tableName] ?? []));
      const left = UnprocessedKeys?.[tableName]?.Keys ?? [];
      if (left.length === 0) return found;
      tries = left.length < keys.length ? 0 : tries + 1;
      if (tries === VAIN_TRIES) throw new BackendGetError(`DynamoDB left ${left.length} keys of table '${tableName}' unread; ${LATER}`);
      keys = left;
      await rest(tries);
    }
  };

  return {
    async get(id, attributes) {
      const { Item } = await requests.read<{ Item?: Item }>(
        'GetItem',
        ({ GetItemCommand }) =>
          new GetItemCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true, ...toProjection(attributes) }),
      );
      return Item;
    },
    async getMany(ids, attributes) {
      const batches = inBatches([...new Set(ids)], KEYS_PER_READ);
      const items = await atOnce(batches, AT_ONCE, (batch) => readBatch(batch, attributes));
      return new Map(items.flat().map((item) => [item['id']?.S ?? '', item]));
    },
    async put(item, condition) {
      const put = await requests.write(
        'PutItem',
        ({ PutItemCommand }) => new PutItemCommand({ TableName: tableName, Item: item as never, ...toCondition(condition) }),
      );
      return put !== undefined;
    },
    async putMany(items) {
      let left = items;
      for (let tries = 0; left.length > 0 && tries < VAIN_TRIES; ) {
        if (left !== items) await rest(tries);
        const puts = left.map((item) => ({ PutRequest: { Item: item } }));
        const answer = await requests.write<BatchWriteAnswer>(
          'BatchWriteItem',
          ({ BatchWriteItemCommand }) => new BatchWriteItemCommand({ RequestItems: { [tableName]: puts as never } }),
        );
        const unwritten = (answer?.UnprocessedItems?.[tableName] ?? []).flatMap(({ PutRequest }) =>
          PutRequest?.Item === undefined ? [] : [PutRequest.Item],
        );
        tries = unwritten.length < left.length ? 0 : tries + 1;
        left = unwritten;
      }
      return new Set(left.map((item) => item['id']?.S ?? ''));
    },
    async update(id, update, condition) {
      const answer = await requests.write<{ Attributes?: Item }>(
        'UpdateItem',
        ({ UpdateItemCommand }) =>
          new UpdateItemCommand({
            TableName: tableName,
            Key: keyOf(id),
            UpdateExpression: update.text,
            ReturnValues: 'UPDATED_NEW',
            ...toCondition({ text: condition.text, values: { ...update.values, ...condition.values } }, update.text),
          }),
      );
      return answer && (answer.Attributes ?? {});
    },
    async remove(id) {
      const answer = await requests.write<{ Attributes?: Item }>(
        'DeleteItem',
        ({ DeleteItemCommand }) => new DeleteItemCommand({ TableName: tableName, Key: keyOf(id), ReturnValues: 'ALL_OLD' }),
      );
      return answer?.Attributes;
    },
    close: requests.close,
  };
}

interface BatchGetAnswer {
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly object[] }>>;
}

interface BatchWriteAnswer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly { readonly PutRequest?: { readonly Item?: Item } }[]>>;
}

const LATER = 'it throttles, and the same request may succeed later.';

/** Why an item of a batch is not stored that DynamoDB was asked to store. */
export function unwritten(tableName: string): BackendStoreError {
  return new BackendStoreError(`dynamodb:BatchWriteItem on table '${tableName}' left it unwritten; ${LATER}`);
}

/** Attributes are written `#name` throughout, as DynamoDB reserves many words. */
function toProjection(attributes: readonly string[] | undefined) {
  if (attributes === undefined) return {};
  const names = attributes.map((name) => `#${name}`);
  return { ProjectionExpression: names.join(', '), ExpressionAttributeNames: namesIn(names.join()) };
}

function toCondition(condition: Expression | undefined, update = '') {
  if (condition === undefined) return {};
  const { text, values = {} } = condition;
  return {
    ConditionExpression: text,
    ExpressionAttributeNames: namesIn(`${text} ${update}`),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values as never }),
  };
}

function namesIn(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(/#(\w+)/g), ([sign, name]) => [sign, name!]));
}

export function inBatches<Part>(parts: readonly Part[], size: number): readonly (readonly Part[])[] {
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, at) => parts.slice(at * size, (at + 1) * size));
}

/** Does all, so many at a time, and answers in their order. When one fails, what is under way is waited for, and nothing more is begun. */
export async function atOnce<Part, Answer>(
  parts: readonly Part[],
  width: number,
  work: (part: Part) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < parts.length) {
      const at = next++;
      answers[at] = await work(parts[at]!).catch((error: unknown) => {
        next = parts.length;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(width, parts.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return answers;
}
