/** The ledger as text: rows, the table's lines, the sums. Pure; putting them on a screen is screen.ts. */

import { type Account, isAsPlanned } from './ledger.ts';
import type { End } from './plan.ts';

/** One line of the table: a task, or several of one group. */
export type Row = readonly [Account, ...Account[]];

/** Tasks as rows, in the plan's order. */
export function toRows(accounts: readonly Account[]): readonly Row[] {
  const rows = new Map<unknown, [Account, ...Account[]]>();
  for (const account of accounts) {
    const key = account.planned.group ?? account.planned;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [account]);
    else row.push(account);
  }
  return [...rows.values()];
}

/** Whether all tasks of the row have ended. */
export const hasEnded = (row: Row): boolean => row.every(({ end }) => end !== undefined);

/** When its last task ended, milliseconds since the start. */
export const endedMs = (row: Row): number => Math.max(...row.map((account) => account.endedMs ?? 0));

type Cells = readonly [mark: string, time: string, task: string, id: string, from: string, end: string, way: string, about: string];

const WIDTHS = [1, 6, 23, 8, 12, 24, 43, 0];

export const HEADING = toLine(['', 'time', 'task', 'id', 'sent by', 'end', 'way', 'particular about it']);

/** A row as one line. */
export function rowLine(row: Row): string {
  const [{ planned, id }] = row;
  const ended = hasEnded(row);
  const time = ended ? `${(endedMs(row) / 1000).toFixed(1)} s` : '';
  const ids = row.length > 1 ? `${row.length} ids` : (id ?? '').slice(0, 8);
  const mark = !ended ? ' ' : row.every(isAsPlanned) ? '✓' : '✗';
  return toLine([mark, time, planned.task, ids, planned.from, endText(row), wayText(row), planned.about]);
}

function toLine(cells: Cells): string {
  return cells
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join('  ')
    .trimEnd();
}

function endText(row: Row): string {
  return count(row.map(({ end }) => (end === undefined ? '…' : describeEnd(end))))
    .map(([text, times]) => (row.length === 1 ? text : `${times} × ${text}`))
    .join(', ');
}

function describeEnd(end: End): string {
  switch (end.kind) {
    case 'succeeded':
      return 'SUCCESS';
    case 'failed':
      return `FAILURE ${end.why}`;
    case 'expired':
      return 'REVOKED expired';
    case 'dead':
      return `DEAD ${end.why}`;
  }
}

function wayText(row: Row): string {
  const sent = row.filter(({ id }) => id !== undefined).length;
  const received = row.reduce((sum, account) => sum + account.received, 0);
  const returned = row.reduce((sum, account) => sum + account.returned, 0);
  const [first] = row;
  const steps = [
    sent === 0 ? 'not sent' : times('sent', sent),
    received > 0 && times('received', received),
    returned > 0 && times('given back', returned),
    hasEnded(row) && lastStep(first),
  ];
  return steps.filter((step) => step !== false).join(' → ');
}

function lastStep({ end, reason }: Account): string {
  if (end?.kind !== 'dead') return 'deleted';
  return reason === undefined ? 'buried' : 'quarantined';
}

const times = (what: string, n: number): string => (n === 1 ? what : `${what} ${n}×`);

export interface Outcome {
  readonly accounts: readonly Account[];
  /** Ids of messages that belong to no task. */
  readonly strays: readonly string[];
  /** Messages that are still in the queue. */
  readonly left: number;
}

/** Whether every task ended as planned and nothing else is about. */
export const isFine = ({ accounts, strays, left }: Outcome): boolean => left === 0 && strays.length === 0 && accounts.every(isAsPlanned);

/** What all came to, the dead letters by their reason, and what is not as planned. */
export function sumLines({ accounts, strays, left }: Outcome): readonly string[] {
  const by = (kind: End['kind']): readonly Account[] => accounts.filter(({ end }) => end?.kind === kind);
  const lost = accounts.filter(({ end }) => end === undefined);
  const dead = by('dead');
  const reasons = count(
    dead.map(({ end, reason }) => `${end?.kind === 'dead' ? end.why : ''}${reason === undefined ? '' : `: ${reason}`}`),
  );
  return [
    `${accounts.length} sent = ${by('succeeded').length} succeeded + ${by('failed').length} failed + ${by('expired').length} expired + ${dead.length} dead-lettered + ${lost.length} unaccounted for`,
    ...reasons.map(([reason, n]) => `  dead-lettered ${n} × ${reason}`),
    ...toRows(lost).map((row) => `  unaccounted for: ${rowLine(row).trim()}`),
    ...accounts.filter((account) => account.end !== undefined && !isAsPlanned(account)).map((account) => `  ${notAsPlanned(account)}`),
    ...strays.map((messageId) => `  a message nobody planned: ${messageId}`),
    ...(left === 0 ? [] : [`  still in the queue: ${left}`]),
  ];
}

function notAsPlanned(account: Account): string {
  return `not as planned, which was ${describeEnd(account.planned.expected)}: ${rowLine([account]).trim()}`;
}

/** Each text once, with how often it comes, in order of first coming. */
function count(texts: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts];
}
