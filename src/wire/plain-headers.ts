/** The headers of a task message that needs nothing done: whether they are as TaskHeaders says. Setting others right is task-headers.ts. */

import { parseIso } from './dates.ts';
import type { TaskHeaders } from './message.ts';
import { type Fields, isAbsentOr, isRecord } from './records.ts';

/** True when every header already has the type TaskHeaders says, which for messages of Celery is always. */
export function fits(headers: Fields): headers is TaskHeaders {
  return (
    isFilled(headers['task']) &&
    isFilled(headers['id']) &&
    isCount(headers['retries']) &&
    isAbsentOr('string', headers['lang']) &&
    isTextOrNull(headers['shadow']) &&
    isTextOrNull(headers['eta']) &&
    isTextOrNull(headers['expires']) &&
    isTextOrNull(headers['group']) &&
    isTextOrNull(headers['root_id']) &&
    isTextOrNull(headers['parent_id']) &&
    (headers['group_index'] === null || isAbsentOr('number', headers['group_index'])) &&
    isAbsentOr('string', headers['argsrepr']) &&
    isAbsentOr('string', headers['kwargsrepr']) &&
    isAbsentOr('string', headers['origin']) &&
    isAbsentOr('boolean', headers['ignore_result']) &&
    isAbsentOr('number', headers['replaced_task_nesting']) &&
    isTextOrNull(headers['compression']) &&
    isTimeLimit(headers['timelimit']) &&
    isStampNames(headers['stamped_headers']) &&
    isStamps(headers['stamps'])
  );
}

/** Whether the times of fitting headers can be read. */
export function hasGoodDates({ eta, expires }: TaskHeaders): boolean {
  return isDateOrNone(eta) && isDateOrNone(expires);
}

function isDateOrNone(text: string | null | undefined): boolean {
  if (typeof text !== 'string') return true;
  try {
    parseIso(text);
    return true;
  } catch {
    return false;
  }
}

export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'string';
}

export function isTimeLimit(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Array.isArray(value) && value.length === 2 && isSeconds(value[0]) && isSeconds(value[1]);
}

function isSeconds(value: unknown): boolean {
  return value === null || (Number.isFinite(value) && (value as number) >= 0);
}

export function isStampNames(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
}

/** Values of stamps: each is asked of the ledger. */
const MOST_STAMPS = 1_000;

export function isStamps(value: unknown): boolean {
  return value === null || value === undefined || (isRecord(value) && stampsIn(value) <= MOST_STAMPS);
}

const stampsIn = (stamps: Fields): number =>
  Object.values(stamps).reduce<number>((sum, given) => sum + (Array.isArray(given) ? given.length : 1), 0);
