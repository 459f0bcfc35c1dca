/**
 * Python's values that JSON and JavaScript lack, as small immutable classes that lose nothing either way.
 * Bytes are Uint8Array and integers beyond 2^53 are bigint; writing and reading them is json-write's and json-read's part.
 */

import { EncodeError } from '../errors.ts';
import { dateFields, formatIso, parseIso, timeFields } from './dates.ts';

/** Says which value it is, so that two copies of the package know each other's values. */
export const valueKind: unique symbol = Symbol.for('celeriac.value') as never;

export type ValueKind = 'datetime' | 'date' | 'time' | 'decimal' | 'uuid';

/**
 * A Python datetime: a Date that keeps microseconds, offset and naivety. Works wherever a Date does; a naive one is read as UTC.
 * Constructed from ISO text; throws EncodeError when that is none.
 * @example new PyDateTime('2030-01-02T03:04:05.000006+02:00')
 */
export class PyDateTime extends Date {
  /** The text exactly as Python wrote it. Out of date once a setter of Date was called. */
  readonly iso: string;
  /** True without an offset. */
  readonly naive: boolean;

  constructor(iso: string) {
    const { epochMs, naive } = sendable(() => parseIso(iso));
    super(epochMs);
    this.iso = iso;
    this.naive = naive;
  }

  get [valueKind](): 'datetime' {
    return 'datetime';
  }

  /** `iso`, or the time the Date was set to since. */
  override toJSON(): string {
    const now = this.getTime();
    if (now === parseIso(this.iso).epochMs) return this.iso;
    if (Number.isNaN(now)) return String(this);
    return this.naive ? formatIso(now).slice(0, -'+00:00'.length) : formatIso(now);
  }
}

/**
 * A Python date, without a time. Throws EncodeError unless the text is like `2030-01-02`.
 * @example new PyDate('2030-01-02')
 */
export class PyDate {
  readonly iso: string;

  constructor(iso: string) {
    sendable(() => dateFields(iso));
    if (iso.length !== 10) throw new EncodeError(`'${iso}' is not a date written as YYYY-MM-DD.`);
    this.iso = iso;
    Object.freeze(this);
  }

  get [valueKind](): 'date' {
    return 'date';
  }

  toString(): string {
    return this.iso;
  }

  toJSON(): string {
    return this.iso;
  }
}

/**
 * A Python time of day, with an offset or without. Throws EncodeError unless the text is an ISO time.
 * @example new PyTime('03:04:05.000678')
 */
export class PyTime {
  readonly iso: string;

  constructor(iso: string) {
    sendable(() => timeFields(iso));
    this.iso = iso;
    Object.freeze(this);
  }

  get [valueKind](): 'time' {
    return 'time';
  }

  toString(): string {
    return this.iso;
  }

  toJSON(): string {
    return this.iso;
  }
}

// One way only to match any text, so that a long bad one fails in linear time.
const DECIMAL = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i;

/**
 * A Python decimal.Decimal, kept as its text: no arithmetic is done here. Throws EncodeError unless Python would read the text.
 * @example new Decimal('10.50')
 */
export class Decimal {
  readonly text: string;

  constructor(text: string) {
    if (!DECIMAL.test(text)) throw new EncodeError(`'${clip(text)}' is not a decimal number.`);
    this.text = text;
    Object.freeze(this);
  }

  get [valueKind](): 'decimal' {
    return 'decimal';
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

const UUID = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;

/**
 * A Python uuid.UUID. Takes 32 hex digits, with dashes or without; throws EncodeError otherwise.
 * @example new Uuid(crypto.randomUUID())
 */
export class Uuid {
  /** 32 hex digits in lower case. */
  readonly hex: string;

  constructor(text: string) {
    if (!UUID.test(text)) throw new EncodeError(`'${clip(text)}' is not a UUID of 32 hex digits.`);
    this.hex = text.replaceAll('-', '').toLowerCase();
    Object.freeze(this);
  }

  get [valueKind](): 'uuid' {
    return 'uuid';
  }

  /** With dashes, as Python prints it. */
  toString(): string {
    const { hex } = this;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Any value of this file's classes. */
export type PyValue = PyDateTime | PyDate | PyTime | Decimal | Uuid;

/** True for a value of this file's classes, whichever copy of the package made it. */
export function isPyValue(value: unknown): value is PyValue {
  return typeof value === 'object' && value !== null && (value as { [valueKind]?: ValueKind })[valueKind] !== undefined;
}

/** True for bytes, Node's Buffer among them, from whichever realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function sendable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new EncodeError((error as Error).message, { cause: error });
  }
}

function clip(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
