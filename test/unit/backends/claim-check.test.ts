import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBBackend, type DynamoDBBackendOptions } from '../../../src/backends/dynamodb.ts';
import { createS3Backend } from '../../../src/backends/s3.ts';
import { type ResultFields, toResultDocument } from '../../../src/wire/result.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import { type LocalS3, startS3 } from '../../support/s3.ts';

const newId = (): string => crypto.randomUUID();
const LARGE = 'x'.repeat(500_000);
const documentOf = (task_id: string, fields: Partial<ResultFields> = {}) =>
  toResultDocument({ status: 'SUCCESS', result: LARGE, ...fields, task_id });

let dynamodb: LocalDynamoDB;
let s3: LocalS3;
beforeAll(async () => {
  [dynamodb, s3] = await Promise.all([startDynamoDB(), startS3()]);
});
afterAll(() => Promise.all([dynamodb.stop(), s3.stop()]));

function open(options: DynamoDBBackendOptions = {}) {
  const largeResults = createS3Backend({ bucket: s3.bucket, basePath: 'large/', ...s3.connection });
  return createDynamoDBBackend({ client: dynamodb.client, largeResults, ...options });
}

const keysOf = async (taskId: string): Promise<readonly string[]> => (await s3.keys()).filter((key) => key.includes(taskId));
const itemOf = (taskId: string) => dynamodb.item(`b'celery-task-meta-${taskId}'`);

/** The document in the item, as one reads it who does not know. */
async function stubOf(taskId: string): Promise<Record<string, unknown>> {
  const item = (await itemOf(taskId)) as unknown as { readonly result: { readonly B: Uint8Array } };
  return JSON.parse(Buffer.from(item.result.B).toString());
}

async function changeItem(taskId: string, change: object): Promise<void> {
  const Item = { ...(await itemOf(taskId)), ...change };
  await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item: Item as never }));
}

describe('a result too large for an item', () => {
  it('lies elsewhere, under the task’s id, and comes back whole, also among several', async () => {
    const document = documentOf(newId(), {
      traceback: 'T',
      name: 'tasks.big',
      group_id: 'g',
      parent_id: 'p',
      children: [[['c', null], null]],
    });
    const small = documentOf(newId(), { result: 1 });
    const backend = open();
    expect(await backend.storeMany?.([document, small], { expiresSeconds: 60 })).toEqual([undefined, undefined]);
    expect(await backend.fetch(document.task_id)).toEqual(document);
    expect(await backend.fetchMany?.([document.task_id, small.task_id])).toEqual([document, small]);
    expect(await keysOf(document.task_id)).toEqual([expect.stringMatching(/^large\/celery-task-meta-[-0-9a-f]+\.large-[0-9a-f]{64}$/)]);
  });

  it('leaves a document that says so, valid for everybody', async () => {
    const id = newId();
    await open().store(documentOf(id, { group_id: 'g', parent_id: 'p', children: [[['c', null], null]] }));
    const pointer = {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: expect.any(Number),
      note: expect.stringContaining('too large'),
    };
    expect(await stubOf(id)).toEqual({
      status: 'SUCCESS',
      result: { __celeriac_large_result__: pointer },
      traceback: null,
      children: [[['c', null], null]],
      date_done: null,
      group_id: 'g',
      parent_id: 'p',
      task_id: id,
    });
  });

  it.each([
    ['its text', ['boom'], ['boom']],
    ['a text too long', [LARGE], [expect.stringContaining('too large')]],
    ['a text alone', 'boom', ['boom']],
  ])('leaves the class of an error and %s', async (_what, exc_message, expected) => {
    const id = newId();
    const document = documentOf(id, { status: 'FAILURE', result: { exc_type: 'E', exc_message, exc_module: 'm' }, traceback: LARGE });
    await open().store(document);
    expect(await stubOf(id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'E', exc_message: expected, exc_module: 'm' },
      traceback: null,
    });
    expect(await open().fetch(id)).toEqual(document);
  });

  it('leaves nothing of an error there is none of, and no children that are too many', async () => {
    const id = newId();
    const children = Array.from({ length: 10_000 }, () => [[newId(), null], null] as const);
    await open().store(documentOf(id, { status: 'RETRY', result: null, children }));
    expect(await stubOf(id)).toMatchObject({ status: 'RETRY', result: null, children: [] });
    expect((await open().fetch(id))?.children).toEqual(children);
  });

  it('is never overwritten where it is a SUCCESS, and what another one put is removed', async () => {
    const id = newId();
    const backend = open();
    await backend.store(documentOf(id));
    const keys = await keysOf(id);
    await backend.store(documentOf(id, { result: LARGE + 2 }));
    await backend.store(documentOf(id));
    await backend.storeMany?.([documentOf(id, { result: LARGE + 3 }), documentOf(newId(), { result: 1 })]);
    expect(await keysOf(id)).toEqual(keys);
    expect((await backend.fetch(id))?.result).toBe(LARGE);
  });

  it('is forgotten with its item', async () => {
    const id = newId();
    const backend = open();
    await backend.store(documentOf(id));
    await backend.forget(id);
    expect([await backend.fetch(id), await keysOf(id)]).toEqual([undefined, []]);
  });

  it('is not there any more once its item has expired', async () => {
    const id = newId();
    await open().store(documentOf(id), { expiresSeconds: 1 });
    expect(await open({ clock: { now: () => Date.now() + 5000 } }).fetch(id)).toBeUndefined();
  });
});

describe('a pointer', () => {
  const failing = (taskId: string, message: RegExp, backend = open()) =>
    expect(backend.fetch(taskId)).rejects.toMatchObject({ name: 'BackendGetError', message: expect.stringMatching(message) });

  it('is followed by nobody who was not told where to', async () => {
    const id = newId();
    await open().store(documentOf(id));
    await failing(id, /give the backend largeResults/, createDynamoDBBackend({ client: dynamodb.client }));
  });

  it('to what is gone, or is another text, is a BackendGetError', async () => {
    const [gone, changed] = [newId(), newId()];
    for (const id of [gone, changed]) await open().store(documentOf(id));
    await createS3Backend({ bucket: s3.bucket, basePath: 'large/', ...s3.connection }).removeLarge({
      taskId: gone,
      sha256: (await keysOf(gone))[0]!.slice(-64),
    });
    await s3.put((await keysOf(changed))[0]!, JSON.stringify(documentOf(changed, { result: 'forged' })));
    await failing(gone, /is gone/);
    await failing(changed, /SHA-256 is another/);
  });

  it('that a task returns is a result like any other', async () => {
    const [victim, id] = [newId(), newId()];
    await open().store(documentOf(victim));
    const { result } = (await stubOf(victim)) as { result: Record<string, unknown> };
    const forged = { ...result, bucket: 'another', key: 'secret' };
    await open().store(documentOf(id, { result: forged }));
    expect((await open().fetch(id))?.result).toEqual(forged);
  });

  it('leads to the task’s own object and to nothing else', async () => {
    const [victim, id] = [newId(), newId()];
    await open().store(documentOf(victim));
    await open().store(documentOf(id, { result: 'mine' }));
    const sha256 = (await keysOf(victim))[0]!.slice(-64);
    await changeItem(id, { large_result_sha256: { S: sha256 } });
    await failing(id, /is gone/);
    await changeItem(id, { large_result_sha256: { S: `../celery-task-meta-${victim}.large-${sha256}` } });
    expect((await open().fetch(id))?.result).toBe('mine');
    await dynamodb.client.send(new DeleteItemCommand({ TableName: 'celery', Key: { id: { S: `b'celery-task-meta-${id}'` } } }));
    expect((await dynamodb.client.send(new GetItemCommand({ TableName: 'celery', Key: { id: { S: 'x' } } }))).Item).toBeUndefined();
  });
});
