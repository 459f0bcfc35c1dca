/** The ledger as text: rows, the table's lines, the sums. Pure; putting them on a screen is screen.ts. */

import { type Account, type Attempt, deadLetterOf, hasEnded, isAsPlanned, resultOf } from './account.ts';
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
export const isDone = (row: Row): boolean => row.every(hasEnded);

/** When its last task ended, milliseconds since the start. */
export const endedMs = (row: Row): number => Math.max(...row.map((account) => account.endedMs ?? 0));

type Cells = readonly [mark: string, time: string, task: string, id: string, from: string, end: string, way: string, about: string];

const WIDTHS = [1, 6, 23, 8, 12, 34, 46, 0];

export const HEADING = toLine(['', 'time', 'task', 'id', 'sent by', 'end', 'way', 'particular about it']);

/** A row as one line. */
export function rowLine(row: Row): string {
  const [{ planned, id }] = row;
  const ended = isDone(row);
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
      return resultOf(end) === undefined ? 'SUCCESS' : `SUCCESS ${JSON.stringify(resultOf(end))}`;
    case 'failed':
      return end.deadLetter === undefined ? `FAILURE ${end.why}` : `FAILURE ${end.why}, dead letter: ${end.deadLetter}`;
    case 'expired':
      return 'REVOKED expired';
    case 'dead':
      return `DEAD ${end.why}`;
  }
}

function wayText(row: Row): string {
  const sent = row.filter(({ id }) => id !== undefined).length;
  const most = Math.max(...row.map(({ attempts }) => attempts.length));
  const attempts = Array.from({ length: most }, (_, n) => row.flatMap((account) => account.attempts[n] ?? []));
  const steps = [sent === 0 ? 'not sent' : times('sent', sent), ...attempts.flatMap(attemptSteps)];
  return [...steps, ...(isDone(row) ? [lastStep(row[0])] : [])].join(' → ');
}

/** The steps of the same attempt of several tasks. */
function attemptSteps(attempts: readonly Attempt[]): readonly string[] {
  const sum = (count: (attempt: Attempt) => number): number => attempts.reduce((so, attempt) => so + count(attempt), 0);
  const steps = [
    ['received', sum(({ received }) => received)],
    ['given back', sum(({ returned }) => returned)],
    ['retried', sum(({ retried }) => Number(retried))],
  ] as const;
  return steps.filter(([, n]) => n > 0).map(([what, n]) => times(what, n));
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
  const copied = by('failed').filter(({ end }) => end !== undefined && deadLetterOf(end) !== undefined);
  return [
    `${accounts.length} sent = ${by('succeeded').length} succeeded + ${by('failed').length} failed + ${by('expired').length} expired + ${dead.length} dead-lettered + ${lost.length} unaccounted for`,
    ...count(copied.map(letterText)).map(([text, n]) => `  failed with a dead letter ${n} × ${text}`),
    ...count(dead.map(letterText)).map(([text, n]) => `  dead-lettered ${n} × ${text}`),
    ...toRows(lost).map((row) => `  unaccounted for: ${rowLine(row).trim()}`),
    ...accounts.filter((account) => account.end !== undefined && !isAsPlanned(account)).map((account) => `  ${notAsPlanned(account)}`),
    ...strays.map((messageId) => `  a message nobody planned: ${messageId}`),
    ...(left === 0 ? [] : [`  still in the queue: ${left}`]),
  ];
}

/** Code and reason of its dead letter. */
function letterText({ end, reason }: Account): string {
  const code = end?.kind === 'dead' ? end.why : end && deadLetterOf(end);
  return reason === undefined ? `${code}` : `${code}: ${reason}`;
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
