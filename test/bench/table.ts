/** A question's answer as data and as text. */

import type { Noise, Row } from './statistics.ts';
import { TARGETS, type Target } from './targets.ts';

export interface Table {
  /** Stable name, by which runs are compared. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly noise?: Noise | undefined;
}

/** The ratio of a row to the first. Throws when there is no such row. */
export function ratioOf(table: Table, name: string): number {
  return rowOf(table, name).ratio;
}

export function rowOf(table: Table, name: string): Row {
  const row = table.rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`${table.key} has no row '${name}'.`);
  return row;
}

/** What is said of a target; undefined of a row that this run did not measure. */
export interface Verdict {
  readonly target: Target;
  readonly ratio: number;
  readonly met: boolean;
}

export function verdictsOf(table: Table, targets: readonly Target[] = TARGETS): readonly Verdict[] {
  return targets
    .filter(({ table: key }) => key === table.key)
    .flatMap((target) => {
      const row = table.rows.find(({ name }) => name === target.row);
      return row === undefined ? [] : [{ target, ratio: row.ratio, met: row.ratio <= target.most }];
    });
}

/** A table as text; with `old`, the same table of an earlier run, each row says how its ratio has changed. */
export function formatTable(table: Table, old?: Table): string {
  const lines = cellsOf(table, old);
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const toText = (line: readonly string[]): string =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [table.title, ...lines.map(toText), noiseText(table), ...verdictsOf(table).map((verdict) => verdictText(verdict, table))]
    .filter((line) => line !== '')
    .join('\n');
}

/** The same as a table of Markdown, without its title. */
export function markdownTable(table: Table): string {
  const [header, ...lines] = cellsOf(table).map((line) => line.slice(0, -1));
  const toText = (line: readonly string[]): string => `| ${line.join(' | ')} |`;
  return [toText(header!), toText(header!.map((_, column) => (column === 0 ? '---' : '--:'))), ...lines.map(toText)].join('\n');
}

/** Its header and its rows; the last column compares with `old`. */
function cellsOf(table: Table, old?: Table): string[][] {
  const header = [table.key, `median ${table.unit}`, 'min–max', 'ratio', 'min–max', old === undefined ? '' : 'before'];
  return [header, ...table.rows.map((row) => cells(row, table, old))];
}

function cells(row: Row, { rows }: Table, old: Table | undefined): string[] {
  const isBase = row === rows[0];
  const before = old?.rows.find(({ name }) => name === row.name);
  return [
    row.name,
    figure(row.value),
    range(figure(row.min), figure(row.max)),
    isBase ? '1' : ratioText(row.ratio),
    isBase ? '' : range(ratioText(row.minRatio), ratioText(row.maxRatio)),
    isBase || before === undefined ? '' : `${ratioText(before.ratio)} (${changeText(row.ratio, before.ratio)})`,
  ];
}

/** Three digits that count, more where there are more before the point. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

/** A ratio, and one that is far below 1 as a fraction. */
export function ratioText(ratio: number): string {
  return ratio > 0 && ratio < 0.5 ? `1/${(1 / ratio).toFixed(1).replace(/\.0$/, '')}` : ratio.toFixed(2);
}

/** How much more or less than before, in percent. */
export function changeText(now: number, before: number): string {
  const percent = ((now - before) / before) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(0)} %`;
}

const range = (from: string, to: string): string => (from === to ? '' : `${from}–${to}`);

function noiseText({ noise, rows }: Table): string {
  if (noise === undefined) return '';
  return `noise: ${rows[0]!.name} against itself ${range(ratioText(noise.minRatio), ratioText(noise.maxRatio))}, median ${ratioText(noise.ratio)}`;
}

function verdictText({ target, ratio, met }: Verdict, { rows }: Table): string {
  const aim = target.aim === undefined ? '' : `; the aim is ${ratioText(target.aim)}`;
  return `target: ${target.row} ≤ ${ratioText(target.most)} × ${rows[0]!.name} – ${met ? 'met' : 'MISSED'} (${ratioText(ratio)})${aim}`;
}
