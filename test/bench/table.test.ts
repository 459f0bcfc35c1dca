import { describe, expect, it } from 'vitest';
import { toRow } from './statistics.ts';
import { changeText, figure, formatTable, markdownTable, ratioText, rowOf, type Table, verdictsOf } from './table.ts';
import type { Target } from './targets.ts';

const base = [100, 100, 100];
const tableOf = (own: number): Table => ({
  key: 'consume/10x1KB',
  title: '10 records',
  unit: 'µs',
  rows: [toRow('bare loop', base, base), toRow('celeriac', [own, own, own + 10], base)],
  noise: { ratio: 1.01, minRatio: 0.95, maxRatio: 1.08 },
});
const target: Target = { table: 'consume/10x1KB', row: 'celeriac', most: 1.3 };

describe('a verdict', () => {
  it('is that a target is met up to its very ratio', () => {
    expect(verdictsOf(tableOf(130), [target])).toEqual([{ target, ratio: 1.3, met: true }]);
    expect(verdictsOf(tableOf(131), [target])[0]!.met).toBe(false);
  });

  it('is of the tables and rows that a target names', () => {
    expect(verdictsOf(tableOf(130), [{ ...target, table: 'consume/1x1KB' }])).toEqual([]);
    expect(verdictsOf(tableOf(130), [{ ...target, row: 'middy' }])).toEqual([]);
  });
});

describe('a table as text', () => {
  it('has medians, ranges, ratios, the noise, and what becomes of its targets', () => {
    const text = formatTable(tableOf(140));
    expect(text).toContain('celeriac              140  140–150   1.40  1.40–1.50');
    expect(text).toContain('noise: bare loop against itself 0.95–1.08, median 1.01');
    expect(text).toMatch(/target: celeriac ≤ [\d.]+ × bare loop – (met|MISSED) \(1\.40\)/);
  });

  it('says how a ratio has changed since an older run', () => {
    expect(formatTable(tableOf(110), tableOf(140))).toContain('1.40 (-21 %)');
  });

  it('is silent about rows that the older run did not have', () => {
    const old = { ...tableOf(140), rows: [toRow('bare loop', base, base)] };
    expect(formatTable(tableOf(110), old)).not.toContain('%');
  });

  it('is a table of Markdown too', () => {
    expect(markdownTable(tableOf(140)).split('\n')).toEqual([
      '| consume/10x1KB | median µs | min–max | ratio | min–max |',
      '| --- | --: | --: | --: | --: |',
      '| bare loop | 100 |  | 1 |  |',
      '| celeriac | 140 | 140–150 | 1.40 | 1.40–1.50 |',
    ]);
  });
});

it('a row that is not there is named', () => {
  expect(() => rowOf(tableOf(140), 'ours')).toThrow("consume/10x1KB has no row 'ours'.");
});

it('figures have as many digits as tell something', () => {
  expect([2.346, 23.456, 234.567, 3, 0.04].map(figure)).toEqual(['2.35', '23.5', '235', '3', '0.04']);
});

it('ratios far below 1 are fractions', () => {
  expect([1, 1.34, 0.6, 0.05, 1 / 3.5].map(ratioText)).toEqual(['1.00', '1.34', '0.60', '1/20', '1/3.5']);
});

it('a change has its sign', () => {
  expect([changeText(1.1, 1), changeText(0.9, 1), changeText(1, 1)]).toEqual(['+10 %', '-10 %', '0 %']);
});
