/** What may stand for a JSON object: decoded values are looked at through this, never cast. */

export type Fields = Readonly<Record<string, unknown>>;

/** True for an object of JSON's kind; arrays, dates, bytes and our value classes are none. */
export function isRecord(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** True for a value of that type, and for none. */
export function isAbsentOr(type: 'string' | 'number' | 'boolean', value: unknown): boolean {
  return value === undefined || typeof value === type;
}

/** What kind of value was found, for messages about arguments: they go to logs and dead letters, the value does not. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A found header or property as an error message may show it: its kind, or the beginning of a short scalar. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
