/** A question's answer as data and as text. */

import type { Timing } from './measure.ts';

export interface Table {
  /** Stable name, by which runs are compared. */
  readonly key: string;
  readonly title: string;
  readonly unit: 'µs' | 'ms';
  /** What `ratio` of the row `measured` may be at most; undefined for information only. */
  readonly target?: number | undefined;
  readonly measured: string;
  readonly rows: readonly Timing[];
}

/** The ratio a table is about. */
export function measuredRatio(table: Table): number {
  const row = table.rows.find(({ name }) => name === table.measured);
  if (row === undefined) throw new Error(`${table.key} has no row '${table.measured}'.`);
  return row.ratio;
}

/** A table as text; with `old`, the same table of an earlier run, each row says how its ratio has changed. */
export function formatTable(table: Table, old?: Table): string {
  const header = [table.key, 'median', 'min–max', 'ratio', 'min–max', old === undefined ? '' : 'before'];
  const lines = table.rows.map((row) => cells(row, table, old));
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => line[column]!.length)));
  const toText = (line: readonly string[]): string =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [table.title, toText(header), ...lines.map(toText), verdict(table)].filter((line) => line !== '').join('\n');
}

function cells(row: Timing, { unit, rows }: Table, old: Table | undefined): string[] {
  const scale = unit === 'ms' ? 1000 : 1;
  const time = (us: number): string => (us / scale).toFixed(2);
  const isBase = row === rows[0];
  const before = old?.rows.find(({ name }) => name === row.name);
  return [
    row.name,
    `${time(row.us)} ${unit}`,
    `${time(row.minUs)}–${time(row.maxUs)}`,
    isBase ? '1' : row.ratio.toFixed(2),
    isBase ? '' : `${row.minRatio.toFixed(2)}–${row.maxRatio.toFixed(2)}`,
    isBase || before === undefined ? '' : `${before.ratio.toFixed(2)} (${signed(((row.ratio - before.ratio) / before.ratio) * 100)} %)`,
  ];
}

const signed = (percent: number): string => (percent > 0 ? '+' : '') + percent.toFixed(0);

function verdict(table: Table): string {
  if (table.target === undefined) return '';
  const ratio = measuredRatio(table);
  return `target: ${table.measured} ≤ ${table.target} × ${table.rows[0]!.name} – ${ratio <= table.target ? 'met' : 'MISSED'} (${ratio.toFixed(2)})`;
}
