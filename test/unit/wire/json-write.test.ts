import { describe, expect, it, vi } from 'vitest';
import { EncodeError } from '../../../src/errors.ts';
import { readJson, writeJson } from '../../../src/wire/json.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';

const HEX = '12345678123456781234567812345678';

function nested(levels: number, innermost: unknown): unknown {
  return levels === 0 ? innermost : [nested(levels - 1, innermost)];
}

function pathOf(value: unknown, root?: string): string {
  try {
    writeJson(value, root === undefined ? {} : { root });
  } catch (error) {
    if (error instanceof EncodeError) return error.path;
    throw error;
  }
  throw new Error('it was written');
}

describe('writeJson', () => {
  it.each([
    [{ a: [1, 1.5, true, null, 'é\n'], b: undefined, c: {} }, '{"a":[1,1.5,true,null,"é\\n"],"c":{}}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['\ud800', '"\\ud800"'],
    [null, 'null'],
    [1e22, '1e+22'],
    [1e16, '10000000000000000'],
  ])('writes plain data as JSON.stringify does', (value, text) => {
    expect(writeJson(value)).toBe(text);
    expect(writeJson([value, 1n])).toBe(`[${text},1]`);
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [-0, '-0.0'],
    [5n, '5'],
    [-1180591620717411303424n, '-1180591620717411303424'],
  ])('writes %s as Python does', (value, text) => {
    expect(writeJson(value)).toBe(text);
    expect(writeJson({ k: [value, 'x', false, undefined === value] })).toBe(`{"k":[${text},"x",false,false]}`);
  });

  it('writes a key __proto__ as a key', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}');
    expect(writeJson(value)).toBe('{"__proto__":{"a":1}}');
    expect(writeJson([value, 1n])).toBe('[{"__proto__":{"a":1}},1]');
  });
});

describe('tagged values', () => {
  it.each([
    [new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 120)), '{"__type__":"datetime","__value__":"2030-01-02T03:04:05.120000+00:00"}'],
    [new PyDateTime('2030-01-02T03:04:05.000006'), '{"__type__":"datetime","__value__":"2030-01-02T03:04:05.000006"}'],
    [new PyDateTime('2030-01-02T03:04:05.5Z'), '{"__type__":"datetime","__value__":"2030-01-02T03:04:05.500000+00:00"}'],
    [new PyDate('2030-01-02'), '{"__type__":"date","__value__":"2030-01-02"}'],
    [new PyTime('03:04:05.000678'), '{"__type__":"time","__value__":"03:04:05.000678"}'],
    [new PyTime('03:04Z'), '{"__type__":"time","__value__":"03:04:00+00:00"}'],
    [new Decimal('1.500'), '{"__type__":"decimal","__value__":"1.500"}'],
    [new Uuid(HEX), `{"__type__":"uuid","__value__":{"hex":"${HEX}"}}`],
    [Buffer.from('é'), '{"__type__":"bytes","__value__":"é"}'],
    [Buffer.from('\ufeffa'), '{"__type__":"bytes","__value__":"\ufeffa"}'],
    [new Uint8Array([0xff, 0]), '{"__type__":"base64","__value__":"/wA="}'],
  ])('are written as kombu 5.3 does', (value, text) => {
    expect(writeJson(value)).toBe(text);
    expect(writeJson({ a: [value] })).toBe(`{"a":[${text}]}`);
  });

  it.each([
    [new Date(Date.UTC(2030, 0, 2)), '"2030-01-02T00:00:00Z"'],
    [new PyDateTime('2030-01-02T03:04:05.000006+00:00'), '"2030-01-02T03:04:05.000006Z"'],
    [new PyDateTime('2030-01-02T03:04:05+02:00'), '"2030-01-02T03:04:05+02:00"'],
    [new PyDate('2030-01-02'), '"2030-01-02T00:00:00"'],
    [new PyTime('03:04:05'), '"03:04:05"'],
    [new Decimal('1E+10'), '"1E+10"'],
    [new Uuid(HEX), '"12345678-1234-5678-1234-567812345678"'],
  ])('are texts for kombu before 5.3', (value, text) => {
    expect(writeJson(value, { untagged: true })).toBe(text);
  });

  it('have no text for bytes', () => {
    expect(() => writeJson([new Uint8Array(1)], { untagged: true })).toThrow(expect.objectContaining({ name: 'EncodeError', path: '[0]' }));
  });

  it('follow a datetime that was set', () => {
    const value = new PyDateTime('2030-01-02T03:04:05.000006+02:00');
    value.setUTCHours(2);
    expect(writeJson(value)).toContain('"2030-01-02T02:04:05+00:00"');
  });

  it('of another realm or another copy are written alike', () => {
    const decimal = { [Symbol.for('celeriac.value')]: 'decimal', text: '1.5', toJSON: () => '1.5' };
    expect(writeJson([decimal])).toBe('[{"__type__":"decimal","__value__":"1.5"}]');
    const foreign = new Date(0);
    Object.setPrototypeOf(foreign, Object.create(null, { getTime: { value: () => Date.prototype.getTime.call(foreign) } }));
    expect(writeJson(foreign)).toBe('{"__type__":"datetime","__value__":"1970-01-01T00:00:00+00:00"}');
  });
});

describe('toJSON', () => {
  it('is heeded and what it returns is written', () => {
    expect(writeJson({ url: new URL('https://example.com/a') })).toBe('{"url":"https://example.com/a"}');
    expect(writeJson({ toJSON: () => ({ when: new PyDate('2030-01-02') }) })).toContain('{"when":{"__type__":"date"');
    class Money {
      toJSON(key: string): unknown {
        return new Decimal(key === 'price' ? '9.50' : '0');
      }
    }
    expect(writeJson({ price: new Money() })).toContain('"9.50"');
    expect(writeJson(new Money())).toContain('"0"');
  });

  it('of an array is heeded as well', () => {
    class Rows extends Array<number> {
      toJSON(): unknown {
        return { rows: this.length };
      }
    }
    expect(writeJson(Rows.of(1, 2))).toBe('{"rows":2}');
  });

  it('is not asked a second time', () => {
    const value = { a: 1, toJSON: () => value };
    expect(() => writeJson(value)).toThrow(expect.objectContaining({ path: 'toJSON' }));
  });

  it('that gives undefined leaves a property out', () => {
    expect(writeJson({ a: { toJSON: () => undefined }, b: 1 })).toBe('{"b":1}');
    expect(pathOf([{ toJSON: () => undefined }])).toBe('[0]');
  });
});

describe('what cannot be sent', () => {
  class Point {
    readonly x = 1;
  }

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['undefined', undefined],
    ['a Map', new Map()],
    ['a Set', new Set([1])],
    ['an instance', new Point()],
    ['an error', new Error('x')],
    ['a promise', Promise.resolve()],
    ['a typed array that is not bytes', new Float64Array(1)],
    ['an object of no known class', Object.create({ constructor: undefined })],
    ['an invalid Date', new Date(Number.NaN)],
    ['a Date outside of Python', new Date(8.64e15)],
    ['an integer too long for Python', 10n ** 4300n],
    ['a hole', Array(1)],
    ['what Python would take for a tag', { __type__: 'date', __value__: '2030-01-02' }],
  ])('is %s', (_what, value) => {
    expect(() => writeJson(value)).toThrow(EncodeError);
    expect(() => writeJson({ deep: [1, value, 2n] })).toThrow(
      typeof value === 'object' && Array.isArray(value) ? /deep\[1\]\[0\]/ : /deep\[1\]/,
    );
  });

  it('is named by its path', () => {
    const bad = new Map();
    expect(pathOf([1, { when: bad }], 'args')).toBe('args[1].when');
    expect(pathOf({ 'a b': [bad] }, 'kwargs')).toBe('kwargs["a b"][0]');
    expect(pathOf({ when: bad })).toBe('when');
    expect(pathOf({ 'a b': bad })).toBe('["a b"]');
    expect(pathOf([[1, undefined]])).toBe('[0][1]');
    expect(pathOf(bad)).toBe('');
    expect(pathOf(bad, 'result')).toBe('result');
    expect(() => writeJson([new Point()], { root: 'args' })).toThrow(/^Cannot send args\[0\]: it is an instance of Point; /);
  });

  it('is a circle, and not the same object twice', () => {
    const circle: unknown[] = [];
    circle.push({ again: circle });
    expect(() => writeJson(circle)).toThrow(expect.objectContaining({ path: '[0].again', message: expect.stringContaining('circle') }));
    const shared = { a: 1n };
    expect(writeJson([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  it('is deeper than 64 levels, tags counted', () => {
    expect(readJson(writeJson(nested(64, 1)))).toEqual(nested(64, 1));
    expect(() => writeJson(nested(65, 1))).toThrow(/more than 64/);
    expect(readJson(writeJson(nested(63, new PyDate('2030-01-02'))))).toEqual(nested(63, new PyDate('2030-01-02')));
    expect(() => writeJson(nested(64, new PyDate('2030-01-02')))).toThrow(EncodeError);
    expect(readJson(writeJson(nested(62, new Uuid(HEX))))).toEqual(nested(62, new Uuid(HEX)));
    expect(() => writeJson(nested(63, new Uuid(HEX)))).toThrow(EncodeError);
    expect(writeJson(nested(64, new Uuid(HEX)), { untagged: true })).toContain('12345678-');
  });

  it('takes more than a string can hold, which is named', () => {
    const cause = new RangeError('Invalid string length');
    const stringify = vi.spyOn(JSON, 'stringify').mockImplementationOnce(() => {
      throw cause;
    });
    try {
      expect(() => writeJson(['x'], { root: 'args' })).toThrow(expect.objectContaining({ name: 'EncodeError', path: 'args', cause }));
    } finally {
      stringify.mockRestore();
    }
  });

  it('does not include an object that only resembles a tag', () => {
    expect(writeJson({ __type__: 1, b: 2 })).toBe('{"__type__":1,"b":2}');
    expect(writeJson({ __type__: 1, __value__: 2, c: 3 })).toBe('{"__type__":1,"__value__":2,"c":3}');
    expect(writeJson({ __type__: 1, __value__: undefined })).toBe('{"__type__":1}');
    expect(writeJson({ __type__: 1, __value__: 2 }, { untagged: true })).toBe('{"__type__":1,"__value__":2}');
  });
});
