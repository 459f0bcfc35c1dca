/** What every ledger must hold to while two attempts run at once: whatever the order, a task is done once, and by who has it. */

import assert from 'node:assert/strict';
import type { Ledger } from '../ledgers/ledger.ts';
import { claim, DAY_MS, granted, interleavings, type LedgerCheck, MINUTE_MS, NOW_MS, newId } from './ledger-suite-parts.ts';

const DONE = { expiresMs: NOW_MS + 14 * DAY_MS };

type Step = 'claim' | 'claim late' | 'renew' | 'settle' | 'release';
interface Move {
  readonly token: string;
  readonly step: Step;
}

/** What a claim should be, in the fewest words: who has it until when, and who has settled it. */
interface Model {
  holder?: { readonly token: string; readonly untilMs: number };
  settled?: string;
}

const moves = (token: string, ...steps: readonly Step[]): readonly Move[] => steps.map((step) => ({ token, step }));

function expected(model: Model, { token, step }: Move): unknown {
  const { holder } = model;
  const ours = holder?.token === token;
  switch (step) {
    case 'claim':
    case 'claim late': {
      const nowMs = nowOf(step);
      if (model.settled !== undefined) return { claim: 'done', outcome: model.settled };
      if (holder !== undefined && !ours && nowMs < holder.untilMs) return { claim: 'held', untilMs: holder.untilMs };
      model.holder = { token, untilMs: Math.max(nowMs + MINUTE_MS, ours ? holder.untilMs : 0) };
      return { claim: 'granted' };
    }
    case 'renew':
      if (ours) model.holder = { token, untilMs: Math.max(holder.untilMs, NOW_MS + 2 * MINUTE_MS) };
      return ours;
    case 'settle':
      if (ours) {
        delete model.holder;
        model.settled = token;
      }
      return ours || model.settled === token;
    case 'release':
      if (ours) delete model.holder;
      return undefined;
  }
}

function taken(ledger: Ledger, taskId: string, { token, step }: Move): Promise<unknown> {
  switch (step) {
    case 'claim':
    case 'claim late':
      return claim(ledger, taskId, token, { nowMs: nowOf(step) });
    case 'renew':
      return ledger.renew({ taskId, token, heldUntilMs: NOW_MS + 2 * MINUTE_MS });
    case 'settle':
      return ledger.settle({ taskId, token, ...DONE, outcome: token });
    case 'release':
      return ledger.release({ taskId, token });
  }
}

const nowOf = (step: Step): number => (step === 'claim late' ? NOW_MS + MINUTE_MS : NOW_MS);

export const RACES: readonly LedgerCheck[] = [
  [
    'answers two attempts as they come, in every order',
    async ({ ledger, other }) => {
      const programs: readonly (readonly [readonly Move[], readonly Move[]])[] = [
        [moves('a', 'claim', 'settle'), moves('b', 'claim', 'settle')],
        [moves('a', 'claim', 'settle', 'release'), moves('b', 'claim late', 'settle', 'release')],
        [moves('a', 'claim', 'release', 'settle'), moves('b', 'claim', 'renew', 'settle')],
        [moves('a', 'claim', 'renew', 'settle'), moves('b', 'claim late', 'claim', 'settle')],
      ];
      for (const [left, right] of programs) {
        for (const order of interleavings(left, right)) {
          const id = newId();
          const model: Model = {};
          for (const move of order) {
            const answer = await taken(move.token === 'a' ? ledger : other, id, move);
            assert.deepEqual(answer, expected(model, move), order.map(({ token, step }) => `${token}: ${step}`).join(', '));
          }
        }
      }
    },
  ],
  [
    'grants a claim to one of many that ask at the same time',
    async ({ ledger, other }) => {
      const id = newId();
      const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => claim(at % 2 === 0 ? ledger : other, id, `t${at}`)));
      assert.equal(answers.filter((answer) => answer.claim === 'granted').length, 1);
      assert.equal(answers.filter((answer) => answer.claim === 'held').length, 11);
    },
  ],
  [
    'gives a claim whose time is up to one of many that ask at the same time, and fences the one before',
    async ({ ledger, other }) => {
      const id = newId();
      await granted(ledger, id, 'old');
      const tokens = Array.from({ length: 8 }, (_, at) => `t${at}`);
      const late = { nowMs: NOW_MS + MINUTE_MS };
      const ends = await Promise.all([
        ...tokens.map((token, at) => claim(at % 2 === 0 ? ledger : other, id, token, late).then((answer) => answer.claim)),
        ledger.settle({ taskId: id, token: 'old', ...DONE }).then((settled) => (settled ? 'settled' : 'fenced')),
      ]);
      const winners = ends.filter((end) => end === 'granted' || end === 'settled');
      assert.equal(winners.length, 1, ends.join());
    },
  ],
  [
    'settles a task once, when many claim and settle at the same time',
    async ({ ledger, other }) => {
      const id = newId();
      const run = async (client: Ledger, token: string): Promise<boolean> => {
        // Every claim is up at once, so that each may take over from the one before.
        const answer = await claim(client, id, token, { heldUntilMs: NOW_MS });
        return answer.claim === 'granted' && (await client.settle({ taskId: id, token, ...DONE, outcome: token }));
      };
      const settled = await Promise.all(Array.from({ length: 10 }, (_, at) => run(at % 2 === 0 ? ledger : other, `t${at}`)));
      assert.equal(settled.filter(Boolean).length, 1);
      assert.deepEqual(await claim(ledger, id, 'last'), { claim: 'done', outcome: `t${settled.indexOf(true)}` });
    },
  ],
];
