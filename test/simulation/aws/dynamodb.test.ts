/** The simulated DynamoDB where neither the suites nor dynalite look: transactions, time to live, batches left undone, pages and refusals. */

import { describe, expect, it } from 'vitest';
import { createSimDynamoDB, type SimDynamoDBOptions, type SimItem } from './index.ts';
import { createEnv, thrownBy } from './worlds.ts';

const TableName = 't';

function make(options: Partial<SimDynamoDBOptions> = {}, chances: number | readonly number[] = 1) {
  const env = createEnv(chances);
  const db = createSimDynamoDB(env, { tables: [{ name: TableName }, { name: 'ranged', hash: 'h', range: 'r', ttl: 'gone' }], ...options });
  const put = (id: string, more: SimItem = {}, rest: object = {}) =>
    db.handle('PutItem', { TableName, Item: { id: { S: id }, ...more }, ...rest });
  const update = (id: string, UpdateExpression: string, rest: object = {}) =>
    db.handle('UpdateItem', { TableName, Key: { id: { S: id } }, UpdateExpression, ...rest });
  return { env, db, put, update, transact: (...TransactItems: object[]) => db.handle('TransactWriteItems', { TransactItems }) };
}

const key = (id: string) => ({ id: { S: id } });
const n = (value: number) => ({ N: String(value) });

describe('a simulated table', () => {
  it('gives the item that a condition failed on, where it is asked to', () => {
    const { put } = make();
    put('a', { v: n(1) });
    const refused = (more: object) => thrownBy(() => put('a', {}, { ConditionExpression: 'attribute_not_exists(id)', ...more }));
    expect(refused({})).toMatchObject({ name: 'ConditionalCheckFailedException', $fault: 'client', $metadata: { httpStatusCode: 400 } });
    expect(refused({})?.Item).toBeUndefined();
    expect(refused({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })?.Item).toEqual({ id: { S: 'a' }, v: n(1) });
  });

  it('is told of as it changes', () => {
    const changes: unknown[] = [];
    const { env, db, put, update } = make({ observe: (change) => void changes.push(change) });
    const item = { ...key('a'), ttl: n(env.now() / 1000) };
    put('a', item);
    update('a', 'SET v = :v', { ExpressionAttributeValues: { ':v': n(1) } });
    env.pass(1);
    db.sweep(1);
    db.handle('DeleteItem', { TableName, Key: key('a') });
    const at = { table: TableName, key: 'a' };
    const updated = { ...item, v: n(1) };
    expect(changes).toEqual([
      { ...at, by: 'request', after: item },
      { ...at, by: 'request', before: item, after: updated },
      { ...at, by: 'ttl', before: updated },
    ]);
  });

  it('keeps values as they were when they came, and numbers in one spelling', () => {
    const { db, put } = make();
    const B = Uint8Array.of(1);
    const SS = ['x'];
    put('a', { b: { B }, s: { SS }, n: { N: '+01.50e1' } });
    B[0] = 9;
    SS.push('y');
    expect(db.item(TableName, 'a')).toEqual({ id: { S: 'a' }, b: { B: Uint8Array.of(1) }, s: { SS: ['x'] }, n: { N: '15' } });
  });

  it.each([
    ['123456789012345678901234567890123456789', /38 significant/],
    ['1e126', /overflow/],
    ['1e-131', /underflow/],
    ['one', /numeric value/],
    ['', /numeric value/],
  ])('refuses the number %s', (N, why) => {
    const { put } = make();
    expect(thrownBy(() => put('a', { v: { N } }))?.message).toMatch(why);
  });

  it('adds decimals exactly', () => {
    const { db, put, update } = make();
    put('a', { v: { N: '0.1' } });
    update('a', 'SET v = v + :v, w = v - :w', { ExpressionAttributeValues: { ':v': { N: '0.2' }, ':w': { N: '12345678901234567890' } } });
    expect(db.item(TableName, 'a')).toMatchObject({ v: { N: '0.3' }, w: { N: '-12345678901234567889.9' } });
  });

  it.each<readonly [string, SimItem]>([
    ['an empty set', { v: { SS: [] } }],
    ['a set with duplicates', { v: { NS: ['1', '1.0'] } }],
    ['no value', { v: {} }],
    ['more than 400 KB', { v: { S: 'x'.repeat(409_600) } }],
    ['an empty key', { id: { S: '' } }],
    ['a key of another type', { id: { BOOL: true } }],
    ['a key of more than 2048 bytes', { id: { S: 'ü'.repeat(1025) } }],
  ])('refuses an item with %s', (_what, item) => {
    const { db, put } = make();
    expect(thrownBy(() => put('a', item))).toMatchObject({ name: 'ValidationException', $fault: 'client' });
    expect(db.items(TableName).size).toBe(0);
  });

  it('holds an item of 400 KB, and refuses the update that makes it larger', () => {
    const { put, update } = make();
    put('a', { v: { S: 'x'.repeat(409_600 - 'idav'.length) } });
    expect(thrownBy(() => update('a', 'SET w = :w', { ExpressionAttributeValues: { ':w': n(1) } }))?.message).toMatch(
      /to update has exceeded/,
    );
  });

  it.each([
    ['a condition that is none', { ConditionExpression: 'v =' }],
    ['an empty condition', { ConditionExpression: ' ' }],
    ['a sign that is none', { ConditionExpression: 'v ! w' }],
    ['a function that is none', { ConditionExpression: 'exists(v)' }],
    ['a function of too many', { ConditionExpression: 'attribute_exists(v, w)' }],
    ['a function of too few', { ConditionExpression: 'contains(v)' }],
    ['a size of two', { ConditionExpression: 'size(v, w) = v' }],
    ['words behind the end', { ConditionExpression: 'attribute_exists(v) v' }],
    ['a name that is not given', { ConditionExpression: 'attribute_exists(#v)' }],
    ['a value that is not given', { ConditionExpression: 'v = :v' }],
    ['a name that is not used', { ConditionExpression: 'attribute_exists(v)', ExpressionAttributeNames: { '#v': 'v' } }],
    ['an index that is none', { ConditionExpression: 'attribute_exists(v[x])' }],
    ['an update that is none', { UpdateExpression: 'PUT v' }],
    ['a section twice', { UpdateExpression: 'REMOVE v REMOVE w' }],
    ['an update of the key', { UpdateExpression: 'REMOVE id' }],
    ['an update function that is none', { UpdateExpression: 'SET v = minus(v, w)' }],
    ['a value that is missing', { UpdateExpression: 'SET v = w' }],
    ['paths that overlap', { UpdateExpression: 'REMOVE v.x, v' }],
    ['a path that leads nowhere', { UpdateExpression: 'REMOVE v.x' }],
    ['a sum of what is no number', { UpdateExpression: 'SET v = id + id' }],
    ['return values that are none', { ReturnValues: 'SOME' }],
    ['a key of two', { Key: { id: { S: 'a' }, v: n(1) } }],
  ])('refuses %s', (_what, more) => {
    const { db, put } = make();
    put('a');
    expect(thrownBy(() => db.handle('UpdateItem', { TableName, Key: key('a'), ...more }))).toMatchObject({ name: 'ValidationException' });
    expect(db.item(TableName, 'a')).toEqual(key('a'));
  });

  it('takes what is missing for equal to nothing', () => {
    const { put, update } = make();
    put('a');
    const holds = (ConditionExpression: string) => thrownBy(() => update('a', 'REMOVE x', { ConditionExpression })) === undefined;
    expect(['v = w', 'v <> w', 'v < w', 'v = id', 'v <> id', 'size(v) = v'].map(holds)).toEqual([false, true, false, false, true, false]);
  });

  it.each<readonly [SimItem[string], SimItem[string], string, boolean]>([
    [{ L: [n(1), { S: 'x' }] }, { L: [{ N: '1.0' }, { S: 'x' }] }, 'v = :w', true],
    [{ L: [n(1)] }, { L: [n(1), n(2)] }, 'v = :w', false],
    [{ M: { a: n(1), b: { NULL: true } } }, { M: { b: { NULL: true }, a: n(1) } }, 'v = :w', true],
    [{ M: { a: n(1) } }, { M: { b: n(1) } }, 'v <> :w', true],
    [{ SS: ['a', 'b'] }, { SS: ['b', 'a'] }, 'v = :w', true],
    [{ NS: ['1', '2'] }, { NS: ['2.0', '1'] }, 'v = :w', true],
    [{ BS: [Uint8Array.of(1), Uint8Array.of(2)] }, { BS: [Uint8Array.of(2), Uint8Array.of(1)] }, 'v = :w', true],
    [{ BS: [Uint8Array.of(1)] }, { B: Uint8Array.of(1) }, 'contains(v, :w)', true],
    [{ B: Uint8Array.of(1, 2, 3) }, { B: Uint8Array.of(2, 3) }, 'contains(v, :w)', true],
    [{ NS: ['1', '2'] }, { N: '2.0' }, 'contains(v, :w)', true],
    [{ L: [{ L: [] }] }, { L: [] }, 'contains(v, :w)', true],
    [{ BOOL: true }, { BOOL: true }, 'contains(v, :w)', false],
    [{ B: Uint8Array.of(1, 2) }, { B: Uint8Array.of(1) }, 'begins_with(v, :w)', true],
    [{ S: '\u{1f600}' }, { S: '\uff00' }, 'v > :w', true],
    [{ B: Uint8Array.of(1, 2) }, { B: Uint8Array.of(1) }, 'v > :w', true],
    [{ S: 'a' }, n(1), 'v > :w OR v <= :w', false],
    [{ BOOL: true }, { BOOL: false }, 'v > :w OR v <= :w', false],
    [{ M: { a: n(1) } }, n(1), 'size(v) = :w', true],
    [{ BOOL: true }, n(1), 'size(v) = :w', false],
  ])('holding %o, with :w as %o, answers %s with %s', (v, w, ConditionExpression, answer) => {
    const { put, update } = make();
    put('a', { v });
    const call = () => update('a', 'REMOVE x', { ConditionExpression, ExpressionAttributeValues: { ':w': w } });
    expect(thrownBy(call) === undefined).toBe(answer);
  });

  it('changes what lies deep, and shows it alone', () => {
    const { db, put, update } = make();
    put('a', { m: { M: { x: n(1), y: { L: [n(1), { M: { z: n(2) } }] } } } });
    const ExpressionAttributeValues = { ':v': n(9), ':b': { BS: [Uint8Array.of(1)] } };
    expect(update('a', 'SET m.x = :v, m.y[1].z = :v ADD b :b', { ExpressionAttributeValues, ReturnValues: 'UPDATED_NEW' })).toEqual({
      Attributes: { m: { M: { x: n(9), y: { L: [{ M: { z: n(9) } }] } } }, b: { BS: [Uint8Array.of(1)] } },
    });
    const read = { TableName, Key: key('a'), ProjectionExpression: 'm.y[1], m.y[0], m.x, #i', ExpressionAttributeNames: { '#i': 'id' } };
    expect(db.handle('GetItem', read)).toEqual({ Item: { ...key('a'), m: { M: { x: n(9), y: { L: [n(1), { M: { z: n(9) } }] } } } } });
    for (const path of ['m.y[7].z', 'm.x.z', 'm.x[0]', 'none.x'])
      expect(thrownBy(() => update('a', `REMOVE ${path}`))?.message).toMatch(/invalid for update/);
  });

  it('says when there is none', () => {
    const { db } = make();
    expect(thrownBy(() => db.handle('GetItem', { TableName: 'x', Key: key('a') }))?.name).toBe('ResourceNotFoundException');
    expect(db.handle('GetItem', { TableName, Key: key('a') })).toEqual({});
    expect(db.handle('DescribeTable', { TableName })).toEqual({
      Table: { TableName, TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], ItemCount: 0 },
    });
  });
});

describe('time to live', () => {
  it('takes some of what has expired, and nothing else', () => {
    const { env, db, put } = make({}, [0.6, 0.4]);
    const now = env.now() / 1000;
    put('expired', { ttl: n(now - 1) });
    put('unlucky', { ttl: n(now - 1) });
    put('now', { ttl: n(now) });
    put('ancient', { ttl: n(now - 6 * 365 * 86_400) });
    put('text', { ttl: { S: '1' } });
    put('none');
    expect(db.sweep()).toBe(1);
    expect([...db.items(TableName).keys()]).toEqual(['expired', 'now', 'ancient', 'text', 'none']);
    expect([db.sweep(1), db.sweep(1)]).toEqual([1, 0]);
  });
});

describe('batches', () => {
  it('leave some undone, and never all', () => {
    const { db, put } = make({ leaveUndone: () => true });
    const writes = ['a', 'b', 'c'].map((id) => ({ PutRequest: { Item: key(id) } }));
    expect(db.handle('BatchWriteItem', { RequestItems: { [TableName]: writes } })).toEqual({
      UnprocessedItems: { [TableName]: writes.slice(1) },
    });
    expect([...db.items(TableName).keys()]).toEqual(['a']);
    put('b');
    const Keys = [key('a'), key('b')];
    expect(db.handle('BatchGetItem', { RequestItems: { [TableName]: { Keys, ConsistentRead: true } } })).toEqual({
      Responses: { [TableName]: [key('a')] },
      UnprocessedKeys: { [TableName]: { Keys: [key('b')], ConsistentRead: true } },
    });
  });

  it('delete as well as put', () => {
    const { db, put } = make();
    put('a');
    const RequestItems = { [TableName]: [{ DeleteRequest: { Key: key('a') } }, { PutRequest: { Item: key('b') } }] };
    expect(db.handle('BatchWriteItem', { RequestItems })).toEqual({ UnprocessedItems: {} });
    expect([...db.items(TableName).keys()]).toEqual(['b']);
  });

  it.each([
    ['one item twice', [key('a'), key('a')]],
    ['too many', Array.from({ length: 101 }, (_, at) => key(String(at)))],
    ['none', []],
  ])('are refused with %s', (_what, keys) => {
    const { db } = make();
    const read = () => db.handle('BatchGetItem', { RequestItems: { [TableName]: { Keys: keys } } });
    const write = () => db.handle('BatchWriteItem', { RequestItems: { [TableName]: keys.map((Item) => ({ PutRequest: { Item } })) } });
    expect([thrownBy(read)?.name, thrownBy(write)?.name]).toEqual(['ValidationException', 'ValidationException']);
  });

  it('do nothing when one of them is refused', () => {
    const { db } = make();
    const Item = { id: { S: 'b' }, v: { S: 'x'.repeat(409_600) } };
    const write = (...writes: object[]) => thrownBy(() => db.handle('BatchWriteItem', { RequestItems: { [TableName]: writes } }))?.name;
    expect([write({ PutRequest: { Item: key('a') } }, { PutRequest: { Item } }), write({})]).toEqual([
      'ValidationException',
      'ValidationException',
    ]);
    expect(db.items(TableName).size).toBe(0);
  });
});

describe('transactions', () => {
  const put = (id: string, more: object = {}) => ({ Put: { TableName, Item: key(id), ...more } });

  it('do all', () => {
    const { db, transact, put: putFirst } = make();
    putFirst('gone');
    putFirst('there', { v: n(1) });
    const update = { TableName, Key: key('there'), UpdateExpression: 'ADD v :v', ExpressionAttributeValues: { ':v': n(1) } };
    const check = { TableName, Key: key('absent'), ConditionExpression: 'attribute_not_exists(id)' };
    expect(transact(put('new'), { Delete: { TableName, Key: key('gone') } }, { Update: update }, { ConditionCheck: check })).toEqual({});
    expect([...db.items(TableName).values()]).toEqual([{ ...key('there'), v: n(2) }, key('new')]);
  });

  it('do nothing when a condition does not hold, and say which', () => {
    const { db, transact, put: putFirst } = make();
    putFirst('a', { v: n(1) });
    const condition = { ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    const large = { Put: { TableName, Item: { ...key('c'), v: { S: 'x'.repeat(409_600) } } } };
    expect(thrownBy(() => transact(put('b'), put('a', condition), large))).toMatchObject({
      name: 'TransactionCanceledException',
      $fault: 'client',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Item: { ...key('a'), v: n(1) } },
        { Code: 'ValidationError' },
      ],
    });
    expect(db.items(TableName).size).toBe(1);
  });

  it('are done once for a token within ten minutes', () => {
    const { env, db } = make();
    const add = { TableName, Key: key('a'), UpdateExpression: 'ADD v :v', ExpressionAttributeValues: { ':v': n(1) } };
    const once = (Update: object = add) => db.handle('TransactWriteItems', { TransactItems: [{ Update }], ClientRequestToken: 'k' });
    once();
    env.pass(599);
    once();
    expect(db.item(TableName, 'a')).toMatchObject({ v: n(1) });
    expect(thrownBy(() => once({ ...add, Key: key('b') }))?.name).toBe('IdempotentParameterMismatchException');
    env.pass(1);
    once();
    expect(db.item(TableName, 'a')).toMatchObject({ v: n(2) });
  });

  it.each([
    ['none', []],
    ['101', Array.from({ length: 101 }, (_, at) => put(String(at)))],
    ['two of one item', [put('a'), put('a')]],
    ['an entry of two kinds', [{ ...put('a'), ConditionCheck: {} }]],
  ])('are refused with %s', (_what, writes) => {
    const { transact } = make();
    expect(thrownBy(() => transact(...writes))?.name).toBe('ValidationException');
  });
});

describe('pages', () => {
  const row = (h: string, r: string, v: number): SimItem => ({ h: { S: h }, r: { S: r }, v: n(v) });

  function filled() {
    const { db } = make();
    for (const [h, r, v] of [
      ['a', '3', 1],
      ['a', '1', 2],
      ['b', '1', 3],
      ['a', '2', 4],
    ] as const)
      db.handle('PutItem', { TableName: 'ranged', Item: row(h, r, v) });
    const query = (more: object = {}) =>
      db.handle('Query', {
        TableName: 'ranged',
        KeyConditionExpression: 'h = :h',
        ExpressionAttributeValues: { ':h': { S: 'a' } },
        ...more,
      }) as { readonly Items: readonly SimItem[]; readonly LastEvaluatedKey?: SimItem };
    return { db, query };
  }

  it('come in the order of the range key', () => {
    const { query } = filled();
    const places = ({ Items }: { readonly Items: readonly SimItem[] }) => Items.map(({ r }) => r?.S);
    expect(places(query())).toEqual(['1', '2', '3']);
    expect(places(query({ ScanIndexForward: false }))).toEqual(['3', '2', '1']);
    const first = query({ Limit: 2, ProjectionExpression: 'r' });
    expect(first).toEqual({
      Items: [{ r: { S: '1' } }, { r: { S: '2' } }],
      Count: 2,
      ScannedCount: 2,
      LastEvaluatedKey: { h: { S: 'a' }, r: { S: '2' } },
    });
    expect(query({ Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey })).toEqual({
      Items: [row('a', '3', 1)],
      Count: 1,
      ScannedCount: 1,
    });
  });

  it('are filtered after they are counted', () => {
    const { db } = filled();
    const scan = { TableName: 'ranged', FilterExpression: 'v > :v', ExpressionAttributeValues: { ':v': n(2) } };
    expect(db.handle('Scan', scan)).toMatchObject({ Count: 2, ScannedCount: 4 });
    expect(db.item('ranged', 'b', '1')).toEqual(row('b', '1', 3));
    expect(thrownBy(() => db.handle('Query', { TableName: 'ranged' }))?.name).toBe('ValidationException');
  });
});
