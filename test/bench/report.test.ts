import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIGURES } from './figures.ts';
import { renewed, replacePart } from './markdown.ts';
import { completed, createReport, readReport } from './report.ts';
import { toRow } from './statistics.ts';
import type { Table } from './table.ts';
import { TARGETS } from './targets.ts';

const tableOf = (key: string, ...names: string[]): Table => ({
  key,
  title: key,
  unit: 'ms',
  rows: names.map((name) => toRow(name, [1], [1])),
});

/** A run that has every table that a figure may ask for. */
const LEAN = 'celeriac, lean transport';
const whole = createReport([
  tableOf('first/by-hand', 'by hand', LEAN),
  tableOf('first/sdk', 'SDK', LEAN),
  ...['1000-together', '50-in-flight'].map((how) => tableOf(`send/${how}`, 'SDK SendMessage', 'celeriac, SDK transport', LEAN)),
  tableOf('send/lone', 'SDK SendMessage', LEAN),
  tableOf('cold/import', 'node:crypto', 'worker, DynamoDB backend'),
  tableOf('cold/bytes', '30 KB', 'worker, entry', 'worker, with its chunk'),
  ...['10x1KB', '10xdefault', '1x1KB', '10x10KB'].map((batch) => tableOf(`consume/${batch}`, 'bare loop', 'celeriac')),
  tableOf('heap/held', '3.5 KB', 'celeriac'),
  ...['heap/growth', 'heap/time-growth, celeriac'].map((key) => tableOf(key, '10 records', '10000 records')),
  tableOf('encode/default', 'template string', 'writeMessage'),
]);

describe('a report', () => {
  it('is read as it was written', () => {
    expect(readReport(JSON.stringify(whole))).toEqual(whole);
  });

  it('is not read from anything else', () => {
    expect(() => readReport('[]')).toThrow('This is no report of the bench');
  });

  it('takes from an older one what was not asked for, and keeps its order', () => {
    const old = createReport([tableOf('encode/default', 'older'), tableOf('send/lone', 'older')]);
    const { tables } = completed(createReport([tableOf('heap/held', 'newer'), tableOf('send/lone', 'newer')]), old);
    expect(tables.map(({ key, rows }) => [key, rows[0]!.name])).toEqual([
      ['encode/default', 'older'],
      ['send/lone', 'newer'],
      ['heap/held', 'newer'],
    ]);
  });
});

describe('the page', () => {
  const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');

  it('is renewed where it is marked, and stays as it is elsewhere', () => {
    const outside = (text: string): string => text.replace(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '');
    const after = renewed(page, whole);
    expect(outside(after)).toBe(outside(page));
    expect(after).toContain(`<!-- machine -->\n\n${whole.machine}.\n\n<!-- /machine -->`);
    expect(renewed(after, whole)).toBe(after);
  });

  it('tells every figure', () => {
    for (const { what, toReach } of FIGURES) expect(page).toContain(`| ${what} | ${toReach} |`);
  });

  it('is not renewed by a run that leaves figures out', () => {
    expect(() => renewed(page, { ...whole, tables: whole.tables.slice(1) })).toThrow("The run has no table 'first/by-hand'");
  });

  it('without a mark is told so', () => {
    expect(() => replacePart('# Page', 'figures', 'text')).toThrow("The page has no part 'figures'");
  });
});

it('no target asks for less than what is aimed at', () => {
  for (const { most, aim = most } of TARGETS) expect(most).toBeGreaterThanOrEqual(aim);
});
