/** What every backend must do with single documents: give them back, never overwrite a SUCCESS, forget. */

import assert from 'node:assert/strict';
import type { ResultBackend } from '../backends/backend.ts';
import { isCeleryError } from '../errors.ts';
import { writeResult } from '../wire/result.ts';
import { Decimal } from '../wire/values.ts';
import { type BackendCheck, documentOf, HOUR, newId } from './backend-suite-parts.ts';

const EVERY_STATE = ['PENDING', 'RECEIVED', 'STARTED', 'RETRY', 'PROGRESS', 'FAILURE', 'REVOKED'];

async function statusOf(backend: ResultBackend, taskId: string): Promise<string | undefined> {
  return (await backend.fetch(taskId))?.status;
}

export const RESULTS: readonly BackendCheck[] = [
  [
    'gives back what was stored, to any client',
    async ({ backend, other }) => {
      const id = newId();
      const document = documentOf(id, {
        result: { text: 'ü 🐇\0\n', exact: 2n ** 70n, price: new Decimal('1.10'), bytes: new Uint8Array([0, 255]), none: null, list: [[]] },
        children: [[['child', [['parent', null], null]], [[['leaf', null], null]]]],
        traceback: 'Traceback …',
        group_id: 'g',
        parent_id: 'p',
        name: 'tasks.add',
        args: [1, 'two'],
        kwargs: { ['__proto__']: 1, key: 2 },
        retries: 3,
        stamped_headers: ['stamp'],
        stamp: ['s'],
      });
      await backend.store(document, HOUR);
      for (const client of [backend, other]) {
        const found = await client.fetch(id);
        assert.ok(found !== undefined, 'It is gone.');
        assert.equal(writeResult(found), writeResult(document));
      }
    },
  ],
  [
    'knows nothing of ids never stored',
    async ({ backend }) => {
      for (const id of [newId(), '__proto__', 'constructor']) assert.equal(await backend.fetch(id), undefined, id);
    },
  ],
  [
    'overwrites every state but SUCCESS',
    async ({ backend, other }) => {
      const id = newId();
      for (const [at, status] of EVERY_STATE.entries()) {
        await (at % 2 === 0 ? backend : other).store(documentOf(id, { status, result: null, date_done: null }), HOUR);
        assert.equal(await statusOf(backend, id), status);
      }
      await other.store(documentOf(id), HOUR);
      assert.equal(await statusOf(backend, id), 'SUCCESS');
    },
  ],
  [
    'never overwrites a SUCCESS, not with another one either',
    async ({ backend, other }) => {
      const id = newId();
      await backend.store(documentOf(id, { result: 'first' }), HOUR);
      for (const status of [...EVERY_STATE, 'SUCCESS']) {
        for (const client of [backend, other]) await client.store(documentOf(id, { status, result: 'later' }), HOUR);
        assert.deepEqual(await backend.fetch(id), documentOf(id, { result: 'first' }), status);
      }
    },
  ],
  [
    'keeps a SUCCESS that is stored at the same time as other states',
    async ({ backend, other }) => {
      for (let round = 0; round < 5; round += 1) {
        const id = newId();
        const stored = Array.from({ length: 9 }, (_, at) =>
          (at % 2 === 0 ? backend : other).store(documentOf(id, { status: at === 4 ? 'SUCCESS' : 'STARTED' }), HOUR),
        );
        await Promise.all(stored);
        assert.equal(await statusOf(backend, id), 'SUCCESS');
      }
    },
  ],
  [
    'stores the first of the successes that come at the same time',
    async ({ backend, other }) => {
      const id = newId();
      await Promise.all(
        Array.from({ length: 6 }, (_, result) => (result % 2 === 0 ? backend : other).store(documentOf(id, { result }), HOUR)),
      );
      const first = await backend.fetch(id);
      await other.store(documentOf(id, { result: 'later' }), HOUR);
      assert.deepEqual(await backend.fetch(id), first);
    },
  ],
  [
    'leaves nothing of a longer document in a shorter one',
    async ({ backend }) => {
      const id = newId();
      await backend.store(documentOf(id, { status: 'STARTED', result: 'x'.repeat(5000), name: 'long', stamp: 1 }), HOUR);
      await backend.store(documentOf(id, { result: 1 }), HOUR);
      assert.deepEqual(await backend.fetch(id), documentOf(id, { result: 1 }));
    },
  ],
  [
    'stores a document of 200 KB',
    async ({ backend, other }) => {
      const id = newId();
      await backend.store(documentOf(id, { result: 'é'.repeat(30_000) }), HOUR);
      assert.equal((await other.fetch(id))?.result, 'é'.repeat(30_000));
    },
  ],
  [
    'takes any text for an id',
    async ({ backend, other }) => {
      const mark = newId();
      const ids = [`${mark} ü 🐇`, `${mark}/a/b`, `${mark}'"\\`, `${mark}\n`, `${mark}%20?#&`, `${mark}'`, mark.repeat(10)];
      for (const id of ids) await backend.store(documentOf(id, { result: id }), HOUR);
      for (const id of ids) assert.equal((await other.fetch(id))?.result, id, id);
      for (const id of ids) await other.forget(id);
      for (const id of ids) assert.equal(await backend.fetch(id), undefined, id);
    },
  ],
  [
    'forgets a document, a SUCCESS too, and takes another one then',
    async ({ backend, other }) => {
      const [id, neighbour] = [newId(), newId()];
      for (const each of [id, neighbour]) await backend.store(documentOf(each), HOUR);
      await other.forget(id);
      assert.equal(await backend.fetch(id), undefined);
      assert.equal(await statusOf(backend, neighbour), 'SUCCESS');
      await backend.store(documentOf(id, { status: 'FAILURE' }), HOUR);
      assert.equal(await statusOf(other, id), 'FAILURE');
    },
  ],
  [
    'forgets what it never had without a word',
    async ({ backend }) => {
      await backend.forget(newId());
    },
  ],
  [
    'refuses by a typed error what cannot be written, and stores nothing of it',
    async ({ backend }) => {
      const id = newId();
      await assert.rejects(backend.store(documentOf(id, { result: () => 1 }), HOUR), isCeleryError);
      assert.equal(await backend.fetch(id), undefined);
    },
  ],
  [
    'forgets what has expired, and not before',
    async ({ backend, other, pass }) => {
      const [brief, long, endless] = [newId(), newId(), newId()];
      await backend.store(documentOf(brief), { expiresSeconds: 1 });
      await backend.store(documentOf(long), { expiresSeconds: 60 });
      await backend.store(documentOf(endless), { expiresSeconds: null });
      assert.equal(await statusOf(other, brief), 'SUCCESS');
      await pass?.(2);
      assert.equal(await backend.fetch(brief), undefined);
      assert.equal(await other.fetch(brief), undefined);
      for (const id of [long, endless]) assert.equal(await statusOf(other, id), 'SUCCESS');
      await backend.store(documentOf(brief, { status: 'STARTED' }), HOUR);
      assert.equal(await statusOf(other, brief), 'STARTED');
    },
    'expiry',
  ],
];
