/**
 * DynamoDB simulated, always consistent: a read sees every write that was applied before it. Time to live removes nothing by itself, but
 * some of what has expired at each `sweep`.
 */

import type { SimDynamoDB, SimDynamoDBOptions, SimItem } from './contract.ts';
import { type ExpressionInput, readExpressions } from './dynamodb-expressions.ts';
import { type Path, projected } from './dynamodb-paths.ts';
import { createTable, type Table, type Write, type WriteInput, type WriteKind } from './dynamodb-table.ts';
import { createTransactions } from './dynamodb-transactions.ts';
import { invalid, order } from './dynamodb-values.ts';
import { type Env, machineOf, sdkError } from './machine.ts';

const KEYS_PER_READ = 100;
const WRITES_PER_BATCH = 25;
/** What expired longer ago stays, as DynamoDB takes its time for another kind of number. */
const FIVE_YEARS_SECONDS = 5 * 365 * 86_400;

interface ReadInput extends ExpressionInput {
  readonly TableName: string;
  readonly Key?: SimItem;
}
interface KeysInput extends ExpressionInput {
  readonly Keys?: readonly SimItem[];
}
interface BatchWrite {
  readonly PutRequest?: { readonly Item: SimItem };
  readonly DeleteRequest?: { readonly Key: SimItem };
}
interface PageInput extends ExpressionInput {
  readonly TableName: string;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: SimItem;
  readonly ScanIndexForward?: boolean;
}

export function createSimDynamoDB(env: Env, options: SimDynamoDBOptions): SimDynamoDB {
  const tables = new Map(options.tables.map((definition) => [definition.name, createTable(definition)]));
  const named = (name: string | undefined): Table => {
    const table = tables.get(name ?? '');
    if (table === undefined) throw sdkError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  };

  /** Nothing expires before it, so that most sweeps need not look. */
  let firstExpiry = Number.POSITIVE_INFINITY;
  const expiryOf = (item: SimItem, { ttl = 'ttl' }: Table['definition']): number => Number(item[ttl]?.N ?? Number.NaN);

  const put = ({ definition, items }: Table, key: string, after: SimItem | undefined, by: 'request' | 'ttl'): void => {
    const before = items.get(key);
    if (after === before) return;
    if (after === undefined) items.delete(key);
    else items.set(key, after);
    if (after !== undefined && expiryOf(after, definition) < firstExpiry) firstExpiry = expiryOf(after, definition);
    options.observe?.({ table: definition.name, key, by, ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  };
  const perform = ({ table, key, change }: Write) => {
    const { after, attributes } = change();
    put(table, key, after, 'request');
    return attributes === undefined ? {} : { Attributes: attributes };
  };
  const writing = (kind: WriteKind) => (input: WriteInput) => perform(named(input.TableName).write(kind, input));

  /** The first is always done. */
  const isLeft = (table: Table, at: number): boolean => at > 0 && options.leaveUndone?.(table.definition.name) === true;

  const readKeys = (
    table: Table,
    { Keys = [], ...input }: KeysInput,
  ): { readonly found: readonly SimItem[]; readonly left: readonly SimItem[] } => {
    const { projection } = readExpressions(input);
    const found: SimItem[] = [];
    const left: SimItem[] = [];
    for (const [at, key] of Keys.entries()) {
      const item = table.items.get(table.keyOf(key));
      if (isLeft(table, at)) left.push(key);
      else if (item !== undefined) found.push(shown(item, projection));
    }
    return { found, left };
  };

  const batchGet = ({ RequestItems = {} }: { readonly RequestItems?: Readonly<Record<string, KeysInput>> }) => {
    const requests = Object.entries(RequestItems).map(([name, input]) => [name, named(name), input] as const);
    const keys = requests.flatMap(([name, table, { Keys = [] }]) => Keys.map((key) => `${name}/${table.keyOf(key)}`));
    checkBatch(keys, KEYS_PER_READ, 'Too many items requested for the BatchGetItem call');
    const Responses: Record<string, readonly SimItem[]> = {};
    const UnprocessedKeys: Record<string, KeysInput> = {};
    for (const [name, table, input] of requests) {
      const { found, left } = readKeys(table, input);
      Responses[name] = found;
      if (left.length > 0) UnprocessedKeys[name] = { ...input, Keys: left };
    }
    return { Responses, UnprocessedKeys };
  };

  const batchWrite = ({ RequestItems = {} }: { readonly RequestItems?: Readonly<Record<string, readonly BatchWrite[]>> }) => {
    const writes = Object.entries(RequestItems).flatMap(([name, requests]) =>
      requests.map((request) => ({ name, request, write: toWrite(named(name), request) })),
    );
    const keys = writes.map(({ name, write }) => `${name}/${write.key}`);
    checkBatch(keys, WRITES_PER_BATCH, 'Too many items requested for the BatchWriteItem call');
    for (const { write } of writes) write.change();
    const UnprocessedItems: Record<string, readonly BatchWrite[]> = {};
    for (const [at, { name, request, write }] of writes.entries()) {
      if (isLeft(write.table, at)) UnprocessedItems[name] = [...(UnprocessedItems[name] ?? []), request];
      else perform(write);
    }
    return { UnprocessedItems };
  };

  /** Query and Scan: what the conditions hold for, in order of the range key. */
  const page = (input: PageInput) => {
    const table = named(input.TableName);
    const { keyCondition, filter, projection, terms } = readExpressions(input);
    const [, range] = table.keyNames;
    const inOrder = [...table.items.entries()].filter(([, item]) => keyCondition?.({ item, ...terms }) ?? true);
    if (range !== undefined && keyCondition !== undefined) inOrder.sort(([, a], [, b]) => order(a[range]!, b[range]!) ?? 0);
    if (input.ScanIndexForward === false) inOrder.reverse();
    const start = input.ExclusiveStartKey === undefined ? -1 : inOrder.findIndex(([key]) => key === table.keyOf(input.ExclusiveStartKey));
    const rest = inOrder.slice(start + 1);
    const looked = rest.slice(0, input.Limit ?? rest.length);
    const found = looked.filter(([, item]) => filter?.({ item, ...terms }) ?? true).map(([, item]) => shown(item, projection));
    const last = looked.length < rest.length ? looked.at(-1)?.[1] : undefined;
    const LastEvaluatedKey =
      last &&
      projected(
        last,
        table.keyNames.map((name) => [name]),
      );
    return { Items: found, Count: found.length, ScannedCount: looked.length, ...(LastEvaluatedKey && { LastEvaluatedKey }) };
  };

  const machine = machineOf(
    'dynamodb',
    new Map<string, (input: never) => unknown>([
      [
        'GetItem',
        (input: ReadInput) => {
          const { projection } = readExpressions(input);
          const table = named(input.TableName);
          const item = table.items.get(table.keyOf(input.Key));
          return item === undefined ? {} : { Item: shown(item, projection) };
        },
      ],
      ['PutItem', writing('Put')],
      ['UpdateItem', writing('Update')],
      ['DeleteItem', writing('Delete')],
      ['BatchGetItem', batchGet],
      ['BatchWriteItem', batchWrite],
      ['TransactWriteItems', createTransactions(env, named, perform)],
      [
        'Query',
        (input: PageInput) => {
          if (input.KeyConditionExpression === undefined)
            throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
          return page(input);
        },
      ],
      ['Scan', page],
      ['DescribeTable', ({ TableName }: { readonly TableName: string }) => ({ Table: described(named(TableName)) })],
    ]),
  );

  return {
    ...machine,
    items: (table) => named(table).items,
    item: (table, hash, range) => named(table).items.get(range === undefined ? hash : `${hash}\0${range}`),
    sweep(chance = 0.5) {
      let gone = 0;
      const now = env.now() / 1000;
      if (now <= firstExpiry) return 0;
      for (const table of tables.values()) {
        for (const [key, item] of table.items) {
          const seconds = expiryOf(item, table.definition);
          if (!(seconds < now && seconds > now - FIVE_YEARS_SECONDS) || env.random() >= chance) continue;
          put(table, key, undefined, 'ttl');
          gone += 1;
        }
      }
      return gone;
    },
  };
}

function shown(item: SimItem, projection: readonly Path[] | undefined): SimItem {
  return projection === undefined ? item : projected(item, projection);
}

function toWrite(table: Table, { PutRequest, DeleteRequest }: BatchWrite): Write {
  if (PutRequest !== undefined) return table.write('Put', PutRequest);
  if (DeleteRequest !== undefined) return table.write('Delete', DeleteRequest);
  throw invalid('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
}

function checkBatch(keys: readonly string[], most: number, tooMany: string): void {
  if (keys.length === 0) throw invalid('The requestItems parameter is required for the batch');
  if (keys.length > most) throw invalid(tooMany);
  if (new Set(keys).size < keys.length) throw invalid('Provided list of item keys contains duplicates');
}

function described({ definition: { name }, items, keyNames }: Table) {
  const KeySchema = keyNames.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' }));
  return { TableName: name, TableStatus: 'ACTIVE', KeySchema, ItemCount: items.size };
}
