/**
 * What every ledger must do, as named cases that throw when it does not. It depends on no test runner: give each case to yours.
 * There is nothing here that an implementation may leave out.
 */

import { ATTEMPTS } from './ledger-suite-attempts.ts';
import { CLAIMS } from './ledger-suite-claims.ts';
import type { LedgerCheck, LedgerUnderTest } from './ledger-suite-parts.ts';
import { RACES } from './ledger-suite-races.ts';
import { RESERVATIONS } from './ledger-suite-reservations.ts';
import { REVOCATIONS } from './ledger-suite-revocations.ts';

export type { LedgerUnderTest } from './ledger-suite-parts.ts';

const CASES: readonly LedgerCheck[] = [...ATTEMPTS, ...REVOCATIONS, ...CLAIMS, ...RACES, ...RESERVATIONS];

export interface LedgerCase {
  /** A sentence in the present. */
  readonly name: string;
  /** Rejects when the ledger does otherwise. */
  run(): Promise<void>;
}

/**
 * The cases, for one implementation. Ids are new in every case, so they may share a store; times lie about the year 2040.
 *
 * @example for (const { name, run } of ledgerSuite(make)) it(name, run);
 */
export function ledgerSuite(make: () => LedgerUnderTest | Promise<LedgerUnderTest>): readonly LedgerCase[] {
  return CASES.map(([name, check]) => ({ name, run: () => runCase(make, check) }));
}

async function runCase(make: () => LedgerUnderTest | Promise<LedgerUnderTest>, check: LedgerCheck[1]): Promise<void> {
  const given = await make();
  try {
    await check(given);
  } finally {
    await given.close?.();
  }
}
