/** What is sent: task by number, its kind drawn from a seed, so that two runs send the same. */

import { base64, envelopeText } from '../support/messages.ts';

export type Kind = 'good' | 'failing' | 'undecodable' | 'unknown' | 'killer';

export interface Plan {
  readonly tasks: number;
  /** Default true: one in a hundred is poison. */
  readonly poison: boolean;
  readonly seed: number;
}

/** Of so many tasks. A killer is tried three times and takes its batch along each time, so that one goes a long way. */
const OF_TASKS = 10_000;
const SHARES: readonly (readonly [kind: Kind, count: number])[] = [
  ['failing', 500],
  ['undecodable', 60],
  ['unknown', 36],
  ['killer', 4],
];

/** Milliseconds that a good task waits, as for a database. */
const WAIT_MS = 20;

/** The kind of task `n`. Without poison a good one is in its place. */
export function kindOf(n: number, { poison, seed }: Plan): Kind {
  let left = mixed(n + seed * 1_000_003) % OF_TASKS;
  for (const [kind, count] of SHARES) {
    if (left < count) return poison || kind === 'failing' ? kind : 'good';
    left -= count;
  }
  return 'good';
}

/** Every bit of a number stirred into every other (murmur3's finisher). */
function mixed(n: number): number {
  let hash = n | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The message of task `n`. Whatever it is, its number can be found in it. */
export function bodyOf(n: number, kind: Kind): string {
  if (kind === 'undecodable') return `no message: task-${n};`;
  const task = kind === 'unknown' ? 'nowhere.known' : kind;
  const args = kind === 'good' ? [n, WAIT_MS] : [n];
  return base64(envelopeText({ headers: { task, id: `task-${n};` }, body: [args, {}, null] }));
}

/** The number of the task whose message this is. */
export function numberIn(body: string): number {
  const text = body.startsWith('no message') ? body : Buffer.from(body, 'base64').toString();
  return Number(/task-(\d+);/.exec(text)?.[1] ?? Number.NaN);
}
