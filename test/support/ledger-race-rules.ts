/** What must hold while attempts race for one task, judged by what each asked and was told, and in which order. */

import assert from 'node:assert/strict';
import type { ClaimAnswer } from '../../src/ledgers/ledger.ts';

/** One question: what it was, and when it was put. */
export interface Asked {
  readonly what: 'claim' | 'renew' | 'settle';
  readonly at: number;
  readonly nowMs?: number;
  readonly heldUntilMs?: number;
  readonly outcome?: string;
}

export interface Attempt {
  readonly token: string;
  doing?: Asked['what'] | 'release';
  /** The claim that was granted. */
  grant?: { readonly asked: Asked; readonly toldAt: number };
  /** What it was told that it holds, and when it was told. */
  readonly holds: { readonly untilMs: number; readonly toldAt: number }[];
  /** It is dead then, by the true time. */
  deathMs: number;
  isInside: boolean;
  releasedAt?: number;
  /** A claim of its own may still come, after all. */
  isHaunted: boolean;
}

type Settling = Asked & { readonly toldAt: number };

export class RaceRules {
  readonly #attempts: Attempt[] = [];
  readonly #asked: Asked[] = [];
  readonly #settled: { readonly attempt: Attempt; readonly settling: Settling }[] = [];
  #settlesLate = false;
  #moment = 0;

  join(token: string): Attempt {
    const attempt: Attempt = { token, holds: [], deathMs: 0, isInside: false, isHaunted: false };
    this.#attempts.push(attempt);
    return attempt;
  }

  asks(attempt: Attempt, what: Asked['what'], more: Pick<Asked, 'nowMs' | 'heldUntilMs' | 'outcome'>): Asked {
    const { nowMs, heldUntilMs, outcome } = more;
    const asked: Asked = {
      what,
      at: this.#next(),
      ...(nowMs !== undefined && { nowMs }),
      ...(heldUntilMs !== undefined && { heldUntilMs }),
      ...(outcome !== undefined && { outcome }),
    };
    attempt.doing = what;
    this.#asked.push(asked);
    return asked;
  }

  isLate(attempt: Attempt): void {
    if (attempt.doing === 'claim') attempt.isHaunted = true;
    if (attempt.doing === 'settle') this.#settlesLate = true;
  }

  claimed(
    attempt: Attempt,
    asked: Asked,
    answer: ClaimAnswer | undefined,
    run: { readonly deathMs: number; readonly trueMs: number },
  ): void {
    const toldAt = this.#next();
    if (answer === undefined) return;
    assert.notEqual(answer.claim, 'mismatch', 'a payload changed');
    if (answer.claim === 'done') this.#judgeOutcome(answer.outcome, asked, toldAt);
    if (answer.claim === 'held') this.#judgeRefusal(answer.untilMs, asked);
    if (answer.claim !== 'granted') return;
    this.#judgeGrant(attempt, asked, toldAt);
    // Whoever is told after its death runs nothing, until it thaws.
    if (run.trueMs < run.deathMs) this.#judgeCompany(attempt, run.trueMs);
    attempt.grant = { asked, toldAt };
    attempt.holds.push({ untilMs: asked.heldUntilMs!, toldAt });
    attempt.deathMs = run.deathMs;
    attempt.isInside = true;
  }

  renewed(attempt: Attempt, asked: Asked, isRenewed: boolean | undefined, deathMs: number): void {
    const toldAt = this.#next();
    if (isRenewed !== true) return;
    this.#judgeWrite(attempt, asked);
    assert.ok(!this.#settled.some(({ settling }) => settling.toldAt < asked.at), `${attempt.token} renews what is settled`);
    attempt.holds.push({ untilMs: asked.heldUntilMs!, toldAt });
    // Renewed after its end, it is late for whatever it still does.
    attempt.deathMs = Math.max(attempt.deathMs, deathMs);
  }

  releases(attempt: Attempt): void {
    attempt.doing = 'release';
    attempt.isInside = false;
    attempt.releasedAt = this.#next();
  }

  settled(attempt: Attempt, asked: Asked, isSettled: boolean | undefined): void {
    const toldAt = this.#next();
    if (isSettled !== true) return;
    this.#judgeWrite(attempt, asked);
    for (const { attempt: before } of this.#settled) assert.equal(before.token, attempt.token, 'two attempts settled');
    this.#settled.push({ attempt, settling: { ...asked, toldAt } });
  }

  leaves(attempt: Attempt): void {
    attempt.isInside = false;
  }

  lastHeldUntil(leastMs: number): number {
    return Math.max(leastMs, ...this.#asked.map(({ heldUntilMs = 0 }) => heldUntilMs));
  }

  /** What a claim is told when all is over and every time is up: it is not stuck, and what is done is done. */
  ends(answer: ClaimAnswer): void {
    const at = this.#next();
    if (answer.claim === 'done') this.#judgeOutcome(answer.outcome, { what: 'claim', at }, this.#next());
    else {
      assert.equal(answer.claim, 'granted', 'the claim is stuck');
      assert.equal(this.#settled.length, 0, 'what was settled is forgotten');
    }
  }

  #next(): number {
    this.#moment += 1;
    return this.#moment;
  }

  #judgeGrant(attempt: Attempt, asked: Asked, toldAt: number): void {
    for (const { attempt: by, settling } of this.#settled) {
      assert.ok(asked.at < settling.toldAt, `${attempt.token} runs what ${by.token} settled`);
    }
    for (const other of this.#attempts) {
      if (other === attempt) continue;
      const isReleased = other.releasedAt !== undefined && other.releasedAt < toldAt;
      for (const hold of isReleased || this.#isOvertaken(other) ? [] : other.holds) {
        const isUp = hold.untilMs <= asked.nowMs!;
        assert.ok(isUp || asked.at < hold.toldAt, `${attempt.token} takes over from ${other.token} before its time is up`);
      }
    }
  }

  #isOvertaken({ token, grant }: Attempt): boolean {
    return this.#attempts.some(
      (by) => by.token !== token && grant !== undefined && by.grant !== undefined && by.grant.asked.at > grant.toldAt,
    );
  }

  #judgeCompany(attempt: Attempt, trueMs: number): void {
    for (const other of this.#attempts) {
      const isAlone = other === attempt || !other.isInside || other.deathMs <= trueMs;
      assert.ok(isAlone, `${attempt.token} and ${other.token} run at the same time`);
    }
  }

  /** It ends some time that somebody asked for, and has not ended yet. */
  #judgeRefusal(untilMs: number, asked: Asked): void {
    assert.ok(asked.nowMs! <= untilMs, 'a claim is refused although its time is up');
    const isKnown = untilMs === asked.nowMs || this.#asked.some(({ heldUntilMs }) => heldUntilMs === untilMs);
    assert.ok(isKnown, 'a claim is held until a time nobody asked for');
  }

  #judgeWrite(attempt: Attempt, { what, at }: Asked): void {
    for (const { token, grant } of this.#attempts) {
      if (token === attempt.token || grant === undefined || attempt.isHaunted) continue;
      const isOvertaken = attempt.grant!.toldAt < grant.asked.at && grant.toldAt < at;
      assert.ok(!isOvertaken, `${attempt.token}, overtaken by ${token}, could ${what}`);
    }
  }

  #judgeOutcome(outcome: string | undefined, asked: Asked, toldAt: number): void {
    const told = this.#asked.filter((settle) => settle.what === 'settle' && settle.at < toldAt);
    assert.ok(
      told.some((settle) => settle.outcome === outcome),
      `nobody settled with ${outcome}`,
    );
    if (this.#settlesLate) return;
    const settler = this.#settled.at(0)?.attempt.token ?? outcome?.split(' ')[0];
    const known = this.#settled.filter(({ settling }) => settling.toldAt < asked.at).at(-1)?.settling;
    const possible = told.filter((settle) => settle.outcome?.startsWith(`${settler} `) && settle.at >= (known?.at ?? 0));
    assert.ok(
      possible.some((settle) => settle.outcome === outcome),
      `done is told with ${outcome}`,
    );
  }
}
