/** Values without parts as Python's repr prints them; containers and cutting are in repr.ts. */

import { dateFields, dateTimeFields, type TimeFields, timeFields } from './dates.ts';
import { type PyValue, valueKind } from './values.ts';

/** Celery escapes the quote and nothing else, not even a backslash (saferepr._format_chars). */
export function quoted(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", "\\'")}'` : `'${text}'`;
}

/** A number as Python prints what JSON carries of it: an int when it is written as one, else a float. */
export function numberRepr(value: number): string {
  if (Number.isInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const magnitude = Math.abs(value);
  return magnitude < 1e-4 ? exponential(value) : String(value);
}

/** Python turns to exponents below 1e-4, JavaScript below 1e-6; Python gives them two digits. */
function exponential(value: number): string {
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** What Python would print for a value that is neither text nor a container. */
export function leafRepr(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return numberRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
    case 'symbol':
    case 'undefined':
      return String(value);
    case 'function':
      return `<function ${value.name === '' ? 'anonymous' : value.name}>`;
    default:
      return value === null ? 'None' : objectRepr(value as object);
  }
}

function objectRepr(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : datetimeRepr(value.toISOString());
  if (value instanceof Error) return `${value.name}(${value.message === '' ? '' : quoted(value.message)})`;
  const name: unknown = value.constructor?.name;
  return `<${typeof name === 'string' && name !== '' ? name : 'object'}>`;
}

/** A value of `values.ts` as the Python value behind it. */
export function pyValueRepr(value: PyValue): string {
  switch (value[valueKind]) {
    case 'datetime':
      return datetimeRepr(value.toJSON());
    case 'date':
      return `datetime.date(${Object.values(dateFields(value.iso)).join(', ')})`;
    case 'time':
      return `datetime.time(${timeParts(timeFields(value.iso)).join(', ')})`;
    case 'decimal':
      return `Decimal('${value.text}')`;
    case 'uuid':
      return `UUID('${value.toString()}')`;
  }
}

/** Python leaves out microseconds and then seconds that are zero. */
function datetimeRepr(iso: string): string {
  const fields = dateTimeFields(iso);
  return `datetime.datetime(${[fields.year, fields.month, fields.day, ...timeParts(fields)].join(', ')})`;
}

function timeParts(time: TimeFields): (string | number)[] {
  const parts: (string | number)[] = [time.hour, time.minute];
  if (time.second !== 0 || time.microsecond !== 0) parts.push(time.second);
  if (time.microsecond !== 0) parts.push(time.microsecond);
  if (time.offset !== undefined) parts.push(`tzinfo=${timezoneRepr(time.offset)}`);
  return parts;
}

/** A timedelta keeps its days apart and its seconds positive: -1 hour is a day less and 82800 seconds. */
function timezoneRepr(offset: number): string {
  if (offset === 0) return 'datetime.timezone.utc';
  const ofDay = offset < 0 ? offset + 86_400_000_000 : offset;
  const seconds = Math.floor(ofDay / 1_000_000);
  const parts = offset < 0 ? ['days=-1'] : [];
  if (seconds !== 0) parts.push(`seconds=${seconds}`);
  if (ofDay % 1_000_000 !== 0) parts.push(`microseconds=${ofDay % 1_000_000}`);
  return `datetime.timezone(datetime.timedelta(${parts.join(', ')}))`;
}
