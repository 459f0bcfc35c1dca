/** DynamoDB and S3 shared with Celery's own backends: each side reads what the other stored, and both complete one chord together. */

import { deepEqual, equal, match } from 'node:assert/strict';
import type { ResultBackend } from '../../../../src/backends/backend.ts';
import { createDynamoDBBackend } from '../../../../src/backends/dynamodb.ts';
import { createS3Backend } from '../../../../src/backends/s3.ts';
import { type ResultFields, type ResultTuple, toResultDocument } from '../../../../src/wire/result.ts';
import { startDynamoDB } from '../../../support/dynamodb.ts';
import { startS3 } from '../../../support/s3.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

type Kind = 'dynamodb' | 'compressed' | 'expiring' | 's3';

interface Shared {
  readonly dynamodb: ResultBackend & { readonly chords: NonNullable<ResultBackend['chords']> };
  readonly s3: ResultBackend;
  /** Calls a function of aws_backends.py. */
  python<T>(name: string, ...args: readonly unknown[]): Promise<T>;
}

export async function shareAwsBackends({ python }: Pick<World, 'python'>): Promise<{ cases: readonly Case[]; close(): Promise<void> }> {
  const [table, bucket] = await Promise.all([startDynamoDB(), startS3()]);
  const call = <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
    python.value<T>(`__import__("aws_backends").${name}(*json.loads(${JSON.stringify(JSON.stringify(args))}))`);
  await call('connect', new URL(table.connection.endpoint).host, bucket.connection.endpoint, bucket.bucket);
  const s3 = createS3Backend({ bucket: bucket.bucket, basePath: 'celery/', ...bucket.connection });
  const dynamodb = createDynamoDBBackend({ table: table.tableName, largeResults: s3, ...table.connection });
  const shared: Shared = { dynamodb, s3, python: call };
  return {
    cases: [...results('dynamodb', shared), ...results('s3', shared), ...tables(shared), ...chords(shared)],
    async close() {
      await Promise.all([dynamodb.close?.(), s3.close?.()]);
      await Promise.all([table.stop(), bucket.stop()]);
    },
  };
}

const newId = (): string => crypto.randomUUID();
const DAY = { expiresSeconds: 86_400 };
const ERROR = { exc_type: 'ValueError', exc_message: ['boom', 7], exc_module: 'builtins' };

const documentOf = (task_id: string, fields: Partial<ResultFields> = {}) =>
  toResultDocument({ status: 'SUCCESS', date_done: new Date().toISOString().replace('Z', '+00:00'), ...fields, task_id });

function results(kind: 'dynamodb' | 's3', shared: Shared): readonly Case[] {
  const { python } = shared;
  const backend = shared[kind];
  return [
    {
      name: `${kind}: Python reads what we stored`,
      run: async () => {
        const [done, failed, child] = [newId(), newId(), newId()];
        await backend.store(documentOf(done, { result: { text: 'ü 🐇', n: [1, null] }, children: [[[child, null], null]] }), DAY);
        await backend.store(documentOf(failed, { status: 'FAILURE', result: ERROR, traceback: 'Error: boom' }), DAY);
        deepEqual(await python('stored', kind, done), ['SUCCESS', { text: 'ü 🐇', n: [1, null] }, null, [child]]);
        deepEqual(await python('stored', kind, failed), ['FAILURE', ['ValueError', 'builtins', ['boom', 7]], 'Error: boom', []]);
        deepEqual(await python('got', kind, done), { text: 'ü 🐇', n: [1, null] });
        await backend.forget(done);
        deepEqual(await python('stored', kind, done), ['PENDING', null, null, []]);
      },
    },
    {
      name: `${kind}: we read what Python stored`,
      run: async () => {
        const [done, failed] = [newId(), newId()];
        await python('store', kind, done, { text: 'ü 🐇' });
        await python('store', kind, failed, ['boom', 7], 'FAILURE');
        deepEqual((await backend.fetch(done))?.result, { text: 'ü 🐇' });
        const failure = await backend.fetch(failed);
        deepEqual([failure?.status, failure?.result, failure?.traceback], ['FAILURE', ERROR, 'Traceback …']);
      },
    },
    {
      name: `${kind}: neither side overwrites the other’s SUCCESS, and both its other states`,
      run: async () => {
        const [ours, pythons, started, theirs] = [newId(), newId(), newId(), newId()];
        await backend.store(documentOf(ours, { result: 'ours' }), DAY);
        await python('store', kind, ours, ['late'], 'FAILURE');
        deepEqual((await backend.fetch(ours))?.result, 'ours');

        await python('store', kind, pythons, 'Python’s');
        await backend.store(documentOf(pythons, { status: 'FAILURE', result: ERROR }), DAY);
        deepEqual(
          await backend.storeMany?.([documentOf(pythons, { result: 'late' }), documentOf(newId())], DAY),
          backend.storeMany && [undefined, undefined],
        );
        deepEqual(await python('got', kind, pythons), 'Python’s');

        await backend.store(documentOf(started, { status: 'STARTED' }), DAY);
        await python('store', kind, started, 1);
        equal((await backend.fetch(started))?.result, 1);
        await backend.store(documentOf(started, { result: 2 }), DAY);
        equal((await backend.fetch(started))?.result, 1);

        await python('store', kind, theirs, null, 'STARTED');
        await backend.store(documentOf(theirs, { result: 2 }), DAY);
        equal(await python('got', kind, theirs), 2);
      },
    },
    {
      name: `${kind}: groups are restored on the other side`,
      run: async () => {
        const [ours, pythons, a, b, inner] = [newId(), newId(), newId(), newId(), newId()];
        const group: ResultTuple = [
          [ours, null],
          [
            [[a, null], null],
            [[inner, null], [[[b, null], null]]],
          ],
        ];
        await backend.groups?.save(ours, group, DAY);
        deepEqual(await python('restored', kind, ours), group);
        await python('save', kind, pythons, [a, b]);
        deepEqual(await backend.groups?.restore(pythons), [
          [pythons, null],
          [
            [[a, null], null],
            [[b, null], null],
          ],
        ]);
      },
    },
  ];
}

function tables({ dynamodb, python }: Shared): readonly Case[] {
  return [
    ...(['compressed', 'expiring'] satisfies Kind[]).map((kind) => ({
      name: `dynamodb: we read what Python stored ${kind}`,
      run: async () => {
        const id = newId();
        await python('store', kind, id, 'ü'.repeat(500));
        equal((await dynamodb.fetch(id))?.result, 'ü'.repeat(500));
        await dynamodb.store(documentOf(id, { status: 'FAILURE', result: ERROR }), DAY);
        equal(await python('got', kind, id), 'ü'.repeat(500));
      },
    })),
    {
      name: 'dynamodb: ids and keys that Python prints otherwise',
      run: async () => {
        for (const id of [`${newId()} ü 🐇`, `it's ${newId()}`, `"it's" ${newId()}`, `\\${newId()}\n\t`]) {
          await dynamodb.store(documentOf(id, { result: id }), DAY);
          equal(await python('got', 'dynamodb', id), id);
        }
      },
    },
    {
      name: 'dynamodb: Python reads a pointer where a result was too large, and an error of the same class',
      run: async () => {
        const [done, failed] = [newId(), newId()];
        await dynamodb.store(documentOf(done, { result: 'x'.repeat(500_000) }), DAY);
        await dynamodb.store(documentOf(failed, { status: 'FAILURE', result: { ...ERROR, exc_message: ['x'.repeat(500_000)] } }), DAY);
        const pointer = await python<Record<string, { readonly note: string }>>('got', 'dynamodb', done);
        match(pointer['__celeriac_large_result__']?.note ?? '', /too large/);
        const [state, [type, , [text]]] = await python<[string, [string, string, [string]]]>('stored', 'dynamodb', failed);
        deepEqual([state, type], ['FAILURE', 'ValueError']);
        match(text, /too large/);
        equal((await dynamodb.fetch(done))?.result, 'x'.repeat(500_000));
      },
    },
    {
      name: 'dynamodb: Python restores a group of ten thousand',
      run: async () => {
        const group: ResultTuple = [[newId(), null], Array.from({ length: 10_000 }, (): ResultTuple => [[newId(), null], null])];
        await dynamodb.groups?.save(group[0][0], group, DAY);
        deepEqual(await python('restored', 'dynamodb', group[0][0]), group);
      },
    },
  ];
}

interface Mixed {
  readonly groupId: string;
  readonly ids: readonly string[];
  /** Stores and counts a part here, or there. */
  ours(index: number): Promise<string>;
  pythons(index: number, state?: string): Promise<void>;
  /** The arguments with which Python published the body. */
  bodies(): Promise<readonly unknown[]>;
}

function chords({ dynamodb, python }: Shared): readonly Case[] {
  const mixed = async (begun: 'here' | 'there', size: number): Promise<Mixed> => {
    const groupId = newId();
    const ids = Array.from({ length: size }, newId);
    const header: ResultTuple = [[groupId, null], ids.map((id): ResultTuple => [[id, null], null])];
    if (begun === 'here') await dynamodb.chords.begin({ groupId, size, header, ...DAY });
    else await python('begin', 'dynamodb', groupId, ids);
    return {
      groupId,
      ids,
      async ours(index) {
        const taskId = ids[index]!;
        await dynamodb.store(documentOf(taskId, { result: index, group_id: groupId }), DAY);
        const part = { groupId, taskId, groupIndex: index, state: 'SUCCESS', result: index, size: undefined, ...DAY };
        return (await dynamodb.chords.count(part)).state;
      },
      pythons: (index, state = 'SUCCESS') =>
        python('part', 'dynamodb', groupId, ids[index], index, state === 'SUCCESS' ? index : ['boom', 7], state),
      bodies: () => python('bodies', `body-${groupId}`),
    };
  };
  const bySide = (['here', 'there'] as const).flatMap((begun): readonly Case[] => [
    {
      name: `dynamodb: a chord noted ${begun} that Python’s part completes, and ours told again`,
      run: async () => {
        const { ours, pythons, bodies } = await mixed(begun, 4);
        await pythons(2);
        deepEqual([await ours(0), await ours(0), await ours(3)], ['open', 'open', 'open']);
        await pythons(1);
        deepEqual(await bodies(), [[[0, 1, 2, 3]]]);
        equal(await ours(3), 'unknown');
        equal((await bodies()).length, 1);
      },
    },
    {
      name: `dynamodb: a chord noted ${begun} that our part completes, and Python’s part told again`,
      run: async () => {
        const { groupId, ours, pythons, bodies } = await mixed(begun, 3);
        await pythons(1);
        deepEqual([await ours(2), await ours(0)], ['open', 'complete']);
        deepEqual(await dynamodb.chords.join({ groupId, ...DAY }), { ok: true, results: [0, 1, 2] });
        await pythons(1);
        equal(await ours(0), 'complete');
        await dynamodb.chords.end({ groupId, ...DAY });
        await pythons(1);
        equal(await ours(0), 'taken');
        deepEqual(await bodies(), []);
        deepEqual(await python('bodies', `errback-${groupId}`), []);
        deepEqual(await python('stored', 'dynamodb', `body-${groupId}`), ['PENDING', null, null, []]);
      },
    },
    {
      name: `dynamodb: a chord noted ${begun} in which Python’s part failed`,
      run: async () => {
        const { groupId, ids, ours, pythons } = await mixed(begun, 2);
        await pythons(1, 'FAILURE');
        equal(await ours(0), 'complete');
        deepEqual(await dynamodb.chords.join({ groupId, ...DAY }), {
          ok: false,
          taskId: ids[1],
          exception: ERROR,
          traceback: 'Traceback …',
        });
      },
    },
    {
      name: `dynamodb: a chord noted ${begun} in which our part failed, completed by Python`,
      run: async () => {
        const { groupId, ids, pythons } = await mixed(begun, 2);
        await dynamodb.store(documentOf(ids[0]!, { status: 'FAILURE', result: ERROR }), DAY);
        const part = { groupId, taskId: ids[0]!, groupIndex: 0, state: 'FAILURE', result: ERROR, size: undefined, ...DAY };
        equal((await dynamodb.chords.count(part)).state, 'open');
        await pythons(1);
        const [state, [type, , [text]]] = await python<[string, [string, string, [string]]]>('stored', 'dynamodb', `body-${groupId}`);
        deepEqual([state, type], ['FAILURE', 'ChordError']);
        match(text, /boom/);
      },
    },
  ]);
  return bySide;
}
