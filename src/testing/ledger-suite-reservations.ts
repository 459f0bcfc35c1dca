/** What every ledger must do with names: one task has a name until its time is up, whoever asks at the same time. */

import assert from 'node:assert/strict';
import type { Ledger } from '../ledgers/ledger.ts';
import { DAY_MS, type LedgerCheck, MINUTE_MS, NOW_MS, newId } from './ledger-suite-parts.ts';

interface Asked {
  readonly nowMs?: number;
  readonly untilMs?: number;
}

/** A name for a minute, unless told otherwise; answers whose it is. */
async function reserve(ledger: Ledger, name: string, taskId: string, { nowMs = NOW_MS, untilMs = nowMs + MINUTE_MS }: Asked = {}) {
  return (await ledger.reserve({ name, taskId, nowMs, untilMs })).taskId;
}

export const RESERVATIONS: readonly LedgerCheck[] = [
  [
    'gives a name to one task, and tells the others whose it is',
    async ({ ledger, other }) => {
      const name = newId();
      assert.deepEqual(
        [await reserve(ledger, name, 'a'), await reserve(other, name, 'b'), await reserve(other, newId(), 'b')],
        ['a', 'a', 'b'],
      );
    },
  ],
  [
    'gives a name to another task when its time is up, and not before',
    async ({ ledger, other }) => {
      const name = newId();
      await reserve(ledger, name, 'a');
      assert.equal(await reserve(other, name, 'b', { nowMs: NOW_MS + MINUTE_MS - 1 }), 'a');
      assert.equal(await reserve(other, name, 'b', { nowMs: NOW_MS + MINUTE_MS }), 'b');
      assert.equal(await reserve(ledger, name, 'a', { nowMs: NOW_MS + MINUTE_MS }), 'b');
    },
  ],
  [
    'holds a name longer for the task that has it, and never shorter',
    async ({ ledger, other }) => {
      const name = newId();
      await reserve(ledger, name, 'a');
      assert.equal(await reserve(other, name, 'a', { untilMs: NOW_MS + DAY_MS }), 'a');
      assert.equal(await reserve(ledger, name, 'a', { untilMs: NOW_MS + 1 }), 'a');
      assert.equal(await reserve(other, name, 'b', { nowMs: NOW_MS + DAY_MS - 1 }), 'a');
      assert.equal(await reserve(other, name, 'b', { nowMs: NOW_MS + DAY_MS }), 'b');
    },
  ],
  [
    'gives a name again to a task that had it, when nobody took it meanwhile',
    async ({ ledger, other }) => {
      const name = newId();
      const late = { nowMs: NOW_MS + DAY_MS };
      await reserve(ledger, name, 'a');
      assert.equal(await reserve(ledger, name, 'a', late), 'a');
      assert.equal(await reserve(other, name, 'b', late), 'a');
    },
  ],
  [
    'holds no name whose time is up when it is asked for',
    async ({ ledger, other }) => {
      const name = newId();
      assert.equal(await reserve(ledger, name, 'a', { untilMs: NOW_MS }), 'a');
      assert.equal(await reserve(other, name, 'b'), 'b');
    },
  ],
  [
    'lets a name go that is given up, and only by the task that has it',
    async ({ ledger, other }) => {
      const name = newId();
      await ledger.unreserve({ name, taskId: 'a' });
      await reserve(ledger, name, 'a');
      await other.unreserve({ name, taskId: 'b' });
      assert.equal(await reserve(other, name, 'b'), 'a');
      await other.unreserve({ name, taskId: 'a' });
      await other.unreserve({ name, taskId: 'a' });
      assert.equal(await reserve(other, name, 'b'), 'b');
      await ledger.unreserve({ name, taskId: 'a' });
      assert.equal(await reserve(ledger, name, 'a'), 'b');
    },
  ],
  [
    'takes any text for a name, and tells it from the ids of tasks',
    async ({ ledger, other }) => {
      const mark = newId();
      const names = ['__proto__', '', `${mark} ü 🐇 "\\`, mark, mark.repeat(500), `${mark.repeat(500)}b`];
      for (const name of names) assert.equal(await reserve(ledger, name, mark), mark, name);
      for (const name of names) assert.equal(await reserve(other, name, 'b'), mark, name);
      assert.equal(await ledger.isRevoked({ taskId: mark, stamps: {} }, NOW_MS), false);
      for (const name of names) await ledger.unreserve({ name, taskId: mark });
    },
  ],
  [
    'gives a name to one of many that ask at the same time',
    async ({ ledger, other }) => {
      const name = newId();
      const tasks = Array.from({ length: 12 }, (_, at) => `t${at}`);
      const answers = await Promise.all(tasks.map((task, at) => reserve(at % 2 === 0 ? ledger : other, name, task)));
      assert.equal(new Set(answers).size, 1, answers.join());
      assert.equal(await reserve(ledger, name, 'last'), answers[0]);
    },
  ],
  [
    'gives a name whose time is up to one of many that ask at the same time',
    async ({ ledger, other }) => {
      const name = newId();
      await reserve(ledger, name, 'old');
      const late = { nowMs: NOW_MS + MINUTE_MS };
      const tasks = Array.from({ length: 8 }, (_, at) => `t${at}`);
      const answers = await Promise.all(tasks.map((task, at) => reserve(at % 2 === 0 ? ledger : other, name, task, late)));
      assert.equal(new Set(answers).size, 1, answers.join());
      assert.notEqual(answers[0], 'old');
    },
  ],
  [
    'has one task in possession of a name, when many take it and give it up at the same time',
    async ({ ledger, other }) => {
      const name = newId();
      let inside = 0;
      const most: number[] = [];
      await Promise.all(
        Array.from({ length: 6 }, async (_, at) => {
          const client = at % 2 === 0 ? ledger : other;
          if ((await reserve(client, name, `t${at}`)) !== `t${at}`) return;
          inside += 1;
          most.push(inside);
          await reserve(client, name, `t${at}`);
          inside -= 1;
          await client.unreserve({ name, taskId: `t${at}` });
        }),
      );
      assert.ok(most.length >= 1 && most.every((seen) => seen === 1), most.join());
    },
  ],
];
