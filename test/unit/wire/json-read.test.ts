import { describe, expect, it } from 'vitest';
import type { DecodeCode } from '../../../src/errors.ts';
import { readJson } from '../../../src/wire/json.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';
import { thrownBy } from '../../support/messages.ts';

const failure = (code: DecodeCode) => expect.objectContaining({ name: 'DecodeError', code });
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('readJson', () => {
  it('reads plain JSON', () => {
    expect(readJson('{"a":[1,1.5,true,null,"x"],"b":{}}')).toEqual({ a: [1, 1.5, true, null, 'x'], b: {} });
  });

  it.each(['', '{', '[1,]', "{'a':1}", 'nan', '+1', '01', '"\n"', '{"a":1}}', 'undefined', '\ufeff1'])('calls %j not JSON', (text) => {
    expect(() => readJson(text)).toThrow(failure('not-json'));
  });

  it('keeps the last of equal keys and sets no prototype', () => {
    expect(readJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    const value = readJson('{"__proto__":{"polluted":[{"__type__":"date","__value__":"2030-01-02"}]},"constructor":1}') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('integers', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-1180591620717411303424', -1180591620717411303424n],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e22', 1e22],
    ['1e999', Infinity],
    ['"12345678901234567890"', '12345678901234567890'],
    ['1234567890123456', 1234567890123456],
  ])('reads %s exactly', (text, value) => {
    expect(readJson(text)).toBe(value);
    expect(readJson(` [ 1, {"k" :${text}}]`)).toEqual([1, { k: value }]);
  });

  it('finds a long one wherever it stands in the text', () => {
    for (let lead = 0; lead < 40; lead += 1) expect(readJson(`${' '.repeat(lead)}[9007199254740993,1]`)).toEqual([9007199254740993n, 1]);
  });

  it('refuses more digits than Python reads', () => {
    expect(readJson('1'.repeat(4300))).toBe(BigInt('1'.repeat(4300)));
    expect(() => readJson('1'.repeat(4301))).toThrow(failure('bad-value'));
  });
});

describe('NaN and the infinities', () => {
  it('are read where a value stands', () => {
    expect(readJson('[NaN, Infinity,-Infinity ,{"a":NaN}]')).toEqual([NaN, Infinity, -Infinity, { a: NaN }]);
    expect(readJson('NaN')).toBeNaN();
  });

  it('are left alone within strings', () => {
    expect(readJson('["NaN, \\"Infinity\\\\", NaN, "-Infinity"]')).toEqual(['NaN, "Infinity\\', NaN, '-Infinity']);
  });

  it('go together with integers and tags', () => {
    const text = '[NaN,12345678901234567890,{"__type__":"decimal","__value__":"1"}]';
    expect(readJson(text)).toEqual([NaN, 12345678901234567890n, new Decimal('1')]);
  });

  it.each(['-NaN', '1NaN', 'NaN1', '+Infinity', '--Infinity', 'NaNs', '[NaN', '"NaN', '{NaN:1}', '[NaN,0e-2147483647]', 'Infinity1'])(
    'calls %s not JSON',
    (text) => {
      expect(() => readJson(text)).toThrow(failure('not-json'));
    },
  );

  it('does not let a long integer beside them pass', () => {
    expect(() => readJson(`[NaN,${'1'.repeat(4301)}]`)).toThrow(failure('bad-value'));
  });
});

describe('depth', () => {
  it('goes to 64 by default, to what is asked otherwise', () => {
    expect(() => readJson(nested(64))).not.toThrow();
    expect(() => readJson(nested(65))).toThrow(failure('too-deep'));
    expect(() => readJson(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toThrow(failure('too-deep'));
    expect(() => readJson('[[1]]', { depth: 2 })).not.toThrow();
    expect(() => readJson('[[[null]]]', { depth: 2 })).toThrow(failure('too-deep'));
  });

  it('is not a matter of how many there are side by side, or in strings', () => {
    expect(() => readJson(`[${Array(100).fill('[{"a":{},"b":null}]').join(',')},"${'['.repeat(100)}"]`)).not.toThrow();
    expect(readJson(`{"a":"${'{'.repeat(100)}"}`)).toEqual({ a: '{'.repeat(100) });
  });

  it('is bounded whichever way the text is read', () => {
    const huge = 200_000;
    expect(() => readJson(nested(huge))).toThrow(failure('too-deep'));
    expect(() => readJson(`${'['.repeat(huge)}12345678901234567890${']'.repeat(huge)}`)).toThrow(failure('too-deep'));
    expect(() => readJson(`${'['.repeat(huge)}NaN${']'.repeat(huge)}`)).toThrow(failure('too-deep'));
    expect(() => readJson(`${'{"\\n":'.repeat(huge)}1${'}'.repeat(huge)}`)).toThrow(failure('too-deep'));
  });
});

describe('tagged values', () => {
  const tagged = (type: string, value: unknown) => JSON.stringify({ __type__: type, __value__: value });

  it('become values at any depth, innermost first', () => {
    const text = `{"a":[${tagged('date', '2030-01-02')},{"b":${tagged('uuid', { hex: '12345678123456781234567812345678' })}}]}`;
    expect(readJson(text)).toEqual({ a: [new PyDate('2030-01-02'), { b: new Uuid('12345678123456781234567812345678') }] });
  });

  it('keep the text of a datetime', () => {
    const value = readJson(tagged('datetime', '2030-01-02T03:04:05.000006+02:00'));
    expect(value).toBeInstanceOf(PyDateTime);
    expect((value as PyDateTime).iso).toBe('2030-01-02T03:04:05.000006+02:00');
    expect(readJson(tagged('time', '03:04:05'))).toEqual(new PyTime('03:04:05'));
  });

  it('are bytes from text and from base64', () => {
    expect(readJson(tagged('bytes', 'é'))).toEqual(new Uint8Array([0xc3, 0xa9]));
    expect(readJson(tagged('base64', '/wA='))).toEqual(new Uint8Array([0xff, 0]));
  });

  it.each([
    String.raw`{"\u005f_type__":"date","__value__":"2030-01-02"}`,
    String.raw`{"__t\u0079pe__":"date","__v\u0061lue__":"2030-01-02"}`,
    String.raw`{"\u005F\u005F\u0074\u0079\u0070\u0065\u005f\u005f":"date","__value__":"2030-01-02"}`,
  ])('are known by an escaped key: %s', (text) => {
    expect(readJson(text)).toEqual(new PyDate('2030-01-02'));
  });

  it('are plain objects with a key more, or one less', () => {
    expect(readJson('{"__type__":"date","__value__":"2030-01-02","x":1}')).toEqual({ __type__: 'date', __value__: '2030-01-02', x: 1 });
    expect(readJson('{"__type__":"date"}')).toEqual({ __type__: 'date' });
    expect(readJson('{"__type__":"date","x":1}')).toEqual({ __type__: 'date', x: 1 });
  });

  it.each([
    ['nope', 1],
    ['constructor', '1'],
    ['x'.repeat(1000), 1],
  ])('are refused under the unknown type %s', (type, value) => {
    expect(() => readJson(tagged(type, value))).toThrow(failure('unknown-type-tag'));
  });

  it('are refused under a type that is no text', () => {
    expect(() => readJson('{"__type__":12345678901234567890,"__value__":1}')).toThrow(failure('unknown-type-tag'));
    expect(() => readJson('{"__type__":["a",12345678901234567890],"__value__":1}')).toThrow(failure('unknown-type-tag'));
  });

  it.each<[string, unknown]>([
    ['datetime', '2030-02-30T00:00:00'],
    ['datetime', 5],
    ['date', '2030-01-02T00:00:00'],
    ['time', 'noon'],
    ['decimal', 1.5],
    ['decimal', 'x'],
    ['uuid', '12345678123456781234567812345678'],
    ['uuid', null],
    ['uuid', { int: 5 }],
    ['uuid', { hex: 5 }],
    ['bytes', 5],
    ['bytes', '\ud800'],
    ['base64', '/w'],
    ['base64', '*'],
  ])('are refused as a %s of %j', (type, value) => {
    expect(() => readJson(tagged(type, value))).toThrow(failure('bad-value'));
  });
});

describe('escaped keys', () => {
  it('are read right after a text that makes V8 mistake them (nodejs/node#63785)', () => {
    readJson('{"h":[],"\\\\":0}');
    JSON.parse('{"h":[],"\\\\":0}');
    expect(Object.keys(readJson('{"h":1,"\\u00e9":2}') as object)).toEqual(['h', 'é']);
    expect(Object.keys(readJson('{"h":1,"\\"" : 2}') as object)).toEqual(['h', '"']);
  });

  it('keep order, the last of equal ones, and no prototype', () => {
    expect(JSON.stringify(readJson('{"b":1,"\\u0061":[{"c":null}],"b":3}'))).toBe('{"b":3,"a":[{"c":null}]}');
    expect(readJson('{"a":1,"\\u0061":2,"a":3}')).toEqual({ a: 3 });
    expect(Object.keys(readJson('{"__pr\\u006fto__":{"x":1}}') as object)).toEqual(['__proto__']);
  });

  it('do not make JSON of what is none', () => {
    for (const text of ['{"\\x":1}', '{"\\n":1', '["\\n":1]', '{"\\n":"a}', '{"a\nb\\n":1}']) {
      expect(() => readJson(text)).toThrow(failure('not-json'));
    }
  });

  it('may stand beside strings full of quotes and backslashes', () => {
    const value = { 'a"b': 'c\\', d: '\\"', '\\': '":', e: [NaN] };
    expect(readJson(JSON.stringify(value).replace('null', 'NaN'))).toEqual(value);
  });
});

describe('the number of values', () => {
  const ten = (item: string): string => `[${Array(10).fill(item).join(',')}]`;

  it.each([
    ['items', ten('   0'), 10],
    ['members', `{${Array.from({ length: 10 }, (_, index) => `"key${index}": 0`).join(',')}}`, 10],
    ['arrays and what is in them', ten('[  0]'), 20],
    ['no commas and brackets within strings', ten('",[{\\",["'), 10],
  ])('counts %s', (_, text, count) => {
    expect(() => readJson(text, { values: count })).not.toThrow();
    expect(thrownBy(() => readJson(text, { values: count - 1 })).code).toBe('too-large');
  });

  it('may be half as many where keys are escaped', () => {
    const text = `{"\\u0061": ${ten('   0')}}`;
    expect(() => readJson(text, { values: 22 })).not.toThrow();
    expect(thrownBy(() => readJson(text, { values: 20 })).code).toBe('too-large');
  });

  it('is any where no limit is given', () => {
    expect(readJson(`[${'0,'.repeat(300_000)}0]`)).toHaveLength(300_001);
  });
});

describe('a tagged value that is none', () => {
  it.each([
    ['datetime', '"4111 1111"'],
    ['uuid', '{"hex": "4111 1111"}'],
    ['nope', '"4111 1111"'],
  ])('of the type %s is not shown, for the message goes to logs', (type, value) => {
    const { message } = thrownBy(() => readJson(`{"__type__": "${type}", "__value__": ${value}}`));
    expect(message).toContain(type);
    expect(message).not.toContain('4111');
  });

  it('has its tag cut where that is long, and not shown where that is no text', () => {
    expect(thrownBy(() => readJson(`{"__type__": "${'t'.repeat(500)}", "__value__": 1}`)).message.length).toBeLessThan(300);
    expect(thrownBy(() => readJson('{"__type__": ["4111"], "__value__": 1}')).message).not.toContain('4111');
  });
});
