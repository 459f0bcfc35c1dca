import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/wire/json.ts';
import { argsRepr, kwargsRepr, saferepr } from '../../../src/wire/repr.ts';
import { readText } from '../../support/recorded.ts';

interface Row {
  readonly value: unknown;
  readonly top_level: 'tuple' | 'list' | 'dict';
  readonly repr_1024: string;
}

const TUPLES = 'tuples within, which JSON makes lists of before we see them';

/** Rows that cannot match, with the reason. */
const UNMATCHED = new Map([
  ['(1.0, 1.5, -0.0, 1e+22, 1e-07, inf)', 'a number has no 1.0; the other five print alike'],
  ['((1,), (1, 2), ())', TUPLES],
  ["({'k': (1,)},)", TUPLES],
  ["{'a': 1, 'b': [1, 2, {'c': (...,)}], 'd\\'': 'e\\'f'}", TUPLES],
  ["({1: 'x', None: 2},)", 'keys that are no strings'],
]);

/** The rows with their integers exact, and with what the table writes as `$py` for want of JSON. */
function rowsOf(table: string): readonly Row[] {
  const text = readText(`celery-extra/${table}.json`).replaceAll(/\{\s*"\$py": "float",\s*"repr": "inf"\s*\}/g, 'Infinity');
  return (readJson(text) as { rows: readonly Row[] }).rows;
}

function print({ value, top_level }: Row): string {
  if (top_level === 'tuple') return argsRepr(value as unknown[]);
  return top_level === 'dict' ? kwargsRepr(value as Record<string, unknown>) : saferepr(value);
}

describe.each(['saferepr', 'saferepr@5.2.6'])('%s', (table) => {
  const rows = rowsOf(table);
  const matched = rows.filter((row) => !UNMATCHED.has(row.repr_1024));

  it.each(matched.map((row, index) => ({ ...row, index })))('row $index prints as Celery prints it', (row) => {
    expect(print(row)).toBe(row.repr_1024);
  });

  it.each(rows.filter((row) => UNMATCHED.has(row.repr_1024)))('$repr_1024 still cannot match', (row) => {
    expect(print(row)).not.toBe(row.repr_1024);
  });

  it('prints the floats of the row with 1.0 alike', () => {
    expect(argsRepr([1.5, -0, 1e22, 1e-7, Infinity])).toBe('(1.5, -0.0, 1e+22, 1e-07, inf)');
  });

  it('counts its rows', () => {
    console.log(
      `${table}: ${matched.length} of ${rows.length} rows match; not: ${[...UNMATCHED].map((pair) => pair.join(': ')).join(' | ')}`,
    );
    expect([rows.length, matched.length]).toEqual([37, 32]);
  });
});
