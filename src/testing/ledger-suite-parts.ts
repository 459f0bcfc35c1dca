/** What the ledger suite's cases are made of: the ledger under test, and small steps to take with it. */

import assert from 'node:assert/strict';
import type { Claim, ClaimAnswer, Ledger } from '../ledgers/ledger.ts';

/** A ledger set up for one case, empty or as good as. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Another client of the same store; the same ledger where there can be but one. */
  readonly other: Ledger;
  close?(): Promise<void>;
}

/** A case's name, and what throws when the ledger does otherwise. */
export type LedgerCheck = readonly [name: string, check: (given: LedgerUnderTest) => Promise<void>];

export const NOW_MS = Date.UTC(2040, 0, 1);
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const LATER = { expiresMs: NOW_MS + DAY_MS };

/** An id that no other case has, however often the suite runs over the same store. */
export const newId = (): string => globalThis.crypto.randomUUID();

export function begin(ledger: Ledger, taskId: string, token: string): Promise<number> {
  return ledger.begin({ taskId, token, ...LATER }).then(({ unfinished }) => unfinished);
}

/** A claim for a minute, unless told otherwise. */
export function claim(ledger: Ledger, taskId: string, token: string, more: Partial<Claim> = {}): Promise<ClaimAnswer> {
  const heldUntilMs = (more.nowMs ?? NOW_MS) + MINUTE_MS;
  return ledger.claim({ taskId, token, payload: 'p', nowMs: NOW_MS, heldUntilMs, ...LATER, ...more });
}

export async function granted(ledger: Ledger, taskId: string, token: string, more: Partial<Claim> = {}): Promise<void> {
  assert.deepEqual(await claim(ledger, taskId, token, more), { claim: 'granted' });
}

/** Every way to lay two sequences into one, each keeping its own order. */
export function interleavings<Step>(left: readonly Step[], right: readonly Step[]): readonly (readonly Step[])[] {
  const [a, ...restOfLeft] = left;
  const [b, ...restOfRight] = right;
  if (a === undefined || b === undefined) return [[...left, ...right]];
  return [...interleavings(restOfLeft, right).map((rest) => [a, ...rest]), ...interleavings(left, restOfRight).map((rest) => [b, ...rest])];
}
