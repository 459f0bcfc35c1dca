import { describe, expect, it } from 'vitest';
import { argsRepr, kwargsRepr, saferepr } from '../../../src/wire/repr.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';

describe('argsRepr and kwargsRepr', () => {
  it('print a tuple and a dict', () => {
    expect([[], [1], [1, 'a']].map(argsRepr)).toEqual(['()', '(1,)', "(1, 'a')"]);
    expect(kwargsRepr({})).toBe('{}');
    expect(kwargsRepr({ a: 1, b: [true, null], "d'": { e: 'f' } })).toBe("{'a': 1, 'b': [True, None], 'd\\'': {'e': 'f'}}");
  });

  it('count the tuple as a level', () => {
    expect(argsRepr([[[[1]]]])).toBe('([[[...]]],)');
    expect(argsRepr([[{ a: [], b: {} }]])).toBe("([{'a': [...], 'b': {...}}],)");
  });

  it('cut what is long', () => {
    const text = argsRepr(['x'.repeat(2000), 1]);
    expect(text).toBe(`('${'x'.repeat(1023)}...', ...)`);
    expect(argsRepr([{ toString: 1 }, 5n])).toBe("({'toString': 1}, 5)");
  });
});

describe('saferepr', () => {
  it.each<[unknown, string]>([
    [1, '1'],
    [1e16, '10000000000000000'],
    [1e21, '1e+21'],
    [-0, '-0.0'],
    [1.5, '1.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-1.5e-7, '-1.5e-07'],
    [1e-100, '1e-100'],
    [NaN, 'nan'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [12345678901234567890n, '12345678901234567890'],
    [true, 'True'],
    [false, 'False'],
    [null, 'None'],
    ["it's", "'it\\'s'"],
    ['a\\\n"é', "'a\\\n\"é'"],
    [Buffer.from('é'), "b'é'"],
    [new Uint8Array([0xff, 0xfe, 0]), "b'fffe00'"],
    [new Date(Date.UTC(2030, 0, 2, 3, 4)), 'datetime.datetime(2030, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)'],
    [new PyDateTime('2030-01-02T03:04:05'), 'datetime.datetime(2030, 1, 2, 3, 4, 5)'],
    [
      new PyDateTime('2030-01-02T03:04:00.000006+02:00'),
      'datetime.datetime(2030, 1, 2, 3, 4, 0, 6, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))',
    ],
    [
      new PyDateTime('2030-01-02T03:04-01:00'),
      'datetime.datetime(2030, 1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=82800)))',
    ],
    [new PyTime('03:04:05+00:00:00.000001'), 'datetime.time(3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(microseconds=1)))'],
    [new PyDate('2030-01-02'), 'datetime.date(2030, 1, 2)'],
    [new Decimal('1.50'), "Decimal('1.50')"],
    [new Uuid('12345678123456781234567812345678'), "UUID('12345678-1234-5678-1234-567812345678')"],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [function named() {}, '<function named>'],
    [(() => () => {})(), '<function anonymous>'],
    [new Map(), '<Map>'],
    [Object.create({ constructor: undefined }), '<object>'],
    [new TypeError("it's"), "TypeError('it\\'s')"],
    [new Error(''), 'Error()'],
    [new Date(Number.NaN), 'Invalid Date'],
    [new URL('https://example.com/'), "'https://example.com/'"],
    [{ toJSON: () => [1] }, '[1]'],
    [[true, false, null, 1n], '[True, False, None, 1]'],
    [{ a: undefined, b: 1 }, "{'b': 1}"],
    [Object.assign(Object.create(null), { a: 1 }), "{'a': 1}"],
  ])('prints %s as Python prints what is sent', (value, text) => {
    expect(saferepr(value)).toBe(text);
    expect(saferepr([value])).toBe(`[${text}]`);
  });

  it('prints a toJSON that fails, or gives another one, by its class', () => {
    const failing = { toJSON: () => JSON.parse('{') };
    expect(saferepr(failing)).toBe('<Object>');
    const again = { toJSON: () => again };
    expect(saferepr(again)).toBe('<Object>');
  });

  it('prints a circle as such', () => {
    const list: unknown[] = [];
    list.push(list, { list });
    expect(saferepr(list)).toBe("[<Recursion on list>, {'list': <Recursion on list>}]");
    const dict: Record<string, unknown> = {};
    dict['self'] = dict;
    expect(saferepr(dict)).toBe("{'self': <Recursion on dict>}");
  });

  it('cuts at the last space, counting code points', () => {
    expect(saferepr('one two three', { maxLength: 10 })).toBe("'one two...'");
    expect(saferepr('🚀'.repeat(12), { maxLength: 10 })).toBe(`'${'🚀'.repeat(10)}...'`);
    expect(saferepr('🚀'.repeat(9), { maxLength: 10 })).toBe(`'${'🚀'.repeat(9)}'`);
    expect(saferepr(Buffer.from('abcdef'), { maxLength: 3 })).toBe("b'abc...'");
    expect(saferepr([new PyDate('2030-01-02')], { maxLength: 22 })).toBe('[datetime.date(2030,..., ...');
  });

  it('leaves the rest out, and the brackets as Celery 5.6 does', () => {
    // Each as Celery 5.6.3 prints it.
    expect(saferepr([1, 2, 3], { maxLength: 4 })).toBe('[1, , ...]');
    expect(saferepr([[1, 2], [3], { a: 4 }], { maxLength: 3 })).toBe('[[1..., ...]]');
    expect(saferepr({ a: 1, b: { c: 2 } }, { maxLength: 6 })).toBe("{'a': , ...}");
    expect(saferepr([1, [2], 3], { maxLength: 4, depth: 1 })).toBe('[1, , ...]');
    expect(saferepr([[[1]]], { maxLength: 1 })).toBe('[, ...]]');
    expect(saferepr([1, [2], 3], { maxLength: 2 })).toBe('[1..., ...]');
  });

  it('prints as deep as it is asked to', () => {
    expect(saferepr([[1]], { depth: 1 })).toBe('[[...]]');
    expect(saferepr([[[[[1]]]]], { depth: 5 })).toBe('[[[[[1]]]]]');
  });
});
