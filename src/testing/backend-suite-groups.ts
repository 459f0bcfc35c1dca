/** What a backend must do that saves groups. */

import assert from 'node:assert/strict';
import type { ResultTuple } from '../wire/result.ts';
import { type BackendCheck, documentOf, groupsOf, groupTuple, HOUR, newId, taskTuple } from './backend-suite-parts.ts';

export const GROUPS: readonly BackendCheck[] = [
  [
    'restores a saved group, nested groups and parents included, to any client',
    async ({ backend, other }) => {
      const id = newId();
      const child: ResultTuple = [['child', taskTuple('before')], null];
      const group: ResultTuple = [
        [id, groupTuple('parent', taskTuple('a'))],
        [child, groupTuple('inner', taskTuple('b'), taskTuple('ü'))],
      ];
      await groupsOf(backend).save(id, group, HOUR);
      for (const client of [backend, other]) assert.deepEqual(await groupsOf(client).restore(id), group);
    },
    'groups',
  ],
  [
    'restores a group of thousands, and an empty one',
    async ({ backend, other }) => {
      for (const length of [3000, 0]) {
        const id = newId();
        const group = groupTuple(id, ...Array.from({ length }, () => taskTuple(newId())));
        await groupsOf(backend).save(id, group, HOUR);
        assert.deepEqual(await groupsOf(other).restore(id), group);
      }
    },
    'groups',
  ],
  [
    'saves a group again as it is then',
    async ({ backend, other }) => {
      const id = newId();
      await groupsOf(backend).save(id, groupTuple(id, taskTuple('a')), HOUR);
      await groupsOf(other).save(id, groupTuple(id, taskTuple('b')), HOUR);
      assert.deepEqual(await groupsOf(backend).restore(id), groupTuple(id, taskTuple('b')));
    },
    'groups',
  ],
  [
    'knows nothing of groups never saved or removed',
    async ({ backend, other }) => {
      const id = newId();
      await groupsOf(backend).remove(id);
      assert.equal(await groupsOf(backend).restore(id), undefined);
      await groupsOf(backend).save(id, groupTuple(id), HOUR);
      await groupsOf(other).remove(id);
      assert.equal(await groupsOf(backend).restore(id), undefined);
      for (const odd of ['__proto__', 'constructor']) assert.equal(await groupsOf(backend).restore(odd), undefined);
    },
    'groups',
  ],
  [
    'keeps a group and a task of the same id apart',
    async ({ backend }) => {
      const id = newId();
      await backend.store(documentOf(id), HOUR);
      assert.equal(await groupsOf(backend).restore(id), undefined);
      await groupsOf(backend).save(id, groupTuple(id), HOUR);
      await groupsOf(backend).remove(id);
      assert.deepEqual(await backend.fetch(id), documentOf(id));
    },
    'groups',
  ],
  [
    'forgets a group that has expired',
    async ({ backend, pass }) => {
      const [brief, endless] = [newId(), newId()];
      await groupsOf(backend).save(brief, groupTuple(brief), { expiresSeconds: 1 });
      await groupsOf(backend).save(endless, groupTuple(endless), { expiresSeconds: null });
      await pass?.(2);
      assert.equal(await groupsOf(backend).restore(brief), undefined);
      assert.deepEqual(await groupsOf(backend).restore(endless), groupTuple(endless));
    },
    'groups',
    'expiry',
  ],
];
