/** What every ledger must do with claims: one attempt at a time, taken over when its time is up and not before, done once. */

import assert from 'node:assert/strict';
import { claim, DAY_MS, granted, LATER, type LedgerCheck, MINUTE_MS, NOW_MS, newId } from './ledger-suite-parts.ts';

const DONE = { expiresMs: NOW_MS + 14 * DAY_MS };
const HELD = { claim: 'held', untilMs: NOW_MS + MINUTE_MS } as const;

export const CLAIMS: readonly LedgerCheck[] = [
  [
    'grants a claim to one attempt, and tells the others until when',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      assert.deepEqual(await claim(other, id, 'b'), HELD);
      await granted(other, newId(), 'b');
    },
  ],
  [
    'grants a claim again to the attempt that has it, and never shortens it',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      await granted(other, id, 'a', { nowMs: NOW_MS - MINUTE_MS });
      assert.deepEqual(await claim(other, id, 'b'), HELD);
      await granted(other, id, 'a', { nowMs: NOW_MS + 1 });
      assert.deepEqual(await claim(other, id, 'b'), { claim: 'held', untilMs: NOW_MS + 1 + MINUTE_MS });
    },
  ],
  [
    'leaves a claim as it is, its memory included, when its attempt asks for less',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a', { expiresMs: NOW_MS });
      await granted(other, id, 'a', { heldUntilMs: NOW_MS + 1, expiresMs: NOW_MS + DAY_MS });
      assert.deepEqual(await claim(other, id, 'b', { payload: 'other', nowMs: NOW_MS + MINUTE_MS }), { claim: 'granted' });
    },
  ],
  [
    'lets another attempt take over when the time is up, and not before',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      assert.deepEqual(await claim(other, id, 'b', { nowMs: NOW_MS + MINUTE_MS - 1 }), HELD);
      await granted(other, id, 'b', { nowMs: NOW_MS + MINUTE_MS });
      assert.deepEqual(await claim(ledger, id, 'a', { nowMs: NOW_MS + MINUTE_MS }), { claim: 'held', untilMs: NOW_MS + 2 * MINUTE_MS });
    },
  ],
  [
    'holds no claim whose time is up when it is made',
    async ({ ledger, other }) => {
      for (const heldUntilMs of [NOW_MS, NOW_MS - 1, 0, -1]) {
        const id = newId();
        await granted(ledger, id, 'a', { heldUntilMs });
        await granted(other, id, 'b');
        assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE }), false);
      }
    },
  ],
  [
    'remembers what is done, with its outcome, until the time asked for',
    async ({ ledger, other }) => {
      const [plain, told] = [newId(), newId()];
      for (const id of [plain, told]) await granted(ledger, id, 'a');
      assert.equal(await ledger.settle({ taskId: plain, token: 'a', ...DONE }), true);
      assert.equal(await ledger.settle({ taskId: told, token: 'a', ...DONE, outcome: '{"ü": 1}' }), true);
      const last = { nowMs: DONE.expiresMs - 1 };
      assert.deepEqual(await claim(other, plain, 'b', last), { claim: 'done' });
      assert.deepEqual(await claim(other, told, 'b', last), { claim: 'done', outcome: '{"ü": 1}' });
      assert.deepEqual(await claim(ledger, told, 'a', last), { claim: 'done', outcome: '{"ü": 1}' });
      await granted(other, told, 'b', { nowMs: DONE.expiresMs, expiresMs: DONE.expiresMs + DAY_MS });
    },
  ],
  [
    'settles for an attempt whose time is up when nobody took over, and again when it asks again',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a', { heldUntilMs: NOW_MS });
      assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE, outcome: '1' }), true);
      assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE }), true);
      assert.deepEqual(await claim(other, id, 'b'), { claim: 'done' });
    },
  ],
  [
    'keeps the outcome that was told last, when the same attempt settles again',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      for (const outcome of ['ran', 'followed']) {
        assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE, outcome }), true);
        assert.deepEqual(await claim(other, id, 'b'), { claim: 'done', outcome });
        assert.equal(await other.settle({ taskId: id, token: 'b', ...DONE, outcome: 'b' }), false);
      }
      assert.equal(await ledger.settle({ taskId: id, token: 'a', expiresMs: DONE.expiresMs + DAY_MS, outcome: '' }), true);
      assert.deepEqual(await claim(other, id, 'b', { nowMs: DONE.expiresMs }), { claim: 'done', outcome: '' });
    },
  ],
  [
    'holds a renewed claim beyond the time it was to be remembered for',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      const heldUntilMs = LATER.expiresMs + DAY_MS;
      assert.equal(await ledger.renew({ taskId: id, token: 'a', heldUntilMs }), true);
      const late = { nowMs: heldUntilMs - 1, expiresMs: heldUntilMs + DAY_MS };
      assert.deepEqual(await claim(other, id, 'b', late), { claim: 'held', untilMs: heldUntilMs });
      await granted(other, id, 'b', { ...late, nowMs: heldUntilMs });
    },
  ],
  [
    'writes nothing for an attempt that was overtaken',
    async ({ ledger, other }) => {
      const id = newId();
      const later = { nowMs: NOW_MS + MINUTE_MS };
      await granted(ledger, id, 'thawed');
      await granted(other, id, 'b', later);
      assert.equal(await ledger.settle({ taskId: id, token: 'thawed', ...DONE }), false);
      assert.equal(await ledger.renew({ taskId: id, token: 'thawed', heldUntilMs: NOW_MS + DAY_MS }), false);
      await ledger.release({ taskId: id, token: 'thawed' });
      assert.deepEqual(await claim(ledger, id, 'c', later), { claim: 'held', untilMs: NOW_MS + 2 * MINUTE_MS });
      assert.equal(await other.settle({ taskId: id, token: 'b', ...DONE, outcome: 'b' }), true);
      assert.equal(await ledger.settle({ taskId: id, token: 'thawed', ...DONE, outcome: 'a' }), false);
      assert.deepEqual(await claim(ledger, id, 'c'), { claim: 'done', outcome: 'b' });
    },
  ],
  [
    'writes nothing for an attempt that never had a claim',
    async ({ ledger }) => {
      const id = newId();
      assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE }), false);
      assert.equal(await ledger.renew({ taskId: id, token: 'a', heldUntilMs: NOW_MS + DAY_MS }), false);
      await ledger.release({ taskId: id, token: 'a' });
      await granted(ledger, id, 'b', { payload: 'other' });
    },
  ],
  [
    'lets another attempt run at once after a release, and the released one write no more',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      await ledger.release({ taskId: id, token: 'a' });
      await ledger.release({ taskId: id, token: 'a' });
      assert.equal(await ledger.settle({ taskId: id, token: 'a', ...DONE }), false);
      assert.equal(await ledger.renew({ taskId: id, token: 'a', heldUntilMs: NOW_MS + DAY_MS }), false);
      assert.deepEqual(await claim(other, id, 'b', { payload: 'other' }), { claim: 'mismatch' });
      await granted(other, id, 'b');
      await ledger.release({ taskId: id, token: 'a' });
      assert.deepEqual(await claim(ledger, id, 'c'), HELD);
    },
  ],
  [
    'does not undo by a release, a renewal or a new claim what is done',
    async ({ ledger }) => {
      const id = newId();
      await granted(ledger, id, 'a');
      await ledger.settle({ taskId: id, token: 'a', ...DONE });
      await ledger.release({ taskId: id, token: 'a' });
      assert.equal(await ledger.renew({ taskId: id, token: 'a', heldUntilMs: NOW_MS + DAY_MS }), false);
      assert.deepEqual(await claim(ledger, id, 'a'), { claim: 'done' });
    },
  ],
  [
    'renews a claim, and never shortens it',
    async ({ ledger, other }) => {
      const id = newId();
      const longer = { taskId: id, token: 'a', heldUntilMs: NOW_MS + 3 * DAY_MS };
      await granted(ledger, id, 'a');
      assert.equal(await ledger.renew(longer), true);
      assert.equal(await ledger.renew(longer), true);
      assert.equal(await ledger.renew({ ...longer, heldUntilMs: NOW_MS + 1 }), true);
      const late = { nowMs: longer.heldUntilMs - 1, expiresMs: NOW_MS + 9 * DAY_MS };
      assert.deepEqual(await claim(other, id, 'b', late), { claim: 'held', untilMs: longer.heldUntilMs });
      await granted(other, id, 'b', { ...late, nowMs: longer.heldUntilMs });
    },
  ],
  [
    'refuses an id that comes with another payload, until it is forgotten',
    async ({ ledger, other }) => {
      const id = newId();
      const odd = { payload: 'other' };
      await granted(ledger, id, 'a');
      assert.deepEqual(await claim(other, id, 'b', odd), { claim: 'mismatch' });
      assert.deepEqual(await claim(ledger, id, 'a', odd), { claim: 'mismatch' });
      assert.deepEqual(await claim(other, id, 'b', { ...odd, nowMs: NOW_MS + MINUTE_MS }), { claim: 'mismatch' });
      await ledger.settle({ taskId: id, token: 'a', ...DONE });
      assert.deepEqual(await claim(other, id, 'b', odd), { claim: 'mismatch' });
      await granted(other, id, 'b', { ...odd, nowMs: DONE.expiresMs, expiresMs: DONE.expiresMs + DAY_MS });
    },
  ],
  [
    'forgets no claim before its time is up, whenever it may be forgotten',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'a', { expiresMs: NOW_MS });
      assert.deepEqual(await claim(other, id, 'b', { nowMs: NOW_MS + MINUTE_MS - 1, payload: 'other' }), { claim: 'mismatch' });
      await granted(other, id, 'b', { nowMs: NOW_MS + MINUTE_MS, payload: 'other' });
    },
  ],
];
