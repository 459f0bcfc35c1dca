/** The most that the ratio of a row to its table's first may be. They only go down, unless a decision note says why. */

export interface Target {
  /** Key of the table; what comes before the stroke is the question that measures it. */
  readonly table: string;
  readonly row: string;
  readonly most: number;
  /** What it should be, where it is not yet. */
  readonly aim?: number;
}

const LEAN = 'celeriac, lean transport';

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
  // A message against SendMessage of the SDK, called as often at the same time.
  { table: 'send/lone', row: LEAN, most: 1 / 2.2, aim: 1 / 3 },
  { table: 'send/1000-together', row: LEAN, most: 1 / 11, aim: 1 / 20 },
  { table: 'send/1000-together', row: 'celeriac, SDK transport', most: 1 / 4, aim: 1 / 6 },
  // The first send of a cold process, against a request signed by hand: by hand is 13.5 ms, and 20 ms more are allowed.
  { table: 'first/by-hand', row: LEAN, most: 2.5 },
  { table: 'first/sdk', row: LEAN, most: 1 / 2.5, aim: 1 / 3.5 },
  // Importing the worker, over an empty handler, against importing node:crypto, which takes 3 to 4 ms; 3 ms is the aim.
  { table: 'cold/import', row: 'celeriac worker', most: 1.5, aim: 0.85 },
  { table: 'cold/import', row: 'worker, DynamoDB backend', most: 1.5, aim: 0.85 },
  // The first invocation, ten messages, against the bare loop's.
  { table: 'cold/first', row: 'celeriac worker', most: 8.5 },
  // Kilobytes of the heap that a record holds, against 3.5.
  { table: 'heap/held', row: 'celeriac', most: 2.35, aim: 1 },
  // A record of a batch of 10 000, against one of a batch of 10.
  { table: 'heap/growth', row: '10000 records', most: 1.1 },
  { table: 'heap/time-growth, celeriac', row: '10000 records', most: 1.1 },
];

export const isTargeted = (table: string): boolean => TARGETS.some((target) => target.table === table);
