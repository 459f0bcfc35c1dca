import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBBackend, type DynamoDBBackendOptions } from '../../../src/backends/dynamodb.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { type ResultFields, toResultDocument, writeResult } from '../../../src/wire/result.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import { type Seen, sdkError, watchedClient } from '../../support/dynamodb-client.ts';
import { fileNames, readText } from '../../support/recorded.ts';

const NOW_MS = 1_795_363_791_128;
const HOUR = { expiresSeconds: 3600 };
const newId = (): string => crypto.randomUUID();
const documentOf = (task_id: string, fields: Partial<ResultFields> = {}) => toResultDocument({ status: 'SUCCESS', ...fields, task_id });

let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const waits: number[] = [];
const clock = {
  now: () => NOW_MS,
  sleep: async (ms: number) => {
    waits.push(ms);
  },
};

function open(options: DynamoDBBackendOptions = {}, meddle?: (seen: Seen, nth: number) => unknown) {
  const client = watchedClient(dynamodb.client, meddle);
  const backend = createDynamoDBBackend({ clock, client, ...options });
  const actions = () => client.seen.map(({ action }) => action);
  return { backend, actions, seen: client.seen };
}

/** An item as Celery's backend puts it. */
async function putPythons(id: string, text: string, more: object = {}): Promise<void> {
  const Item = {
    id: { S: `b'celery-task-meta-${id}'` },
    result: { B: Buffer.from(text) },
    timestamp: { N: '1795363791.1288216' },
    ...more,
  };
  await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item }));
}

const textOf = (bytes: unknown): string => Buffer.from((bytes as { B: Uint8Array }).B).toString();

describe('an item', () => {
  it('is Celery’s, with the state besides', async () => {
    const document = documentOf('item-1', { result: 5 });
    await open().backend.store(document, HOUR);
    const item = await dynamodb.item("b'celery-task-meta-item-1'");
    expect({ ...item, result: textOf(item?.['result']) }).toEqual({
      id: { S: "b'celery-task-meta-item-1'" },
      result: writeResult(document),
      timestamp: { N: '1795363791.128' },
      ttl: { N: '1795367392' },
      status: { S: 'SUCCESS' },
    });
  });

  it.each([
    ['of what is stored', undefined, HOUR, '1795367392'],
    ['of the options, whatever is stored', 60, HOUR, '1795363852'],
    ['never, by the options', null, HOUR, undefined],
    ['never, by what is stored', undefined, { expiresSeconds: null }, undefined],
    ['never, when nobody says', undefined, undefined, undefined],
  ])('expires at the time %s', async (_what, ttlSeconds, keeping, expected) => {
    const id = newId();
    await open({ ...(ttlSeconds !== undefined && { ttlSeconds }) }).backend.store(documentOf(id), keeping);
    expect((await dynamodb.item(`b'celery-task-meta-${id}'`))?.['ttl']).toEqual(expected && { N: expected });
  });

  it('has the prefix in its key', async () => {
    const id = newId();
    await open({ keyPrefix: 'prod' }).backend.store(documentOf(id));
    expect(await dynamodb.item(`b'prod_celery-task-meta-${id}'`)).toBeDefined();
  });

  it('is read with consistency', async () => {
    const { backend, seen } = open();
    await backend.fetch('i');
    await backend.fetchMany?.(['i', 'j']);
    expect(seen[0]?.input).toMatchObject({ ConsistentRead: true });
    expect(seen[1]?.input.RequestItems.celery).toMatchObject({ ConsistentRead: true });
  });

  it('that no Celery wrote is a BackendGetError', async () => {
    const [text, empty] = [newId(), newId()];
    await putPythons(text, '{"no": "document"}');
    await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item: { id: { S: `b'celery-task-meta-${empty}'` } } }));
    const { backend } = open();
    await expect(backend.fetch(text)).rejects.toMatchObject({ name: 'BackendGetError', cause: { name: 'DecodeError' } });
    await expect(backend.fetch(empty)).rejects.toMatchObject({ name: 'BackendGetError' });
    await expect(backend.store(documentOf(text))).rejects.toMatchObject({ name: 'BackendStoreError' });
  });
});

describe('what the real Celery stored', () => {
  const files = fileNames('celery-results').filter((name) => name.startsWith('dynamodb-'));
  it.each(files)('is read: %s', async (file) => {
    type Items = readonly Record<string, { readonly S?: string; readonly N?: string; readonly B?: string }>[];
    const { items } = JSON.parse(readText(`celery-results/${file}`)) as { readonly items: Items };
    const { backend } = open({ clock: { now: () => Date.UTC(2020, 0, 1) } });
    for (const item of items) {
      const Item = Object.fromEntries(
        Object.entries(item).map(([name, { B, ...other }]) => [name, B === undefined ? other : { B: Buffer.from(B) }]),
      );
      await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item: Item as never }));
      const [, kind, id] = /^b'(celery-task-meta|celery-taskset-meta)-(.*)'$/.exec(item['id']?.S ?? '') ?? [];
      const stored = JSON.parse(item['result']?.B ?? '{}');
      if (kind === 'celery-task-meta') expect(await backend.fetch(id ?? '')).toMatchObject({ status: stored.status, task_id: id });
      if (kind === 'celery-taskset-meta') expect(await backend.groups.restore(id ?? '')).toEqual(stored.result);
    }
  });
});

describe('storing', () => {
  it('is one request, also over another state', async () => {
    const { backend, actions } = open();
    const id = newId();
    for (const status of ['STARTED', 'FAILURE', 'SUCCESS']) await backend.store(documentOf(id, { status }));
    expect(actions()).toEqual(['PutItem', 'PutItem', 'PutItem']);
  });

  it('leaves Python’s SUCCESS, and what Python stores while it is looked at', async () => {
    const [done, between] = [newId(), newId()];
    await putPythons(done, writeResult(documentOf(done, { result: 'Python’s' })));
    await putPythons(between, writeResult(documentOf(between, { status: 'STARTED' })));
    const { backend } = open({}, async ({ action, input }, nth) => {
      if (action !== 'PutItem' || nth !== 3 || input.Item.id.S !== `b'celery-task-meta-${between}'`) return undefined;
      await putPythons(between, writeResult(documentOf(between, { result: 'Python’s' })), { timestamp: { N: '1795363792' } });
      return undefined;
    });
    for (const id of [done, between]) {
      await backend.store(documentOf(id, { status: 'FAILURE', result: null }));
      expect((await backend.fetch(id))?.result).toBe('Python’s');
    }
  });

  it('stops where others write again and again', async () => {
    const id = newId();
    const { backend } = open({}, async ({ action }) => {
      if (action === 'PutItem')
        await putPythons(id, writeResult(documentOf(id, { status: 'STARTED' })), { timestamp: { N: String(Math.random()) } });
      return undefined;
    });
    await expect(backend.store(documentOf(id))).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: expect.stringContaining('again and again'),
    });
  });

  it('refuses what no item holds, saying what to do', async () => {
    const { backend, actions } = open();
    const document = documentOf(newId(), { result: 'x'.repeat(409_600) });
    const refused = { name: 'EncodeError', message: expect.stringMatching(/takes 4097\d\d bytes.*largeResults/) };
    await expect(backend.store(document)).rejects.toMatchObject(refused);
    expect(actions()).toEqual([]);
    expect(await backend.storeMany?.([documentOf(newId()), document])).toMatchObject([undefined, refused]);
  });

  it('takes what just fits', async () => {
    const { backend } = open();
    const document = documentOf(newId(), { result: 'x'.repeat(409_600 - 600) });
    await backend.store(document, HOUR);
    expect(await backend.fetch(document.task_id)).toEqual(document);
  });

  it('says of each failure what it was', async () => {
    const cause = sdkError('ProvisionedThroughputExceededException');
    const failing = (error: Error) => open({}, () => Promise.reject(error)).backend;
    await expect(failing(cause).store(documentOf('i'))).rejects.toMatchObject({
      name: 'BackendStoreError',
      message:
        "dynamodb:PutItem on table 'celery' failed, the same request may succeed later: ProvisionedThroughputExceededException: why ProvisionedThroughputExceededException",
      cause,
    });
    await expect(failing(cause).fetch('i')).rejects.toMatchObject({ name: 'BackendGetError', cause });
    await expect(failing(sdkError('ResourceNotFoundException')).fetch('i')).rejects.toThrow(/create it with the string key 'id'/);
    await expect(failing(sdkError('AccessDeniedException')).forget('i')).rejects.toThrow(/the role needs dynamodb:DeleteItem/);
    await expect(failing(sdkError('Other')).fetch('i')).rejects.toThrow(/trying again will not help/);
  });
});

describe('storing several', () => {
  it('is two requests for each 25', async () => {
    const { backend, actions } = open();
    await backend.storeMany?.(Array.from({ length: 30 }, () => documentOf(newId())));
    expect(actions().toSorted()).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchWriteItem', 'BatchWriteItem']);
  });

  it('asks for no more than is needed of what is there', async () => {
    const { backend, seen } = open();
    await backend.storeMany?.([documentOf(newId()), documentOf(newId())]);
    const { ProjectionExpression, ExpressionAttributeNames } = seen[0]?.input.RequestItems.celery ?? {};
    expect([ProjectionExpression, Object.values(ExpressionAttributeNames)]).toEqual(['#id, #status, #ttl', ['id', 'status', 'ttl']]);
  });

  it('leaves Python’s SUCCESS, and stores over its other states', async () => {
    const [done, started] = [newId(), newId()];
    await putPythons(done, writeResult(documentOf(done, { result: 'Python’s' })));
    await putPythons(started, writeResult(documentOf(started, { status: 'STARTED' })));
    const { backend } = open();
    expect(await backend.storeMany?.([done, started].map((id) => documentOf(id, { result: 'ours' })))).toEqual([undefined, undefined]);
    expect((await backend.fetchMany?.([done, started]))?.map((document) => document?.result)).toEqual(['Python’s', 'ours']);
  });

  it('tries again what was left undone, waiting longer each time, and tells what stays undone', async () => {
    const [one, two] = [documentOf(newId()), documentOf(newId())];
    const leaveFirst = ({ action, input }: Seen) => {
      if (action !== 'BatchWriteItem') return undefined;
      return { UnprocessedItems: { celery: [input.RequestItems.celery[0]] } };
    };
    waits.length = 0;
    const answers = await open({}, leaveFirst).backend.storeMany?.([one, two]);
    expect(answers).toMatchObject([{ name: 'BackendStoreError', message: expect.stringContaining('unwritten') }, undefined]);
    for (const [at, longest] of [50, 100, 200, 400, 800].entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(longest / 2);
      expect(waits[at]).toBeLessThanOrEqual(longest);
    }
    expect(waits).toHaveLength(5);
    const { backend } = open({}, (seen, nth) => (nth === 1 ? leaveFirst(seen) : undefined));
    expect(await backend.storeMany?.([one, two])).toEqual([undefined, undefined]);
    expect((await backend.fetch(one.task_id))?.status).toBe('SUCCESS');
  });

  it('tells all of a batch that failed, and goes one by one where one of them is not to be had', async () => {
    const documents = [documentOf(newId()), documentOf(newId())];
    const throttling = open({}, ({ action }) =>
      action === 'BatchWriteItem' ? Promise.reject(sdkError('ThrottlingException')) : undefined,
    );
    const refused = { name: 'BackendStoreError', message: expect.stringContaining('BatchWriteItem') };
    expect(await throttling.backend.storeMany?.(documents)).toMatchObject([refused, refused]);
    const unread = open({}, ({ action }) => (action === 'BatchGetItem' ? Promise.reject(sdkError('ThrottlingException')) : undefined));
    expect(await unread.backend.storeMany?.(documents)).toMatchObject([{ name: 'BackendStoreError' }, { name: 'BackendStoreError' }]);

    const long = documentOf('x'.repeat(3000));
    expect(await open().backend.storeMany?.([...documents, long])).toMatchObject([undefined, undefined, { name: 'BackendStoreError' }]);
    expect((await open().backend.fetch(documents[1]!.task_id))?.status).toBe('SUCCESS');
  });
});

describe('reading several', () => {
  it('asks for each id once, a hundred at a time, and again for what was left', async () => {
    const ids = Array.from({ length: 150 }, newId);
    const { backend, actions, seen } = open({}, ({ action, input }, nth) =>
      action === 'BatchGetItem' && nth === 1
        ? { UnprocessedKeys: { celery: { Keys: input.RequestItems.celery.Keys.slice(0, 7) } } }
        : undefined,
    );
    await backend.storeMany?.([documentOf(ids[3]!)]);
    const found = await backend.fetchMany?.([...ids, ...ids]);
    expect(found).toHaveLength(300);
    expect([found?.[3], found?.[153]]).toEqual([documentOf(ids[3]!), documentOf(ids[3]!)]);
    expect(
      seen
        .filter(({ action }) => action === 'BatchGetItem')
        .map(({ input }) => input.RequestItems.celery.Keys.length)
        .toSorted(),
    ).toEqual([100, 50, 7]);
    expect(actions()).toContain('PutItem');
  });

  it('goes on as long as something is answered, though it be one at a time', async () => {
    const ids = Array.from({ length: 9 }, newId);
    const { backend, actions } = open({}, ({ action, input }) => {
      const left = action === 'BatchGetItem' ? input.RequestItems.celery.Keys.slice(1) : [];
      return left.length > 0 ? { UnprocessedKeys: { celery: { Keys: left } } } : undefined;
    });
    expect(await backend.fetchMany?.(ids)).toEqual(ids.map(() => undefined));
    expect(actions()).toHaveLength(9);
  });

  it('gives up when nothing is answered', async () => {
    const { backend, actions } = open({}, ({ input }) => ({ UnprocessedKeys: input.RequestItems }));
    await expect(backend.fetchMany?.(['a', 'b'])).rejects.toMatchObject({
      name: 'BackendGetError',
      message: expect.stringContaining('2 keys'),
    });
    expect(actions()).toHaveLength(5);
  });
});

describe('a group', () => {
  const groupOf = (size: number): ResultTuple => [
    [newId(), null],
    Array.from({ length: size }, (): ResultTuple => [[newId(), null], null]),
  ];

  it('is kept as it is while it fits, compressed as Celery does above, and refused beyond', async () => {
    const { backend } = open();
    const [small, large] = [groupOf(7000), groupOf(15_000)];
    for (const group of [small, large]) {
      await backend.groups.save(group[0][0], group, HOUR);
      expect(await backend.groups.restore(group[0][0])).toEqual(group);
    }
    const textAt = async ([[id]]: ResultTuple) => textOf((await dynamodb.item(`b'celery-taskset-meta-${id}'`))?.['result']).slice(0, 60);
    expect(await textAt(small)).toMatch(/^{"result":\[\[/);
    expect(await textAt(large)).toMatch(/^\0celery-compressed\0application\/x-gzip\0/);
    const refused = { name: 'EncodeError', message: expect.stringContaining('several groups') };
    await expect(backend.groups.save('g', groupOf(25_000))).rejects.toMatchObject(refused);
  });

  it('that is none is a BackendGetError', async () => {
    const Item = { id: { S: "b'celery-taskset-meta-odd'" }, result: { B: Buffer.from('[]') }, timestamp: { N: '1' } };
    await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item }));
    await expect(open().backend.groups.restore('odd')).rejects.toMatchObject({ name: 'BackendGetError' });
  });
});

describe('a failure larger than an item', () => {
  it('is stored shortened, rather than never', async () => {
    const long = '😀'.repeat(32_768);
    const result = { exc_type: 'RangeError', exc_message: [long], exc_module: 'javascript' };
    const children = Array.from({ length: 3000 }, (_, at): ResultTuple => [[`child-${at}-${'i'.repeat(60)}`, null], null]);
    const { backend } = open();
    await backend.store(documentOf('failure-large', { status: 'FAILURE', result, traceback: long, children }), HOUR);
    expect(await backend.fetch('failure-large')).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'RangeError', exc_message: [expect.stringMatching(/^(😀)+… \(\d+ characters cut\)$/u)] },
    });
    expect(
      await backend.storeMany?.([documentOf('failure-large-2', { status: 'FAILURE', result, traceback: long }), documentOf('ok')], HOUR),
    ).toEqual([undefined, undefined]);
  });
});
