import { describe, expect, it, test } from 'vitest';
import type { DecodeCode } from '../../../src/errors.ts';
import { parseIso } from '../../../src/wire/dates.ts';
import { readJson, writeJson } from '../../../src/wire/json.ts';
import { toPythonIso } from '../../../src/wire/python-dates.ts';
import { saferepr } from '../../../src/wire/repr.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';
import { recordedRows } from '../../support/recorded.ts';

interface WriteRow {
  readonly case: string;
  readonly json?: string;
  readonly decoded_back?: string;
  readonly error?: string;
}

const UUID = new Uuid('12345678-1234-5678-1234-567812345678');

/** What each Python value of the table is in JavaScript. */
const VALUES = new Map<string, unknown>([
  ['datetime aware utc', new PyDateTime('2030-01-02T03:04:05.000006+00:00')],
  ['datetime naive', new PyDateTime('2030-01-02T03:04:05')],
  ['datetime +02:00', new PyDateTime('2030-01-02T03:04:05+02:00')],
  ['date', new PyDate('2030-01-02')],
  ['time', new PyTime('03:04:05')],
  ['time micro', new PyTime('03:04:05.000678')],
  ['decimal', new Decimal('1.500')],
  ['decimal exp', new Decimal('1E+10')],
  ['decimal nan', new Decimal('NaN')],
  ['uuid', UUID],
  ['bytes ascii', new TextEncoder().encode('abc')],
  ['bytes utf8', new Uint8Array([0xc3, 0xa9])],
  ['bytes raw', new Uint8Array([0xff, 0])],
  ['tuple', [1, 2]],
  ['nested', { a: [UUID, { b: new PyDate('2030-01-02') }] }],
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['int keys', { 1: 'b', null: 'c', 2.5: 'd' }],
  ['big int', 1180591620717411303424n],
  ['float int', 1],
  ['small', 1e-7],
  ['big float', 1e22],
  ['unicode', 'hé世🚀'],
  ['lone surrogate', '\ud800'],
  ['control', '\x00\x1f\x7f/'],
  ['set', new Set([1])],
]);

/** Rows that cannot match, with the reason. */
const UNMATCHED = new Map([
  ['timedelta', 'JavaScript has no timedelta, so there is nothing to refuse'],
  ['float int', 'a number has no 1.0: Python reads an int where it wrote a float'],
]);

/** The spelling of numbers aside (1e-7, 1e-07), the same text. */
function meaning(json: string): unknown {
  return /^(?:NaN|-?Infinity|\d{17,})$/.test(json) ? json : JSON.parse(json);
}

describe.each(['kombu-json', 'kombu-json@5.2.6'])('%s', (table) => {
  const rows = recordedRows<WriteRow>(table);
  const untagged = table.endsWith('5.2.6');
  const matched = rows.filter((row) => !UNMATCHED.has(row.case));

  it.each(matched)('$case is written as kombu writes it', ({ case: name, json }) => {
    const write = () => writeJson(VALUES.get(name), { untagged });
    if (json === undefined) expect(write).toThrow(expect.objectContaining({ name: 'EncodeError' }));
    else expect(meaning(write())).toEqual(meaning(json));
  });

  it.each(matched.filter((row) => row.json !== undefined))('$case is read and written again', ({ case: name, json = '' }) => {
    const value = readJson(json);
    expect(meaning(writeJson(value))).toEqual(meaning(json));
    if (!untagged) expect(saferepr(value)).toBe(saferepr(VALUES.get(name)));
  });

  it('reads a float without a fraction as its number', () => {
    const [row] = rows.filter((each) => each.case === 'float int');
    expect([row?.json, readJson(row?.json ?? '')]).toEqual(['1.0', 1]);
  });

  it('counts its rows', () => {
    console.log(`${table}: ${matched.length} of ${rows.length} rows match; not: ${[...UNMATCHED.keys()].join(', ')}`);
    expect([rows.length, matched.length]).toEqual([27, 25]);
  });
});

interface ReadRow {
  readonly json: string;
  readonly decoded?: string;
  readonly error?: string;
}

/** What Python's words for the values are in JavaScript; an error is the code we give. */
const READ = new Map<string, unknown>([
  ['{"__type__": "datetime", "__value__": "2030-01-02T03:04:05Z"}', new PyDateTime('2030-01-02T03:04:05Z')],
  ['{"__type__": "datetime", "__value__": "2030-01-02T03:04:05.123Z"}', new PyDateTime('2030-01-02T03:04:05.123Z')],
  ['{"__type__": "uuid", "__value__": {"hex": "12345678123456781234567812345678"}}', UUID],
  ['{"__type__": "date", "__value__": "2030-01-02", "x": 1}', { __type__: 'date', __value__: '2030-01-02', x: 1 }],
  ['{"__type__": "bytes", "__value__": "abc"}', new TextEncoder().encode('abc')],
  ['{"__type__": "base64", "__value__": "/w=="}', new Uint8Array([0xff])],
  ['{"__type__": "decimal", "__value__": "1.5"}', new Decimal('1.5')],
  ['[NaN, Infinity, -Infinity]', [Number.NaN, Infinity, -Infinity]],
  ['{"a": 1, "a": 2}', { a: 2 }],
  ['1.0', 1],
  ['12345678901234567890123', 12345678901234567890123n],
]);
const REFUSED = new Map<string, DecodeCode>([
  ['{"__type__": "nope", "__value__": 1}', 'unknown-type-tag'],
  ['{"__type__": "uuid", "__value__": "12345678123456781234567812345678"}', 'bad-value'],
]);

describe.each(['kombu-json-decode', 'kombu-json-decode@5.2.6'])('%s', (table) => {
  const rows = recordedRows<ReadRow>(table);
  // kombu 5.2 leaves tags as they are; we read them as 5.3 and later do, from whoever they come.
  const newer = table.endsWith('5.2.6') ? rows.filter((row) => row.json.startsWith('{"__type__"') && !row.json.includes('"x"')) : [];
  const matched = rows.filter((row) => !newer.includes(row));

  it.each(rows)('$json is read as kombu 5.6 reads it', ({ json }) => {
    const code = REFUSED.get(json);
    if (code !== undefined) expect(() => readJson(json)).toThrow(expect.objectContaining({ name: 'DecodeError', code }));
    else expect(readJson(json)).toEqual(READ.get(json));
  });

  it.each(matched)('$json is refused just where kombu refuses it', ({ json, error }) => {
    expect(REFUSED.has(json)).toBe(error !== undefined);
  });

  it.each(newer)('$json is more to us than to kombu 5.2', ({ decoded }) => {
    expect(decoded).toMatch(/^\{'__type__'/);
  });

  it('counts its rows', () => {
    console.log(`${table}: ${matched.length} of ${rows.length} rows match; read as by kombu 5.6 instead: ${newer.length}`);
    expect([rows.length, newer.length]).toEqual([13, table.endsWith('5.2.6') ? 8 : 0]);
  });
});

interface DateRow {
  readonly text: string;
  readonly parsed?: string;
  readonly error?: string;
}

/** Celery 5.2 reads these otherwise; we follow 5.6. */
const OLD_DATES = new Map([
  ['2031-05-06T07:08:09.123+02:00', 'takes .123 for 123 microseconds'],
  ['2031-05-06T07:08:09+0200', 'ignores an offset without a colon'],
  ['20310506T070809Z', 'crashes on the basic format'],
]);

describe.each(['iso-dates', 'iso-dates@5.2.6'])('%s', (table) => {
  const rows = recordedRows<DateRow>(table);
  const others = table.endsWith('5.2.6') ? OLD_DATES : new Map<string, string>();
  const matched = rows.filter((row) => !others.has(row.text));

  test.each(matched)('$text is read as Celery reads it', ({ text, parsed }) => {
    if (parsed === undefined) {
      expect(() => parseIso(text)).toThrow(expect.objectContaining({ name: 'DecodeError', code: 'bad-value' }));
    } else {
      expect(parseIso(text).epochMs).toBe(Date.parse(parsed));
      // Celery takes the app's time zone, UTC, for a naive text.
      expect(toPythonIso(text) + (parseIso(text).naive ? '+00:00' : '')).toBe(parsed);
    }
  });

  test.each(rows.filter((row) => others.has(row.text)))('$text is read otherwise by Celery 5.2', ({ text, parsed }) => {
    expect(toPythonIso(text)).not.toBe(parsed);
  });

  test('the rows are counted', () => {
    const list = [...others].map(([text, reason]) => `${text} (5.2 ${reason})`).join(', ');
    console.log(`${table}: ${matched.length} of ${rows.length} rows match${list === '' ? '' : `; not: ${list}`}`);
    expect([rows.length, rows.length - matched.length]).toEqual([12, others.size]);
  });
});
