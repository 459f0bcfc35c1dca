/** ISO 8601 texts written so that every Python version reads them. Apart from dates.ts, as only who sends needs them. */

import { type DateFields, dateTimeFields, type TimeFields, timeFields } from './dates.ts';

/** What datetime.isoformat writes, and so what every Python version reads. */
const PYTHON_TIME = String.raw`\d\d:\d\d:\d\d(?:\.\d{6})?(?:[+-]\d\d:\d\d(?::\d\d(?:\.\d{6})?)?)?`;
const PYTHON_TIME_ONLY = new RegExp(`^${PYTHON_TIME}$`);
const PYTHON_ISO = new RegExp(String.raw`^\d{4}-\d\d-\d\dT${PYTHON_TIME}$`);

/** The same time as every Python version reads it: `Z` becomes an offset, a fraction gets 6 digits, a missing time is midnight. */
export function toPythonIso(text: string): string {
  return PYTHON_ISO.test(text) ? text : writeFields(dateTimeFields(text));
}

/** A time of day in the same manner. */
export function toPythonTime(text: string): string {
  return PYTHON_TIME_ONLY.test(text) ? text : writeTime(timeFields(text));
}

function writeFields(fields: DateFields & TimeFields): string {
  return `${pad(fields.year, 4)}-${pad(fields.month)}-${pad(fields.day)}T${writeTime(fields)}`;
}

function writeTime(fields: TimeFields): string {
  const time = `${pad(fields.hour)}:${pad(fields.minute)}:${pad(fields.second)}${writeMicros(fields.microsecond)}`;
  return `${time}${fields.offset === undefined ? '' : writeOffset(fields.offset)}`;
}

function writeOffset(offset: number): string {
  const micros = Math.abs(offset);
  const seconds = Math.floor(micros / 1_000_000);
  const rest = seconds % 60 === 0 && micros % 1_000_000 === 0 ? '' : `:${pad(seconds % 60)}${writeMicros(micros % 1_000_000)}`;
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}${rest}`;
}

function writeMicros(microsecond: number): string {
  return microsecond === 0 ? '' : `.${pad(microsecond, 6)}`;
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}
