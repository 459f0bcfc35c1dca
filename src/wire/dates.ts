/**
 * ISO 8601 texts as Python reads them. Strict where `new Date(text)` guesses: no 30 February, no `"1"`. Writing them is python-dates.ts;
 * what they mean to a task (eta, expires, tagged datetimes) is for the callers.
 */

import { DecodeError, EncodeError } from '../errors.ts';

/** A time of day; `offset` is microseconds east of UTC, undefined for a naive time. */
export interface TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly offset: number | undefined;
}

export interface DateFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const MAX_LENGTH = 64;
const DATE = String.raw`(\d{4})(-?)(\d\d)\2(\d\d)`;
const TIME = String.raw`(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?`;
const OFFSET = String.raw`(?:(Z)|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)?)?`;
const DATE_ONLY = new RegExp(`^${DATE}$`);
const TIME_ONLY = new RegExp(`^${TIME}${OFFSET}$`);
const DATE_AND_TIME = new RegExp(`^${DATE}(?:[T ]${TIME}${OFFSET})?$`);

/**
 * Reads an ISO date, or date and time, extended or basic, with `Z`, an offset, or none (naive, read as UTC).
 * `epochMs` is whole milliseconds, microseconds cut off; `ceilMs` is rounded up instead, for what must not be early.
 * Throws DecodeError `bad-value`.
 */
export function parseIso(text: string): { epochMs: number; ceilMs: number; naive: boolean } {
  const fields = dateTimeFields(text);
  const micros = fields.microsecond - (fields.offset ?? 0);
  const seconds = (fields.hour * 60 + fields.minute) * 60 + fields.second;
  const secondMs = midnight(fields) + seconds * 1000;
  return {
    epochMs: secondMs + Math.floor(micros / 1000),
    ceilMs: secondMs + Math.ceil(micros / 1000),
    naive: fields.offset === undefined,
  };
}

/**
 * Milliseconds since 1970 as datetime.isoformat writes an aware UTC time: `2030-01-02T03:04:05.123000+00:00`, without a fraction
 * when it is zero. Throws EncodeError outside of Python's years 1 to 9999.
 */
export function formatIso(epochMs: number): string {
  const text = Number.isNaN(new Date(epochMs).getTime()) ? '' : new Date(epochMs).toISOString();
  if (text.length !== 24 || text.startsWith('0000')) {
    throw new EncodeError(`${epochMs} ms is no date between the years 1 and 9999, which are all that Python has.`);
  }
  const milliseconds = text.slice(20, 23);
  return `${text.slice(0, 19)}${milliseconds === '000' ? '' : `.${milliseconds}000`}+00:00`;
}

/** The parts of a date and time; throws DecodeError `bad-value`. */
export function dateTimeFields(text: string): DateFields & TimeFields {
  const match = text.length <= MAX_LENGTH ? DATE_AND_TIME.exec(text) : null;
  if (match === null) throw notADate(text, 'an ISO 8601 date and time');
  return { ...checkedDate(match, text), ...checkedTime(match.slice(4), text) };
}

/** The parts of a plain date, `2030-01-02`; throws DecodeError `bad-value`. */
export function dateFields(text: string): DateFields {
  const match = text.length <= MAX_LENGTH ? DATE_ONLY.exec(text) : null;
  if (match === null) throw notADate(text, 'an ISO 8601 date');
  return checkedDate(match, text);
}

/** The parts of a time of day, `03:04:05.000678`; throws DecodeError `bad-value`. */
export function timeFields(text: string): TimeFields {
  const match = text.length <= MAX_LENGTH ? TIME_ONLY.exec(text) : null;
  if (match === null) throw notADate(text, 'an ISO 8601 time');
  return checkedTime(match, text);
}

function checkedDate(match: RegExpExecArray, text: string): DateFields {
  const date = { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]) };
  const at = new Date(midnight(date));
  if (date.year < 1 || at.getUTCMonth() !== date.month - 1 || at.getUTCDate() !== date.day) throw notADate(text, 'a date of the calendar');
  return date;
}

/** Reads the ten groups of TIME and OFFSET; `groups[0]` is not looked at. */
function checkedTime(groups: readonly (string | undefined)[], text: string): TimeFields {
  const [, hour, minute, second, fraction, zulu, sign, ...offset] = groups;
  const time = {
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    microsecond: toMicroseconds(fraction),
    offset: zulu === undefined ? readOffset(sign, offset, text) : 0,
  };
  if (time.hour > 23 || time.minute > 59 || time.second > 59) throw notADate(text, 'a time of day');
  return time;
}

function readOffset(sign: string | undefined, parts: readonly (string | undefined)[], text: string): number | undefined {
  if (sign === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(0, 3).map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) throw notADate(text, 'a time with an offset under 24 hours');
  const offset = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + toMicroseconds(parts[3]);
  // A zero offset is +0 whatever its sign, so that it never prints as -0.
  return sign === '-' && offset > 0 ? -offset : offset;
}

/** Digits beyond the sixth are cut off, as Python does. */
function toMicroseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Date.UTC would read the years 0 to 99 as 19xx. */
function midnight(date: DateFields): number {
  return new Date(0).setUTCFullYear(date.year, date.month - 1, date.day);
}

function notADate(text: string, expected: string): DecodeError {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return new DecodeError('bad-value', `${JSON.stringify(shown)} is not ${expected}.`);
}
