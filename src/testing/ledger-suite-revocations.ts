/** What every ledger must do with revocations: refuse by id and by stamp, until their time and not after. */

import assert from 'node:assert/strict';
import type { Ledger } from '../ledgers/ledger.ts';
import { DAY_MS, LATER, type LedgerCheck, NOW_MS, newId } from './ledger-suite-parts.ts';

const revoked = (ledger: Ledger, taskId: string, stamps: Readonly<Record<string, unknown>> = {}, nowMs = NOW_MS): Promise<boolean> =>
  ledger.isRevoked({ taskId, stamps }, nowMs);

const stamped = (ledger: Ledger, stamps: Readonly<Record<string, unknown>>): Promise<boolean> => revoked(ledger, newId(), stamps);

export const REVOCATIONS: readonly LedgerCheck[] = [
  [
    'refuses the ids that were revoked, and no others',
    async ({ ledger, other }) => {
      const ids = Array.from({ length: 60 }, newId);
      assert.equal(await revoked(ledger, ids[0] ?? ''), false);
      await ledger.revoke([...ids, ...ids], LATER);
      assert.deepEqual(new Set(await Promise.all(ids.map((id) => revoked(other, id)))), new Set([true]));
      assert.equal(await revoked(other, newId()), false);
    },
  ],
  [
    'revokes nothing when there is nothing to revoke',
    async ({ ledger }) => {
      await ledger.revoke([], LATER);
      await ledger.revokeByStamps({}, LATER);
      await ledger.revokeByStamps({ tenant: [] }, LATER);
      assert.equal(await stamped(ledger, { tenant: newId() }), false);
    },
  ],
  [
    'refuses until the time asked for, by the clock of the one who asks',
    async ({ ledger, other }) => {
      const [early, late, name] = [newId(), newId(), newId()];
      await ledger.revoke([early], { expiresMs: NOW_MS + 10 });
      await ledger.revoke([late], LATER);
      await ledger.revokeByStamps({ [name]: [1] }, { expiresMs: NOW_MS + 10 });
      assert.deepEqual(
        [await revoked(other, early, {}, NOW_MS + 9), await revoked(other, newId(), { [name]: 1 }, NOW_MS + 9)],
        [true, true],
      );
      assert.deepEqual(
        [await revoked(other, early, {}, NOW_MS + 10), await revoked(other, newId(), { [name]: 1 }, NOW_MS + 10)],
        [false, false],
      );
      assert.equal(await revoked(other, late, {}, NOW_MS + 10), true);
    },
  ],
  [
    'never shortens a revocation, and lengthens it',
    async ({ ledger, other }) => {
      const id = newId();
      await ledger.revoke([id], LATER);
      await other.revoke([id], { expiresMs: NOW_MS + 1 });
      assert.equal(await revoked(ledger, id, {}, NOW_MS + DAY_MS - 1), true);
      await other.revoke([id], { expiresMs: NOW_MS + 2 * DAY_MS });
      assert.equal(await revoked(ledger, id, {}, NOW_MS + DAY_MS + 1), true);
    },
  ],
  [
    'refuses a task that carries a revoked stamp value',
    async ({ ledger, other }) => {
      const [acme, tenant] = [newId(), newId()];
      await ledger.revokeByStamps({ [tenant]: [acme, 'x'], other: [newId()] }, LATER);
      assert.equal(await stamped(other, { [tenant]: acme }), true);
      assert.equal(await stamped(other, { also: 1, [tenant]: acme }), true);
      assert.equal(await stamped(other, { [tenant]: newId() }), false);
      assert.equal(await stamped(other, { [newId()]: acme }), false);
      assert.equal(await stamped(other, {}), false);
    },
  ],
  [
    'refuses a task one of whose listed values is revoked, however many it lists',
    async ({ ledger }) => {
      const [tag, seven] = [newId(), newId()];
      await ledger.revokeByStamps({ [tag]: [seven] }, LATER);
      const many = Array.from({ length: 250 }, newId);
      assert.equal(await stamped(ledger, { [tag]: ['other', seven] }), true);
      assert.equal(await stamped(ledger, { [tag]: [...many, seven] }), true);
      assert.equal(await stamped(ledger, { [tag]: [...many, ...many] }), false);
      assert.equal(await stamped(ledger, { [tag]: [] }), false);
    },
  ],
  [
    'compares stamp values by what they are, not by how they are printed',
    async ({ ledger }) => {
      const name = newId();
      await ledger.revokeByStamps({ [name]: [1, 'yes', { a: 1, b: [2n] }, ['nested']] }, LATER);
      const same: readonly unknown[] = [1, 1n, 'yes', { b: [2], a: 1 }, [['nested']]];
      for (const value of same) assert.equal(await stamped(ledger, { [name]: value }), true, String(value));
      const different: readonly unknown[] = ['1', 2, 'no', { a: 1 }, { a: 1, b: 2 }, 'nested', ['nested'], null, undefined];
      for (const value of different) assert.equal(await stamped(ledger, { [name]: value }), false, String(value));
    },
  ],
  [
    'takes no notice of a stamp of null, as Celery',
    async ({ ledger }) => {
      const name = newId();
      await ledger.revokeByStamps({ [name]: [null] }, LATER);
      assert.deepEqual([await stamped(ledger, { [name]: null }), await stamped(ledger, { [name]: [null] })], [false, true]);
    },
  ],
  [
    'tells names and values apart, however they are spelled',
    async ({ ledger }) => {
      const mark = newId();
      await ledger.revokeByStamps({ [`${mark}-a`]: ['b'], [`${mark}-long`]: ['x'.repeat(5000)] }, LATER);
      await ledger.revoke([`${mark}-id`], LATER);
      assert.equal(await stamped(ledger, { [mark]: 'a-b' }), false);
      assert.equal(await stamped(ledger, { [`${mark}-long`]: 'x'.repeat(5000) }), true);
      assert.equal(await stamped(ledger, { [`${mark}-long`]: 'x'.repeat(5001) }), false);
      assert.equal(await stamped(ledger, JSON.parse(`{"__proto__": "b", "${mark}-a": "c"}`)), false);
      assert.equal(await revoked(ledger, `["${mark}-a","b"]`), false);
    },
  ],
];
