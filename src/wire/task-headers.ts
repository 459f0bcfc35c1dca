/**
 * The headers of a task message, checked. Most messages need nothing done and are let through as they are; what Celery's worker
 * puts up with is set right, and what it refuses or dies of is an InvalidTaskError.
 */

import { type InvalidTaskCode, InvalidTaskError } from '../errors.ts';
import { parseIso } from './dates.ts';
import type { TaskHeaders } from './message.ts';
import { fits, isCount, isFilled, isStampNames, isStamps, isTimeLimit } from './plain-headers.ts';
import { type Fields, shown } from './records.ts';
import { PyDateTime } from './values.ts';

/** Checks and sets right the headers of one task. Unknown headers are kept. Throws InvalidTaskError. */
export function readHeaders(headers: Fields): TaskHeaders {
  const fitting = fits(headers) ? headers : mended(headers);
  checkDate('bad-eta', fitting['eta']);
  checkDate('bad-expires', fitting['expires']);
  return fitting as TaskHeaders;
}

type Mend = (value: unknown, name: string) => unknown;

/** What is to become of a header that does not fit; undefined leaves it out. */
const MENDS: ReadonlyMap<string, Mend> = new Map<string, Mend>([
  ['task', (value) => (isFilled(value) ? value : refuse('no-task-name', 'task', value, 'a task name'))],
  ['id', mendId],
  ['retries', mendRetries],
  ['shadow', mendText],
  ['eta', (value) => mendDate('bad-eta', 'eta', value)],
  ['expires', (value) => mendDate('bad-expires', 'expires', value)],
  ['group', mendText],
  ['root_id', mendText],
  ['parent_id', mendText],
  ['timelimit', mendTimeLimit],
  ['stamped_headers', (value, name) => (isStampNames(value) ? value : refuse('bad-headers', name, value, 'an array of names or null'))],
  ['stamps', (value, name) => (isStamps(value) ? value : refuse('bad-headers', name, value, 'an object or null'))],
  ['compression', mendText],
  // Informative only, or null for «not given»: of the wrong type they count as left out.
  ['group_index', (value) => (typeof value === 'number' ? value : null)],
  ['lang', (value) => keepIf('string', value)],
  ['argsrepr', (value) => keepIf('string', value)],
  ['kwargsrepr', (value) => keepIf('string', value)],
  ['origin', (value) => keepIf('string', value)],
  ['ignore_result', (value) => keepIf('boolean', value)],
  ['replaced_task_nesting', (value) => keepIf('number', value)],
]);

function mended(headers: Fields): Fields {
  if (headers['task'] === undefined) refuse('no-task-name', 'task', undefined, 'a task name');
  if (headers['id'] === undefined) refuse('no-id', 'id', undefined, 'the task id');
  const pairs = Object.entries(headers).map(([name, value]) => [name, MENDS.has(name) ? MENDS.get(name)?.(value, name) : value] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

/** Celery runs a task whose id is a number, and stores its result under the number's text. */
function mendId(value: unknown): string {
  if (isFilled(value)) return value;
  if (Number.isSafeInteger(value)) return String(value);
  return refuse('no-id', 'id', value, 'the task id');
}

/** Celery runs a task whose retries are null, and fails it only should it retry. */
function mendRetries(value: unknown): number {
  if (value === null) return 0;
  return isCount(value) ? (value as number) : refuse('bad-retries', 'retries', value, 'a whole number from 0');
}

function mendText(value: unknown, name: string): string | null {
  if (value === null || typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  return refuse('bad-headers', name, value, 'a string or null');
}

/** A tagged datetime is as good as its text (celery.utils.time.maybe_iso8601). */
function mendDate(code: InvalidTaskCode, name: string, value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof PyDateTime) return value.toJSON();
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.toISOString();
  return refuse(code, name, value, 'an ISO 8601 time or null');
}

/** Celery takes any empty value for «no limits». */
function mendTimeLimit(value: unknown, name: string): unknown {
  if (isTimeLimit(value)) return value;
  if (value === false || value === 0 || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  return refuse('bad-headers', name, value, '[hard, soft] in seconds, or null');
}

function checkDate(code: 'bad-eta' | 'bad-expires', value: unknown): void {
  if (typeof value !== 'string') return;
  try {
    parseIso(value);
  } catch (cause) {
    const name = code === 'bad-eta' ? 'eta' : 'expires';
    throw new InvalidTaskError(code, `The header ${name} is ${shown(value)}; expected an ISO 8601 time.`, { cause });
  }
}

function keepIf(type: 'string' | 'number' | 'boolean', value: unknown): unknown {
  return typeof value === type ? value : undefined;
}

function refuse(code: InvalidTaskCode, name: string, found: unknown, expected: string): never {
  throw new InvalidTaskError(code, `The header ${name} is ${found === undefined ? 'missing' : shown(found)}; expected ${expected}.`);
}
