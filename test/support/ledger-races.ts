/**
 * Attempts at one task that race for it, under a scheduler that decides which request reaches the ledger next: clocks apart, replies lost,
 * requests that come twice or late, attempts that die or freeze. What they see is judged as it comes (ledger-race-rules.ts).
 */

import fc from 'fast-check';
import type { Ledger } from '../../src/ledgers/ledger.ts';
import { heldUntil } from '../../src/ledgers/ledger.ts';
import { type Attempt, RaceRules } from './ledger-race-rules.ts';

/** What becomes of one request: it is lost, its reply is, it comes twice, or it comes after it was given up. */
type Fate = 'done' | 'lost' | 'unanswered' | 'twice' | 'late';

/** Lets one request through, when and how the race has it. */
export type Gate = <Answer>(what: string, send: () => Promise<Answer>) => Promise<Answer>;

/** A client of the ledger's store whose every request goes through the gate. */
export type OpenGated = (gate: Gate) => Ledger;

type Step = 'work' | 'renew' | 'freeze';
interface Plan {
  readonly skewMs: number;
  readonly steps: readonly Step[];
  readonly end: 'settle' | 'release' | 'die';
}

export interface Race {
  readonly scheduler: fc.Scheduler;
  readonly fates: readonly Fate[];
  readonly plans: readonly Plan[];
}

const START_MS = Date.UTC(2040, 0, 1);
const TICKS = 12;
const TICK_MS = 45_000;
/** A clock is so much before or after the true time, at most. */
const SKEW_MS = 30_000;
const REMAINING_MS = 60_000;
/** So long, a claim is over whose attempt was frozen, by any clock. */
const FROZEN_MS = REMAINING_MS + 4 * SKEW_MS;
const TRIES = 3;
const EXPIRES_MS = START_MS + 86_400_000;

const plan: fc.Arbitrary<Plan> = fc.record({
  skewMs: fc.integer({ min: -SKEW_MS, max: SKEW_MS }),
  steps: fc.array(fc.constantFrom<Step[]>('work', 'renew', 'freeze'), { maxLength: 4 }),
  end: fc.constantFrom('settle', 'settle', 'release', 'die'),
});

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('done') },
  { weight: 4, arbitrary: fc.constantFrom<Fate[]>('lost', 'unanswered', 'twice', 'late') },
);

export const races: fc.Arbitrary<Race> = fc.record({
  scheduler: fc.scheduler(),
  fates: fc.array(fate, { maxLength: 30 }),
  plans: fc.array(plan, { minLength: 2, maxLength: 5 }),
});

/** Runs the race; rejects with the rule that did not hold. */
export async function run({ scheduler, fates, plans }: Race, open: OpenGated): Promise<void> {
  const taskId = crypto.randomUUID();
  const rules = new RaceRules();
  const time = { nowMs: START_MS, isOver: false };
  const late: Promise<unknown>[] = [];
  let requests = 0;

  /** Has a step wait for its turn; nothing else happens while it is under way. */
  const inTurn = async <Answer>(label: string, step: () => Promise<Answer>): Promise<Answer> => {
    let answer: Promise<Answer> | undefined;
    const builder = async (): Promise<void> => {
      answer = step();
      await answer.catch(() => undefined);
    };
    await scheduler.scheduleSequence([{ label, builder }]).task;
    return await (answer as Promise<Answer>);
  };
  const pause = (label: string): Promise<void> => inTurn(label, async () => {});
  const freeze = async (token: string): Promise<void> => {
    const thawMs = time.nowMs + FROZEN_MS;
    while (time.nowMs < thawMs && !time.isOver) await pause(`${token} is frozen`);
  };

  const gateOf =
    (attempt: Attempt): Gate =>
    async (what, send) => {
      const its = fates[requests] ?? 'done';
      requests += 1;
      const label = `${attempt.token} ${what} ${its}`;
      if (its === 'late') {
        rules.isLate(attempt);
        late.push(inTurn(label, send).catch(() => undefined));
        await pause(`${label}: given up`);
        throw new Error('no answer');
      }
      const answer = await inTurn(label, async () => {
        if (its === 'lost') throw new Error('lost on the way');
        if (its === 'twice') await send().catch(() => undefined);
        return await send();
      });
      await pause(`${label}: answered`);
      if (its === 'unanswered') throw new Error('the answer was lost');
      return answer;
    };

  async function attemptOf({ skewMs, steps, end }: Plan, at: number): Promise<void> {
    const token = `t${at}`;
    const attempt = rules.join(token);
    const ledger = open(gateOf(attempt));
    const clock = (): number => time.nowMs + skewMs;
    await pause(`${token} arrives`);

    const [nowMs, deathMs] = [clock(), time.nowMs + REMAINING_MS];
    const claim = { taskId, token, payload: 'p', nowMs, heldUntilMs: heldUntil(nowMs, REMAINING_MS, 2 * SKEW_MS), expiresMs: EXPIRES_MS };
    const asked = rules.asks(attempt, 'claim', claim);
    const answer = await insist(() => ledger.claim(claim));
    rules.claimed(attempt, asked, answer, { deathMs, trueMs: time.nowMs });
    if (answer?.claim !== 'granted') return;

    for (const step of steps) {
      if (step === 'work') await pause(`${token} works`);
      else if (step === 'freeze') await freeze(token);
      else {
        const death = time.nowMs + REMAINING_MS;
        const heldUntilMs = heldUntil(clock(), REMAINING_MS, 2 * SKEW_MS);
        const renewal = rules.asks(attempt, 'renew', { nowMs: clock(), heldUntilMs });
        rules.renewed(attempt, renewal, await insist(() => ledger.renew({ taskId, token, heldUntilMs })), death);
      }
    }
    if (end === 'release') {
      rules.releases(attempt);
      await insist(() => ledger.release({ taskId, token }));
    }
    if (end !== 'settle') return;
    for (const word of ['ran', 'followed']) {
      const outcome = `${token} ${word}`;
      const settling = rules.asks(attempt, 'settle', { outcome });
      const isSettled = await insist(() => ledger.settle({ taskId, token, expiresMs: EXPIRES_MS, outcome }));
      rules.settled(attempt, settling, isSettled);
      if (isSettled !== true) return;
    }
    rules.leaves(attempt);
  }

  async function ticks(): Promise<void> {
    for (let tick = 0; tick < TICKS; tick += 1) {
      await pause('time goes on');
      time.nowMs += TICK_MS;
    }
    time.isOver = true;
  }

  await scheduler.waitFor(Promise.all([ticks(), ...plans.map(attemptOf)]));
  await scheduler.waitFor(Promise.all(late));

  const afterAll = rules.lastHeldUntil(START_MS) + 1;
  const last = { taskId, token: 'last', payload: 'p', nowMs: afterAll, heldUntilMs: afterAll + 1, expiresMs: EXPIRES_MS };
  rules.ends(await open((_what, send) => send()).claim(last));
}

/** Asks again when no answer came; undefined when none comes. */
async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return await ask();
    } catch {}
  }
  return undefined;
}
