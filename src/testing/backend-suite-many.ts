/** What a backend must do that stores or reads several documents at once, or tells of them as they are stored. */

import assert from 'node:assert/strict';
import type { ResultBackend } from '../backends/backend.ts';
import type { ResultDocument } from '../wire/result.ts';
import { type BackendCheck, documentOf, eventually, HOUR, newId } from './backend-suite-parts.ts';

/** More than any store takes at once. */
const MANY_IDS = 230;

function storeAll(backend: ResultBackend, documents: readonly ResultDocument[]): Promise<readonly (Error | undefined)[]> {
  return backend.storeMany?.(documents, HOUR) ?? assert.fail('It has no storeMany.');
}

function fetchAll(backend: ResultBackend, taskIds: readonly string[]): Promise<readonly (ResultDocument | undefined)[]> {
  return backend.fetchMany?.(taskIds) ?? assert.fail('It has no fetchMany.');
}

interface Watching {
  /** What was told so far: task id and status, or result. */
  readonly told: readonly ResultDocument[];
  end(): Promise<void>;
}

async function watching(backend: ResultBackend, ...taskIds: readonly string[]): Promise<Watching> {
  const told: ResultDocument[] = [];
  const end = await (backend.watch?.(taskIds, (document) => told.push(document)) ?? assert.fail('It has no watch.'));
  return { told, end };
}

export const MANY: readonly BackendCheck[] = [
  [
    'stores several, and none',
    async ({ backend, other }) => {
      const documents = Array.from({ length: MANY_IDS }, (_, result) => documentOf(newId(), { result }));
      assert.deepEqual(
        await storeAll(backend, documents),
        documents.map(() => undefined),
      );
      for (const document of [...documents.slice(0, 3), ...documents.slice(-3)]) {
        assert.deepEqual(await other.fetch(document.task_id), document);
      }
      assert.deepEqual(await storeAll(backend, []), []);
    },
    'storeMany',
  ],
  [
    'never overwrites a SUCCESS when it stores several, which is no error',
    async ({ backend, other }) => {
      const [done, open, absent] = [newId(), newId(), newId()];
      await backend.store(documentOf(done, { result: 'first' }), HOUR);
      await backend.store(documentOf(open, { status: 'STARTED' }), HOUR);
      const failures = [done, open, absent].map((id) => documentOf(id, { status: 'FAILURE' }));
      assert.deepEqual(await storeAll(other, failures), [undefined, undefined, undefined]);
      assert.deepEqual(await backend.fetch(done), documentOf(done, { result: 'first' }));
      for (const id of [open, absent]) assert.equal((await backend.fetch(id))?.status, 'FAILURE');
    },
    'storeMany',
  ],
  [
    'stores the others where one of several cannot be written',
    async ({ backend }) => {
      const ids = [newId(), newId(), newId()];
      const answers = await storeAll(
        backend,
        ids.map((id, at) => documentOf(id, { result: at === 1 ? () => 1 : at })),
      );
      assert.deepEqual(
        answers.map((answer) => answer instanceof Error),
        [false, true, false],
      );
      const found = await Promise.all(ids.map((id) => backend.fetch(id)));
      assert.deepEqual(
        found.map((document) => document?.result),
        [0, undefined, 2],
      );
    },
    'storeMany',
  ],
  [
    'takes two documents of one task among several, a SUCCESS before the other',
    async ({ backend }) => {
      const [id, twice] = [newId(), newId()];
      const documents = [
        documentOf(id, { status: 'STARTED' }),
        documentOf(id),
        documentOf(twice),
        documentOf(twice, { status: 'FAILURE' }),
      ];
      assert.deepEqual(await storeAll(backend, documents), [undefined, undefined, undefined, undefined]);
      for (const each of [id, twice]) assert.equal((await backend.fetch(each))?.status, 'SUCCESS');
    },
    'storeMany',
  ],
  [
    'reads several in the order asked for, with gaps, and none',
    async ({ backend, other }) => {
      const ids = Array.from({ length: MANY_IDS }, newId);
      const stored = ids.filter((_, at) => at % 3 !== 1);
      await Promise.all(stored.map((id) => backend.store(documentOf(id, { result: id }), HOUR)));
      const found = await fetchAll(other, ids);
      assert.deepEqual(
        found.map((document) => document?.result),
        ids.map((id, at) => (at % 3 === 1 ? undefined : id)),
      );
      assert.deepEqual(await fetchAll(other, []), []);
    },
    'fetchMany',
  ],
  [
    'reads the same id as often as it is asked for',
    async ({ backend }) => {
      const [id, absent] = [newId(), newId()];
      await backend.store(documentOf(id), HOUR);
      assert.deepEqual(await fetchAll(backend, [id, absent, id]), [documentOf(id), undefined, documentOf(id)]);
    },
    'fetchMany',
  ],
  [
    'tells of documents as they are stored by any client, in order, and of no others',
    async ({ backend, other }) => {
      const [id, second, stranger] = [newId(), newId(), newId()];
      await backend.store(documentOf(id, { status: 'PENDING' }), HOUR);
      const { told, end } = await watching(backend, id, second);
      for (const status of ['STARTED', 'PROGRESS', 'SUCCESS']) await other.store(documentOf(id, { status }), HOUR);
      await other.store(documentOf(stranger), HOUR);
      await other.store(documentOf(second), HOUR);
      await eventually(() => told.length >= 4, 'It was not told of 4 documents');
      await end();
      assert.deepEqual(
        told.filter(({ task_id }) => task_id === id).map(({ status }) => status),
        ['STARTED', 'PROGRESS', 'SUCCESS'],
      );
      assert.deepEqual(
        told.filter(({ task_id }) => task_id !== id),
        [documentOf(second)],
      );
    },
    'watch',
  ],
  [
    'tells every watcher of a task, until it ends',
    async ({ backend, other }) => {
      const id = newId();
      const [first, second] = [await watching(backend, id), await watching(backend, id)];
      await other.store(documentOf(id, { status: 'STARTED' }), HOUR);
      await eventually(() => first.told.length === 1 && second.told.length === 1, 'Not both were told');
      await first.end();
      await first.end();
      await other.store(documentOf(id), HOUR);
      await eventually(() => second.told.length === 2, 'The second was not told');
      await second.end();
      assert.equal(first.told.length, 1);
    },
    'watch',
  ],
  [
    'listens to a task again that it has ceased to listen to',
    async ({ backend, other }) => {
      const id = newId();
      await (await watching(backend, id)).end();
      const { told, end } = await watching(backend, id);
      await other.store(documentOf(id), HOUR);
      await eventually(() => told.length === 1, 'It was not told');
      await end();
    },
    'watch',
  ],
  [
    'goes on telling the others when a watcher throws',
    async ({ backend, other }) => {
      const id = newId();
      const end = await backend.watch?.([id], () => {
        throw new Error('of the watcher');
      });
      const { told, end: endSecond } = await watching(backend, id);
      await other.store(documentOf(id), HOUR);
      await eventually(() => told.length === 1, 'It was not told');
      await end?.();
      await endSecond();
    },
    'watch',
  ],
];
