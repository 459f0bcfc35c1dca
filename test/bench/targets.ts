/** The most that the ratio of a row to its table's first may be. They only go down, unless a decision note says why. */

export interface Target {
  /** Key of the table; what comes before the stroke is the question that measures it. */
  readonly table: string;
  readonly row: string;
  readonly most: number;
  /** What it should be, where it is not yet. */
  readonly aim?: number;
}

export const TARGETS: readonly Target[] = [
  // An invocation against the bare loop's.
  { table: 'consume/10x1KB', row: 'celeriac', most: 1.35 },
  { table: 'consume/1x1KB', row: 'celeriac', most: 1.45 },
  { table: 'consume/10x10KB', row: 'celeriac', most: 1.08 },
  // writeMessage, and all of delay(), against a template string.
  { table: 'encode/default', row: 'writeMessage', most: 1.25 },
  { table: 'encode/1KB', row: 'writeMessage', most: 1.5 },
  { table: 'encode/10KB', row: 'writeMessage', most: 1.3 },
  { table: 'encode/default', row: 'delay()', most: 2 },
  { table: 'encode/1KB', row: 'delay()', most: 1.8 },
  { table: 'encode/10KB', row: 'delay()', most: 1.4 },
  // Importing the worker, over an empty handler, against importing node:crypto (docs/decisions: what a cold start costs).
  { table: 'cold/import', row: 'celeriac worker', most: 1.5 },
  // The first invocation, ten messages, against the bare loop's.
  { table: 'cold/first', row: 'celeriac worker', most: 8.5 },
];

export const isTargeted = (table: string): boolean => TARGETS.some((target) => target.table === table);
