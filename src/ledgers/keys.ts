/** The names under which a ledger keeps its records. They may share a table with Celery's results, whose keys begin otherwise. */

import { createHash } from 'node:crypto';

/** Longer ids are kept by their digest: DynamoDB takes keys of 2048 bytes. */
const LONGEST_NAME_BYTES = 1024;

export const attemptKey = (taskId: string): string => key('celeriac-attempt-', taskId);
export const claimKey = (taskId: string): string => key('celeriac-claim-', taskId);
export const revokedKey = (taskId: string): string => key('celeriac-revoked-', taskId);
export const uniqueKey = (name: string): string => key('celeriac-unique-', name);

/** One key per distinct value of each stamp; a list stands for its values. A stamp of null says nothing, as in Celery. */
export function stampKeys(stamps: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = new Set<string>();
  for (const [name, given] of Object.entries(stamps)) {
    if (given === null || given === undefined) continue;
    for (const value of Array.isArray(given) ? given : [given]) keys.add(key('celeriac-stamp-', canonical([name, value])));
  }
  return [...keys];
}

function key(prefix: string, name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME_BYTES) return prefix + name;
  return `${prefix}sha256-${createHash('sha256').update(name).digest('hex')}`;
}

/** Equal values give equal text: the order of an object's members says nothing, and 2 is 2 whether number or bigint. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null || typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return JSON.stringify(value) ?? 'null';
  }
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.sort().join(',')}}`;
}
