/**
 * What every transport must do, as named cases that throw when it does not. It depends on no test runner: give each case to yours.
 * What an implementation cannot do is declared by the case's name, with the reason.
 */

import assert from 'node:assert/strict';
import { FIFO } from './transport-suite-fifo.ts';
import type { TransportCheck, TransportUnderTest } from './transport-suite-parts.ts';
import { RECEIVING } from './transport-suite-receiving.ts';
import { SENDING } from './transport-suite-sending.ts';

export type { TransportUnderTest } from './transport-suite-parts.ts';

const CASES: ReadonlyMap<string, TransportCheck[1]> = new Map([...SENDING, ...RECEIVING, ...FIFO]);

export interface TransportCase {
  /** A sentence in the present. */
  readonly name: string;
  /** Rejects when the transport does otherwise. */
  run(): Promise<void>;
  /** Why this implementation cannot. Its `run` is then expected to fail. */
  readonly cannot?: string;
}

/**
 * The cases, for one implementation. `cannot` maps case names to reasons; a name that is no case throws.
 *
 * @example for (const { name, run } of transportSuite(make)) it(name, run);
 */
export function transportSuite(
  make: () => TransportUnderTest | Promise<TransportUnderTest>,
  cannot: Readonly<Record<string, string>> = {},
): readonly TransportCase[] {
  const reasons = new Map(Object.entries(cannot));
  for (const name of reasons.keys()) assert.ok(CASES.has(name), `There is no case '${name}'.`);
  return Array.from(CASES, ([name, check]) => {
    const reason = reasons.get(name);
    return { name, run: () => runCase(make, check), ...(reason !== undefined && { cannot: reason }) };
  });
}

async function runCase(make: () => TransportUnderTest | Promise<TransportUnderTest>, check: TransportCheck[1]): Promise<void> {
  const given = await make();
  try {
    await check(given);
  } finally {
    await given.close?.();
  }
}
