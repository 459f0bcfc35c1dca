/** What every ledger must do with attempts: count the starts that never ended, and let no late end clear a later start. */

import assert from 'node:assert/strict';
import { begin, interleavings, type LedgerCheck, newId } from './ledger-suite-parts.ts';

export const ATTEMPTS: readonly LedgerCheck[] = [
  [
    'counts the starts that never ended, the present one excepted',
    async ({ ledger, other }) => {
      const id = newId();
      const counts = [await begin(ledger, id, 'a'), await begin(other, id, 'b'), await begin(ledger, id, 'c'), await begin(other, id, 'd')];
      assert.deepEqual(counts, [0, 1, 2, 3]);
      assert.equal(await begin(ledger, newId(), 'a'), 0);
    },
  ],
  [
    'counts nothing after the latest attempt ended',
    async ({ ledger, other }) => {
      const id = newId();
      for (const token of ['a', 'b', 'c']) await begin(ledger, id, token);
      await other.finish({ taskId: id, token: 'c' });
      assert.deepEqual([await begin(ledger, id, 'd'), await begin(ledger, id, 'e')], [0, 1]);
    },
  ],
  [
    'lets an attempt that was overtaken clear itself and those before it, and not the ones after it',
    async ({ ledger, other }) => {
      const id = newId();
      for (const token of ['killed', 'slow', 'later', 'latest']) await begin(ledger, id, token);
      await other.finish({ taskId: id, token: 'slow' });
      assert.equal(await begin(ledger, id, 'next'), 2);
      await other.finish({ taskId: id, token: 'killed' });
      assert.equal(await begin(ledger, id, 'after'), 3);
    },
  ],
  [
    'ignores the end of an attempt that a later one has cleared',
    async ({ ledger, other }) => {
      const id = newId();
      await begin(ledger, id, 'thawed');
      await begin(other, id, 'b');
      await other.finish({ taskId: id, token: 'b' });
      await begin(other, id, 'c');
      await ledger.finish({ taskId: id, token: 'thawed' });
      assert.equal(await begin(ledger, id, 'd'), 1);
    },
  ],
  [
    'ignores the end of an attempt that never began, and a second end',
    async ({ ledger }) => {
      const id = newId();
      await ledger.finish({ taskId: id, token: 'nobody' });
      await begin(ledger, id, 'a');
      await ledger.finish({ taskId: id, token: 'nobody' });
      assert.equal(await begin(ledger, id, 'b'), 1);
      await ledger.finish({ taskId: id, token: 'b' });
      await ledger.finish({ taskId: id, token: 'b' });
      assert.equal(await begin(ledger, id, 'c'), 0);
    },
  ],
  [
    'counts a start once, however often it is noted',
    async ({ ledger, other }) => {
      const id = newId();
      assert.deepEqual([await begin(ledger, id, 'a'), await begin(other, id, 'a')], [0, 0]);
      assert.equal(await begin(ledger, id, 'b'), 1);
      assert.deepEqual([await begin(ledger, id, 'a'), await begin(ledger, id, 'b')], [0, 1]);
      await ledger.finish({ taskId: id, token: 'a' });
      assert.equal(await begin(ledger, id, 'b'), 0);
      assert.equal(await begin(ledger, id, 'c'), 1);
    },
  ],
  [
    'tells how many starts of each task never ended, and notes nothing by it',
    async ({ ledger, other }) => {
      if (ledger.unfinished === undefined) return;
      const [killed, ended, fresh] = [newId(), newId(), newId()];
      for (const token of ['a', 'b', 'c']) await begin(ledger, killed, token);
      await other.finish({ taskId: killed, token: 'a' });
      await begin(ledger, ended, 'a');
      await ledger.finish({ taskId: ended, token: 'a' });
      for (let time = 0; time < 2; time += 1) assert.deepEqual(await ledger.unfinished([fresh, killed, ended, killed]), [0, 2, 0, 2]);
      assert.deepEqual(await ledger.unfinished([]), []);
      assert.equal(await begin(ledger, killed, 'd'), 2);
    },
  ],
  [
    'takes any text for an id',
    async ({ ledger }) => {
      const mark = newId();
      const ids = ['__proto__', 'constructor', '', `${mark} ü 🐇`, mark.repeat(500), `${mark.repeat(500)}b`];
      for (const id of ids) assert.equal(await begin(ledger, id, mark), 0, id);
      for (const id of ids) await ledger.finish({ taskId: id, token: mark });
      for (const id of ids) assert.equal(await begin(ledger, id, `${mark} again`), 0, id);
      for (const id of ids) await ledger.finish({ taskId: id, token: `${mark} again` });
    },
  ],
  [
    'counts every start of two attempts in any order, and none that ended',
    async ({ ledger, other }) => {
      const left = ['begin a', 'finish a', 'begin c'];
      const right = ['begin b', 'finish b'];
      for (const order of interleavings(left, right)) {
        const id = newId();
        const begun: string[] = [];
        let cleared = 0;
        for (const step of order) {
          const [what, token = ''] = step.split(' ');
          const client = token === 'b' ? other : ledger;
          if (what === 'begin') {
            assert.equal(await begin(client, id, token), begun.length - cleared, order.join());
            begun.push(token);
          } else {
            await client.finish({ taskId: id, token });
            cleared = Math.max(cleared, begun.indexOf(token) + 1);
          }
        }
        assert.equal(await begin(ledger, id, 'last'), begun.length - cleared, order.join());
      }
    },
  ],
  [
    'gives attempts that start at the same time different counts',
    async ({ ledger, other }) => {
      const id = newId();
      const tokens = Array.from({ length: 10 }, (_, at) => `t${at}`);
      const counts = await Promise.all(tokens.map((token, at) => begin(at % 2 === 0 ? ledger : other, id, token)));
      assert.deepEqual(
        counts.toSorted((a, b) => a - b),
        tokens.map((_, at) => at),
      );
    },
  ],
];
