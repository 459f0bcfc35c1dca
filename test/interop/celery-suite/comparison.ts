/** Celery's worker and ours side by side: one line for each test that ends otherwise, and the sums. */

import { reasonOf } from './differences.ts';
import type { Ending, Outcome, Outcomes } from './outcomes.ts';

export interface Comparison {
  readonly lines: readonly string[];
  readonly sums: string;
  /** Tests that should pass with ours and do not. */
  readonly failures: number;
}

interface Row {
  readonly test: string;
  readonly theirs: Ending | 'new';
  readonly ours: Ending | 'missing';
  readonly why: string;
  readonly isFailure: boolean;
}

const passes = (ending: string): boolean => ending === 'passed' || ending === 'xpassed';

export interface ComparisonOptions {
  /** Every test of the baseline was to be run. */
  readonly all: boolean;
  readonly backend: string;
}

export function compare(theirs: Outcomes, ours: Outcomes, { all, backend }: ComparisonOptions): Comparison {
  const tests = [...new Set([...ours.keys(), ...(all ? theirs.keys() : [])])].sort();
  const rows = tests.map((test) => toRow(test, theirs.get(test), ours.get(test), reasonOf(test, backend)));
  const shown = rows.filter((row) => row.isFailure || row.why !== '');
  const failures = rows.filter((row) => row.isFailure).length;
  return { lines: toLines(shown), sums: toSums(rows, failures), failures };
}

function toRow(test: string, theirs: Outcome | undefined, ours: Outcome | undefined, known: string | undefined): Row {
  const row = { test, theirs: theirs?.outcome ?? 'new', ours: ours?.outcome ?? 'missing' } as const;
  const isOurs = passes(row.ours);
  if (isOurs && known !== undefined) return { ...row, why: `passes, and is listed as one that cannot: ${known}`, isFailure: false };
  if (isOurs === passes(row.theirs)) return { ...row, why: '', isFailure: false };
  if (isOurs) return { ...row, why: theirs?.reason ?? '', isFailure: false };
  return { ...row, why: known ?? ours?.reason ?? 'did not run', isFailure: known === undefined };
}

function toLines(rows: readonly Row[]): readonly string[] {
  const wide = Math.max(0, ...rows.map(({ test }) => test.length));
  return rows.map(({ test, theirs, ours, why, isFailure }) =>
    [isFailure ? 'FAILED' : '      ', test.padEnd(wide), theirs.padEnd(7), ours.padEnd(7), why].join('  '),
  );
}

function toSums(rows: readonly Row[], failures: number): string {
  const count = (holds: (row: Row) => boolean): number => rows.filter(holds).length;
  const both = count((row) => passes(row.theirs) && passes(row.ours));
  const neither = count((row) => !passes(row.theirs) && !passes(row.ours));
  const onlyOurs = count((row) => !passes(row.theirs) && passes(row.ours));
  const explained = count((row) => passes(row.theirs) && !passes(row.ours) && !row.isFailure);
  return `${rows.length} tests: ${both} pass with both, ${onlyOurs} with ours alone, ${neither} with neither, ${explained} cannot pass with ours, ${failures} should and do not`;
}
