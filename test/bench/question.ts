/** What the questions of the bench have in common. */

import type { Table } from './table.ts';

export interface Options {
  /** Rounds of each table; each question has its own default. */
  readonly rounds?: number | undefined;
  /** Measures no more than the tables that have targets, and in them no more than needed. */
  readonly targetsOnly?: boolean | undefined;
  /** What is dear and tells little is measured too. */
  readonly long?: boolean | undefined;
}

export type Question = (options: Options) => Promise<readonly Table[]>;
