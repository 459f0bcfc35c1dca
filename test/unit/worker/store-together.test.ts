import { describe, expect, it } from 'vitest';
import type { ResultBackend } from '../../../src/backends/backend.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { toResultDocument } from '../../../src/wire/result.ts';
import { storeTogether } from '../../../src/worker/store-together.ts';

const keeping = { expiresSeconds: 60 };
const done = (id: string) => toResultDocument({ status: 'SUCCESS', result: 1, task_id: id });

function setUp(storeMany: ResultBackend['storeMany']) {
  const calls: unknown[] = [];
  const { storeMany: _, ...single } = createMemoryBackend() as ResultBackend;
  const backend: ResultBackend = {
    ...single,
    async store(document, kept) {
      calls.push([document.task_id, kept]);
      if (document.task_id === 'bad') throw new Error('no');
    },
    ...(storeMany !== undefined && {
      async storeMany(documents, kept) {
        calls.push([documents.map(({ task_id }) => task_id), kept]);
        return await storeMany(documents, kept);
      },
    }),
  };
  return { backend, calls };
}

describe('results stored in one turn', () => {
  it('go to the backend in one call, and each is answered for itself', async () => {
    const { backend, calls } = setUp(async (documents) =>
      documents.map(({ task_id }) => (task_id === 'b' ? new Error('full') : undefined)),
    );
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((id) => storeTogether(backend, done(id), keeping)));
    expect(calls).toEqual([[['a', 'b', 'c'], keeping]]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('are stored singly when there is but one', async () => {
    const { backend, calls } = setUp(async () => []);
    await storeTogether(backend, done('a'), keeping);
    await expect(storeTogether(backend, done('bad'), keeping)).rejects.toThrow('no');
    expect(calls).toEqual([
      ['a', keeping],
      ['bad', keeping],
    ]);
  });

  it('go one by one to a backend that stores singly', async () => {
    const { backend, calls } = setUp(undefined);
    await Promise.all(['a', 'b'].map((id) => storeTogether(backend, done(id), keeping)));
    expect(calls).toEqual([
      ['a', keeping],
      ['b', keeping],
    ]);
  });
});

it('what is kept for other times goes in calls of its own', async () => {
  const { backend, calls } = setUp(async (documents) => documents.map(() => undefined));
  const forEver = { expiresSeconds: null };
  await Promise.all([
    storeTogether(backend, done('a'), keeping),
    storeTogether(backend, done('b'), forEver),
    storeTogether(backend, done('c'), keeping),
  ]);
  expect(calls).toEqual([
    [['a', 'c'], keeping],
    ['b', forEver],
  ]);
});
