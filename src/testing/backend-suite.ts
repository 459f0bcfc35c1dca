/**
 * What every result backend must do, as named cases that throw when it does not. It depends on no test runner: give each case to yours.
 * What an implementation cannot do is declared by the name of a part or of a case, with the reason.
 */

import assert from 'node:assert/strict';
import { CHORDS } from './backend-suite-chords.ts';
import { ENDS } from './backend-suite-ends.ts';
import { GROUPS } from './backend-suite-groups.ts';
import { MANY } from './backend-suite-many.ts';
import { type BackendCheck, type BackendPart, type BackendUnderTest, hasPart } from './backend-suite-parts.ts';
import { RESULTS } from './backend-suite-results.ts';

export type { BackendPart, BackendUnderTest } from './backend-suite-parts.ts';

const CASES: readonly BackendCheck[] = [...RESULTS, ...MANY, ...GROUPS, ...CHORDS, ...ENDS];
const NAMES: ReadonlySet<string> = new Set(CASES.map(([name]) => name));
const PARTS: ReadonlySet<string> = new Set<BackendPart>([
  'storeMany',
  'fetchMany',
  'watch',
  'groups',
  'chords',
  'release',
  'grow',
  'expiry',
]);

export interface BackendCase {
  /** A sentence in the present. */
  readonly name: string;
  /** Rejects when the backend does otherwise. */
  run(): Promise<void>;
  /** Why this implementation cannot. Its `run` is then expected to fail. */
  readonly cannot?: string;
}

/**
 * The cases, for one implementation. `cannot` maps names of cases, and of parts that the backend leaves out, to reasons; a name that
 * is neither throws. The cases of a part that is left out fail, as those that are excused by name must.
 *
 * @example for (const { name, run, cannot } of backendSuite(make)) (cannot === undefined ? it : it.fails)(name, run);
 */
export function backendSuite(
  make: () => BackendUnderTest | Promise<BackendUnderTest>,
  cannot: Readonly<Record<string, string>> = {},
): readonly BackendCase[] {
  const reasons = new Map(Object.entries(cannot));
  for (const name of reasons.keys()) assert.ok(NAMES.has(name) || PARTS.has(name), `There is no case and no part '${name}'.`);
  return CASES.map(([name, check, ...parts]) => {
    const reason = [name, ...parts.flatMap(withOwner)].map((excused) => reasons.get(excused)).find((found) => found !== undefined);
    return { name, run: () => runCase(make, check, parts), ...(reason !== undefined && { cannot: reason }) };
  });
}

const withOwner = (part: BackendPart): readonly BackendPart[] => (part === 'release' || part === 'grow' ? [part, 'chords'] : [part]);

async function runCase(
  make: () => BackendUnderTest | Promise<BackendUnderTest>,
  check: BackendCheck[1],
  parts: readonly BackendPart[],
): Promise<void> {
  const given = await make();
  try {
    for (const part of parts) assert.ok(hasPart(given, part), `It has no ${part}.`);
    await check(given);
  } finally {
    await given.close?.();
  }
}
