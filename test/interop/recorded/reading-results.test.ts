/** What Python's workers have stored, read by our results: values, failures, children, chains and groups. */

import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import type { ResultBackend } from '../../../src/backends/backend.ts';
import { AsyncResult } from '../../../src/results/async-result.ts';
import type { ResultBase } from '../../../src/results/result-base.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import { readGroupPayload, readResultPayload } from '../../../src/wire/result-payload.ts';
import { readText } from '../../support/recorded.ts';

interface Recording {
  readonly final_keys?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly items?: readonly { readonly id: { readonly S: string }; readonly result?: { readonly B: string } }[];
  readonly objects?: Readonly<Record<string, string>>;
}

/** The texts a store was left with, by the name within their key. */
function textsOf({ final_keys: keys = {}, items = [], objects = {} }: Recording): Map<string, string> {
  const stored: [string, unknown][] = [
    ...Object.entries(keys).map(([key, { value }]) => [key, value] as [string, unknown]),
    ...items.map(({ id, result }) => [id.S, result?.B] as [string, unknown]),
    ...Object.entries(objects),
  ];
  return new Map(
    stored.flatMap(([key, text]) => {
      const name = /celery-task(?:set)?-meta-[-\w]+/.exec(key)?.[0];
      return name === undefined || typeof text !== 'string' ? [] : [[name, text] as const];
    }),
  );
}

function open(file: string) {
  const texts = textsOf(JSON.parse(readText(`celery-results/${file}.json`)) as Recording);
  const refuse = () => Promise.reject(new Error('recordings are read only'));
  const backend: ResultBackend = {
    store: refuse,
    forget: refuse,
    async fetch(id) {
      const text = texts.get(`celery-task-meta-${id}`);
      return text === undefined ? undefined : readResultPayload(text);
    },
    groups: {
      save: refuse,
      remove: refuse,
      async restore(id) {
        const text = texts.get(`celery-taskset-meta-${id}`);
        return text === undefined ? undefined : readGroupPayload(text);
      },
    },
  };
  const app = createApp('reader').connect({ transport: createMemoryTransport(), backend });
  const idsIn = (kind: string): string[] =>
    [...texts.keys()].filter((name) => name.startsWith(`celery-${kind}-meta-`)).map((name) => name.slice(`celery-${kind}-meta-`.length));
  return { app, tasks: idsIn('task'), groups: idsIn('taskset'), document: (id: string) => backend.fetch(id) };
}

/** Python's versions of the same recording. */
const versions = (...files: string[]): string[] => files.flatMap((file) => [file, `${file}@5.2.6`]);

async function rootOf({ app, tasks, document }: ReturnType<typeof open>): Promise<AsyncResult> {
  for (const id of tasks) if ((await document(id))?.parent_id === undefined) return app.asyncResult(id);
  throw new Error('every task has a parent');
}

async function valuesOf(root: AsyncResult): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const [, value] of root.collect({ timeout: 0 })) values.push(value);
  return values;
}

describe('Python stores, and we read', () => {
  it.each(versions('redis-success', 'dynamodb-success'))('%s: a value', async (file) => {
    const { app, tasks } = open(file);
    const result = app.asyncResult(tasks[0]!);
    expect(await result.get({ timeout: 0 })).toBe(5);
    expect((await result.dateDone())?.getFullYear()).toBe(2026);
  });

  it.each(versions('redis-failure', 'dynamodb-failure'))('%s: a failure with its traceback', async (file) => {
    const { app, tasks } = open(file);
    const result = app.asyncResult(tasks[0]!);
    await expect(result.get({ timeout: 0 })).rejects.toMatchObject({ excType: 'ValueError', excArgs: ['boom'] });
    expect(await result.traceback()).toMatch(/^Traceback/);
  });

  it.each(versions('redis-progress-left'))('%s: the meta of a state of its own', async (file) => {
    const { app, tasks } = open(file);
    const result = app.asyncResult(tasks[0]!);
    expect([await result.state(), await result.info(), await result.ready()]).toEqual(['PROGRESS', { current: 1, total: 10 }, false]);
  });

  it.each(versions('redis-revoked'))('%s: a task that was revoked', async (file) => {
    const { app, tasks } = open(file);
    await expect(app.asyncResult(tasks[0]!).get({ timeout: 0 })).rejects.toMatchObject({ excType: 'TaskRevokedError' });
  });

  it.each(versions('redis-children-of-chain', 'dynamodb-children-of-chain'))('%s: a chain from its first task on', async (file) => {
    expect(await valuesOf(await rootOf(open(file)))).toEqual([2, 6]);
  });

  it.each(versions('redis-children-of-link-group'))('%s: a group among the children', async (file) => {
    const root = await rootOf(open(file));
    expect(await valuesOf(root)).toEqual([4, [8, 12], 8, 12]);
    expect(await root.getLeaf()).toBe(12);
  });

  it.each(versions('redis-chain-failure'))('%s: a chain of which the first task failed is not waited for', async (file) => {
    const { app, tasks } = open(file);
    const chain = await app.resultFromTuple([['never-run', [[tasks[0]!, null], null]], null]);
    await expect(chain.get()).rejects.toMatchObject({ excType: 'ValueError', excArgs: ['x'] });
  });

  it.each(versions('redis-group-saved', 'dynamodb-group-saved', 's3-group-saved'))('%s: a group that Python saved', async (file) => {
    const { app, groups } = open(file);
    const group = await app.groupResult(groups[0]!);
    expect(await group?.get({ timeout: 0 })).toEqual([2, 4]);
    expect([await group?.successful(), await group?.completedCount()]).toEqual([true, 2]);
  });

  it.each(versions('redis-group-nested-saved'))('%s: a saved group with what came before it', async (file) => {
    const { app, groups } = open(file);
    const group = await app.groupResult(groups[0]!);
    expect(await group?.get({ timeout: 0 })).toEqual([4, 6]);
    const parent = group?.parent as ResultBase;
    expect(parent).toBeInstanceOf(AsyncResult);
    expect(await parent.get()).toBe(2);
  });
});
