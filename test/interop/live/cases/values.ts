/** Every kind of value, both ways: what Python's expression is here, and what ours is there. */

import { deepEqual } from 'node:assert/strict';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../../src/index.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

/** Python's expression, and the value it is in JavaScript. */
type Pair = readonly [python: string, value: unknown];

const bytes = (...given: number[]): Uint8Array => Uint8Array.from(given);

const VALUES: readonly Pair[] = [
  ['None', null],
  ['True', true],
  ['1', 1],
  ['-1.5', -1.5],
  ['1e-07', 1e-7],
  ['1.7976931348623157e+308', Number.MAX_VALUE],
  ['-0.0', -0],
  ['""', ''],
  [
    String.raw`"Grüße, 你好, \u2028 🎉 \U0001F469\u200d\U0001F680 \"quoted\" back\\slash\n\t\x00\x7f"`,
    'Grüße, 你好, \u2028 🎉 👩\u200d🚀 "quoted" back\\slash\n\t\0\x7f',
  ],
  ['datetime(2030, 1, 2, 3, 4, 5, 6, timezone.utc)', new PyDateTime('2030-01-02T03:04:05.000006+00:00')],
  ['datetime(2030, 1, 2, 3, 4, 5, 987654, timezone(timedelta(hours=5, minutes=30)))', new PyDateTime('2030-01-02T03:04:05.987654+05:30')],
  ['datetime(2030, 1, 2, 3, 4, 5, 987654)', new PyDateTime('2030-01-02T03:04:05.987654')],
  ['datetime(1969, 7, 20, 20, 17)', new PyDateTime('1969-07-20T20:17:00')],
  ['date(2030, 1, 2)', new PyDate('2030-01-02')],
  ['time(3, 4, 5, 678)', new PyTime('03:04:05.000678')],
  ['time(3, 4)', new PyTime('03:04:00')],
  ['Decimal("10.50")', new Decimal('10.50')],
  ['Decimal("1E+40")', new Decimal('1E+40')],
  ['Decimal("NaN")', new Decimal('NaN')],
  ['UUID("12345678-1234-5678-1234-567812345678")', new Uuid('12345678123456781234567812345678')],
  ['"Grüße".encode()', new TextEncoder().encode('Grüße')],
  ['b"\\xff\\xfe\\x00"', bytes(0xff, 0xfe, 0)],
  ['b""', bytes()],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740993', 9007199254740993n],
  ['-2 ** 70', -(2n ** 70n)],
  ['10 ** 400', 10n ** 400n],
  ['float("nan")', Number.NaN],
  ['float("inf")', Number.POSITIVE_INFINITY],
  ['float("-inf")', Number.NEGATIVE_INFINITY],
  [
    '{"a": [1, {"when": date(2030, 1, 2), "n": 2 ** 64}], "": None}',
    { a: [1, { when: new PyDate('2030-01-02'), n: 2n ** 64n }], '': null },
  ],
  ['{"constructor": 1, "toString": [2]}', { constructor: 1, toString: [2] }],
  ['{"__type__": "datetime", "other": 1}', { __type__: 'datetime', other: 1 }],
];

/** Python sends it; our task sees the value, gives it back, and Python reads from our result what it had sent. */
export const valuesToTypeScript = ({ python, ran, stored }: World): readonly Case[] =>
  VALUES.map(([text, value]) => ({
    name: `the value ${text}`,
    run: async () => {
      const id = await python.send(`inspect.delay(${text}, key=${text})`);
      const { args, kwargs } = await ran(id);
      deepEqual([args, kwargs], [[value], { key: value }]);
      await stored(id);
      const expected = await python.value<string>(`repr([[${text}], {'key': ${text}}])`);
      deepEqual(await python.value(`got(${JSON.stringify(id)})`), expected);
    },
  }));

/** We send it; Python's task sees the value, gives it back, and we read from Python's result what we had sent. */
export const valuesToPython = ({ python, app, seen }: World): readonly Case[] =>
  VALUES.map(([text, value]) => ({
    name: `the value ${text}`,
    run: async () => {
      const sent = await app.sendTask('py.inspect', [value], { kwargs: { key: value } });
      const { repr } = await seen(`a run of ${sent.id}`, ({ id }) => id === sent.id);
      deepEqual(repr, await python.value<string[]>(`[repr([${text}]), repr({'key': ${text}})]`));
      deepEqual(await sent.get({ timeout: 20, interval: 0.05 }), [[value], { key: value }]);
    },
  }));
