import { describe, expect, it } from 'vitest';
import { DecodeError, EncodeError } from '../../../src/errors.ts';
import { dateFields, formatIso, parseIso, timeFields } from '../../../src/wire/dates.ts';

describe('parseIso', () => {
  it.each([
    ['2030-01-02T03:04:05+00:00', '2030-01-02T03:04:05.000Z', false],
    ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z', false],
    ['2030-01-02T03:04:05.123456-02:30', '2030-01-02T05:34:05.123Z', false],
    ['2030-01-02T03:04:05,5', '2030-01-02T03:04:05.500Z', true],
    ['2030-01-02T03:04:05.1234567+02', '2030-01-02T01:04:05.123Z', false],
    ['2030-01-02T03:04:05+05:53:28', '2030-01-01T21:10:37.000Z', false],
    ['2030-01-02T03:04:05+00:00:00.500000', '2030-01-02T03:04:04.500Z', false],
    ['20300102T030405Z', '2030-01-02T03:04:05.000Z', false],
    ['2030-01-02 03', '2030-01-02T03:00:00.000Z', true],
    ['2030-01-02', '2030-01-02T00:00:00.000Z', true],
    ['2028-02-29', '2028-02-29T00:00:00.000Z', true],
    ['0001-01-01T00:00:00+00:00', '0001-01-01T00:00:00.000Z', false],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999Z', false],
  ])('reads %s', (text, utc, naive) => {
    expect(parseIso(text)).toMatchObject({ epochMs: Date.parse(utc), naive });
  });

  it.each([
    '',
    '1',
    '2030',
    'tomorrow',
    '2030-02-30',
    '2029-02-29',
    '2030-13-01',
    '2030-00-01',
    '2030-01-00',
    '0000-01-01',
    '2030-0102',
    '2030-01-02T24:00',
    '2030-01-02T03:60',
    '2030-01-02T03:04:60',
    '2030-01-02T03:04:05+24:00',
    '2030-01-02T03:04:05+00:60',
    '2030-01-02T03:04:05 Z',
    '2030-01-02T03:04:05.Z',
    ' 2030-01-02',
    '2030-01-02\n',
    '٢٠٣٠-01-02',
    `2030-01-02T03:04:05.${'1'.repeat(1_000_000)}`,
  ])('refuses %j', (text) => {
    expect(() => parseIso(text)).toThrow(expect.objectContaining({ name: 'DecodeError', code: 'bad-value' }));
  });

  it('shows no more of a long text than its beginning', () => {
    expect(() => parseIso('x'.repeat(5000))).toThrow(/^"x{64}…"/);
  });
});

describe('formatIso', () => {
  it('writes six digits of fraction, or none', () => {
    expect(formatIso(Date.UTC(2030, 0, 2, 3, 4, 5, 123))).toBe('2030-01-02T03:04:05.123000+00:00');
    expect(formatIso(Date.UTC(2030, 0, 2, 3, 4, 5))).toBe('2030-01-02T03:04:05+00:00');
  });

  it.each([Number.NaN, Infinity, Date.UTC(10_000, 0), Date.parse('0000-12-31T23:59:59Z'), Date.parse('-000001-01-01T00:00:00Z')])(
    'refuses %d, which no Python date can be',
    (epochMs) => {
      expect(() => formatIso(epochMs)).toThrow(EncodeError);
    },
  );
});

describe('the parts of a date and of a time', () => {
  it('are read from their own texts alone', () => {
    expect(dateFields('2030-01-02')).toEqual({ year: 2030, month: 1, day: 2 });
    expect(timeFields('03:04:05.000678')).toEqual({ hour: 3, minute: 4, second: 5, microsecond: 678, offset: undefined });
    expect(timeFields('03:04-01:00').offset).toBe(-3_600_000_000);
    expect(() => dateFields('2030-01-02T00:00')).toThrow(DecodeError);
    expect(() => timeFields('2030-01-02T00:00')).toThrow(DecodeError);
    expect(() => timeFields('25:00')).toThrow(DecodeError);
    expect(() => dateFields('x'.repeat(65))).toThrow(DecodeError);
    expect(() => timeFields('0'.repeat(65))).toThrow(DecodeError);
  });
});
