import { describe, expect, it } from 'vitest';
import { parseIso } from '../../../src/wire/dates.ts';
import { toPythonIso, toPythonTime } from '../../../src/wire/python-dates.ts';

describe('toPythonIso', () => {
  it.each([
    ['2030-01-02T03:04:05.000006+02:00', '2030-01-02T03:04:05.000006+02:00'],
    ['2030-01-02T03:04:05.123Z', '2030-01-02T03:04:05.123000+00:00'],
    ['20300102T0304', '2030-01-02T03:04:00'],
    ['0987-01-02 03:04:05-0030', '0987-01-02T03:04:05-00:30'],
    ['2030-01-02T03:04:05,5+05:53:28', '2030-01-02T03:04:05.500000+05:53:28'],
    ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05+00:00'],
    ['2030-01-02T03+00:00:00.000001', '2030-01-02T03:00:00+00:00:00.000001'],
    ['2030-01-02 03:04:05-00:00', '2030-01-02T03:04:05+00:00'],
  ])('writes %s as %s', (text, python) => {
    expect(toPythonIso(text)).toBe(python);
  });

  it('keeps the moment', () => {
    const text = '2030-01-02 03:04:05.5-07';
    expect(parseIso(toPythonIso(text))).toEqual(parseIso(text));
  });
});

describe('toPythonTime', () => {
  it.each([
    ['03:04:05.000678', '03:04:05.000678'],
    ['0304Z', '03:04:00+00:00'],
    ['03:04:05.5-0330', '03:04:05.500000-03:30'],
  ])('writes %s as %s', (text, python) => {
    expect(toPythonTime(text)).toBe(python);
  });
});
