import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../../src/errors.ts';
import { Decimal, isBytes, isPyValue, PyDate, PyDateTime, PyTime, Uuid, valueKind } from '../../../src/wire/values.ts';

describe('PyDateTime', () => {
  it('is a Date that keeps the text it came from', () => {
    const value = new PyDateTime('2030-01-02T03:04:05.000006+02:00');
    expect(value).toBeInstanceOf(Date);
    expect(value.getTime()).toBe(Date.UTC(2030, 0, 2, 1, 4, 5));
    expect(value).toMatchObject({ iso: '2030-01-02T03:04:05.000006+02:00', naive: false });
    expect(JSON.stringify(value)).toBe('"2030-01-02T03:04:05.000006+02:00"');
  });

  it('reads a naive text as UTC', () => {
    const value = new PyDateTime('2030-01-02T03:04:05');
    expect(value.naive).toBe(true);
    expect(value.toISOString()).toBe('2030-01-02T03:04:05.000Z');
  });

  it('gives its new time once it was set, naive as it was', () => {
    const aware = new PyDateTime('2030-01-02T03:04:05+02:00');
    aware.setUTCFullYear(2031);
    expect(aware.toJSON()).toBe('2031-01-02T01:04:05+00:00');
    const naive = new PyDateTime('2030-01-02T03:04:05');
    naive.setUTCMilliseconds(5);
    expect(naive.toJSON()).toBe('2030-01-02T03:04:05.005000');
    naive.setTime(Number.NaN);
    expect(naive.toJSON()).toBe('Invalid Date');
  });
});

describe('PyDate, PyTime, Decimal and Uuid', () => {
  it('print the plain text and are frozen', () => {
    const values = [
      new PyDate('2030-01-02'),
      new PyTime('03:04:05'),
      new Decimal('10.50'),
      new Uuid('12345678-1234-5678-1234-567812345678'),
    ];
    expect(values.map(String)).toEqual(['2030-01-02', '03:04:05', '10.50', '12345678-1234-5678-1234-567812345678']);
    expect(JSON.stringify(values)).toBe('["2030-01-02","03:04:05","10.50","12345678-1234-5678-1234-567812345678"]');
    expect(values.every((value) => Object.isFrozen(value))).toBe(true);
    expect(values.map((value) => value[valueKind])).toEqual(['date', 'time', 'decimal', 'uuid']);
  });

  it.each(['1', '-1.50', '+.5', '5.', '1E+10', '0e-7', 'NaN', '-sNaN12', 'Infinity', 'inf'])('take the decimal %s', (text) => {
    expect(new Decimal(text).text).toBe(text);
  });

  it('take a UUID in capitals and without dashes', () => {
    expect(new Uuid('ABCDEF0012345678123456781234567F').hex).toBe('abcdef0012345678123456781234567f');
  });

  it.each([
    ['datetime', () => new PyDateTime('yesterday')],
    ['date', () => new PyDate('2030-02-30')],
    ['date without dashes', () => new PyDate('20300102')],
    ['time', () => new PyTime('24:00')],
    ['decimal', () => new Decimal('')],
    ['decimal with two points', () => new Decimal('1.2.3')],
    ['long decimal', () => new Decimal(`${'1'.repeat(1_000_000)}x`)],
    ['uuid', () => new Uuid('12345678')],
    ['uuid with odd dashes', () => new Uuid('12345678-123456781234567812345678')],
  ])('refuse a text that is no %s with a short EncodeError', (_what, make) => {
    expect(make).toThrow(EncodeError);
    expect(make).toThrow(/^.{1,160}$/);
  });
});

describe('telling values', () => {
  it('knows a value of another copy of the package by its brand', () => {
    expect(isPyValue({ [Symbol.for('celeriac.value')]: 'decimal' })).toBe(true);
    expect([{}, null, 'decimal', new Date(0)].some(isPyValue)).toBe(false);
  });

  it('takes Uint8Array and Buffer for bytes and no other array', () => {
    expect([new Uint8Array(1), Buffer.from('a')].every(isBytes)).toBe(true);
    expect([new Uint16Array(1), new DataView(new ArrayBuffer(1)), [1], 'a'].some(isBytes)).toBe(false);
  });
});
