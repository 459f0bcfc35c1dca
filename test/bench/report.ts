/** A run as data: what was measured, and on what. Written as JSON, and read again to compare with. */

import { cpus } from 'node:os';
import type { Table } from './table.ts';

export interface Report {
  /** Processor, how many of it, and Node's version. */
  readonly machine: string;
  readonly tables: readonly Table[];
}

export function createReport(tables: readonly Table[]): Report {
  const all = cpus();
  return { machine: `${all.length} × ${all[0]?.model ?? 'an unknown processor'}, Node ${process.version}`, tables };
}

/** @param text what `--json` has written. Throws for anything else. */
export function readReport(text: string): Report {
  const { machine, tables } = JSON.parse(text) as Partial<Report>;
  if (typeof machine !== 'string' || !Array.isArray(tables))
    throw new Error('This is no report of the bench; npm run bench -- --json writes one.');
  return { machine, tables };
}

/** The tables of an older run, each as this run has it where it has asked; what only this one has comes last. */
export function completed(report: Report, old: Report | undefined): Report {
  const tables = new Map((old?.tables ?? []).map((table) => [table.key, table]));
  for (const table of report.tables) tables.set(table.key, table);
  return { ...report, tables: [...tables.values()] };
}
