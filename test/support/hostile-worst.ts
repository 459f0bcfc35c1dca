/** The worst that fits into one message of SQS, by name: what costs most to decompress, parse, count, compare or refuse. */

import { brotliCompressSync, deflateSync, zstdCompressSync } from 'node:zlib';
import { base64, EMPTY_EMBED, envelopeText } from './messages.ts';

/** All that SQS carries, in characters. */
const MESSAGE = 1_048_576;
/** What is left for a body's JSON, by two layers of base64 or by one. */
const INNER = Math.floor(MESSAGE * 0.74);
const INFLATED = 8_388_608;

const headers = (more: object = {}) => ({ task: 'good', id: 'worst', ...more });
const plain = (args: string, more: object = {}): string =>
  envelopeText({ headers: headers(more), rawBody: base64(`[${args}, {}, ${JSON.stringify(EMPTY_EMBED)}]`) });
const fill = (unit: string, length: number): string => unit.repeat(Math.floor(length / unit.length));
/** Units with commas between them, in brackets. */
const list = (unit: string, length: number): string => `[${fill(`${unit},`, length - unit.length - 2)}${unit}]`;
const keys = (length: number, of: (index: number) => string): string => {
  const pairs: string[] = [];
  for (let left = length, index = 0; left > 0; index++) {
    const pair = of(index);
    pairs.push(pair);
    left -= pair.length + 1;
  }
  return `{${pairs.join(',')}}`;
};

const METHODS: ReadonlyMap<string, (data: Uint8Array) => Uint8Array> = new Map([
  ['application/x-gzip', deflateSync],
  ['application/x-brotli', (data: Uint8Array) => brotliCompressSync(data, { params: { 1: 4 } })],
  ['application/zstd', zstdCompressSync],
]);

function packed(type: string, text: string): string {
  const body = base64(METHODS.get(type)!(Buffer.from(text)));
  return envelopeText({ headers: headers({ compression: type }), rawBody: body });
}

/** Inflates to just what is read. */
const inflated = (unit: (length: number) => string): string => packed('application/zstd', `[${unit(INFLATED - 20)}, {}, null]`);

const distinct = (length: number): string => keys(length, (index) => `"k${index.toString(36)}":0`);
const signature = '{"task":"good"}';

/** Values that are counted for one unit, and the unit, distinct by its number and so wide that all take the whole text. */
const AT_LIMIT: readonly (readonly [name: string, values: number, unit: (index: number, width: number) => string])[] = [
  ['long integers', 1, (index, width) => `${1e16 + index}`.padEnd(width, '0')],
  ['fractions', 1, (index, width) => `${index}.`.padEnd(width, '7')],
  ['distinct strings', 1, (index, width) => `"${String(index).padStart(width - 2, 'x')}"`],
  ['distinct strings of wide characters', 1, (index, width) => `"ä${String(index).padStart(width - 5, 'x')}"`],
  ['objects of keys of their own', 2, (index, width) => `{"${String(index).padStart(width - 6, 'k')}":0}`],
  ['objects of escaped keys of their own', 4, (index, width) => `{"\\u0061${String(index).padStart(width - 12, 'k')}":0}`],
  ['arrays of one', 2, (index, width) => `[${`${index}.`.padEnd(width - 2, '5')}]`],
  ['datetimes', 3, (index, width) => `{"__type__":"datetime","__value__":"2030-01-02T03:04:05.${String(index).padEnd(width - 58, '0')}"}`],
  ['uuids', 5, (index) => `{"__type__":"uuid","__value__":{"hex":"${index.toString(16).padStart(32, '0')}"}}`],
];

const LIMIT = 262_144 - 20;

function atLimit(values: number, unit: (index: number, width: number) => string, length: number): string {
  const count = Math.floor(LIMIT / values);
  const width = Math.floor(length / count) - 1;
  return `[[${Array.from({ length: count }, (_, index) => unit(index, width)).join(',')}]]`;
}

export const WORST: ReadonlyMap<string, () => string> = new Map([
  ...[...METHODS.keys()].map((type) => [`a zip bomb of ${type}`, () => packed(type, '0'.repeat(200_000_000))] as const),
  ['1 MiB of arrays within each other', () => '['.repeat(MESSAGE)],
  ['1 MiB of closed arrays within each other', () => plain('['.repeat(INNER / 2) + ']'.repeat(INNER / 2))],
  ['1 MiB of objects within each other', () => fill('{"":', MESSAGE)],
  ['1 MiB of digits', () => plain(`[${'9'.repeat(INNER)}]`)],
  ['1 MiB of digits after the point', () => plain(`[0.${'9'.repeat(INNER)}]`)],
  ['integers of 4300 digits', () => plain(list('9'.repeat(4300), INNER))],
  ['integers of 17 digits', () => plain(list('12345678901234567', INNER))],
  ['empty arrays', () => plain(list('[]', INNER))],
  ['empty objects', () => plain(list('{}', INNER))],
  ['an object of as many keys as fit', () => plain(`[${distinct(INNER)}]`)],
  ['an object of escaped keys', () => plain(`[${keys(INNER, (index) => `"\\u0061${index.toString(36)}":0`)}]`)],
  ['tagged values', () => plain(list('{"__type__":"date","__value__":"2030-01-02"}', INNER))],
  ['tagged values none of which is one', () => plain(list('{"__type__":"date"}', INNER))],
  ['NaN among strings', () => plain(`[NaN,${fill('"",', INNER)}""]`)],
  ['as many arguments as fit', () => plain(list('0', INNER))],
  ['backslashes', () => plain(`["${fill('\\\\', INNER)}"]`)],
  ['escapes that are nearly keys', () => plain(`["${fill('\\" ', INNER)}"]`)],
  ['long base64 that is none', () => 'A'.repeat(MESSAGE - 1)],
  ['long base64 of base64', () => base64(base64('A'.repeat(MESSAGE * 0.5)))],
  ['long base64 in a tagged value', () => plain(`[{"__type__":"base64","__value__":"${'A'.repeat(INNER - 60)}"}]`)],
  ['a decimal hard on a regular expression', () => plain(`[{"__type__":"decimal","__value__":"${'1'.repeat(INNER - 100)}x"}]`)],
  ['a date hard on a regular expression', () => plain('[]', { eta: `2030-01-02T03:04:05.${'0'.repeat(MESSAGE - 900)}x` })],
  ['dates that are nearly good', () => plain(list(`{"__type__":"datetime","__value__":"2030-01-02T03:04:05.${'0'.repeat(40)}"}`, INNER))],
  ['white space around the message', () => `${' '.repeat(MESSAGE / 2)}x${' '.repeat(MESSAGE / 2 - 1)}`],
  ['white space within base64', () => envelopeText({ headers: headers(), rawBody: 'A\n'.repeat(INNER / 3) })],
  ['a task name as long as the message', () => plain('[]', { task: 'n'.repeat(MESSAGE - 900) })],
  ['an id as long as the message', () => plain('[]', { id: 'n'.repeat(MESSAGE - 900) })],
  ['headers of as many keys as fit', () => envelopeText({ headers: headers(JSON.parse(distinct(INNER))) })],
  ...['9e99', 'NaN', '12345678901234567'].map((first): [string, () => string] => [
    `headers of as many values as fit, and ${first}`,
    () =>
      envelopeText({ headers: headers(), rawBody: base64(`[[], {}, null]`) }).replace(
        '"worst"',
        `"worst","x":[${first},${fill('{},', INNER)}{}]`,
      ),
  ]),
  ['signatures in a chain', () => envelopeText({ headers: headers(), rawBody: base64(`[[], {}, {"chain": ${list(signature, INNER)}}]`) })],
  ['line separators and surrogates', () => plain(`["${fill('\\u2028\\ud800', INNER)}"]`)],
  ['inflated digits', () => inflated((length) => `[${'9'.repeat(length)}]`)],
  ['inflated integers of 17 digits', () => inflated((length) => list('12345678901234567', length))],
  [
    'strings beside NaN',
    () => inflated((length) => `[[NaN],${atLimit(1, (index, width) => `"${String(index).padStart(width - 3, 'x')}"`, length - 10)}]`),
  ],
  ['inflated empty arrays', () => inflated((length) => list('[]', length))],
  ['inflated empty objects', () => inflated((length) => list('{}', length))],
  ['inflated objects beside one long integer', () => inflated((length) => `[12345678901234567,${list('{}', length - 20)}]`)],
  ['inflated small integers', () => inflated((length) => list('0', length))],
  ['inflated fractions', () => inflated((length) => list('.5'.padStart(3, '0'), length))],
  ['inflated strings', () => inflated((length) => list('""', length))],
  ['inflated strings beside NaN', () => inflated((length) => `[NaN,${list('""', length - 10)}]`)],
  ['inflated keys', () => inflated((length) => `[${distinct(length)}]`)],
  ['inflated escaped keys', () => inflated((length) => `[${keys(length, (index) => `"\\u0061${index.toString(36)}":0`)}]`)],
  ['inflated tagged values', () => inflated((length) => list('{"__type__":"date","__value__":"2030-01-02"}', length))],
  ['inflated objects of one key', () => inflated((length) => list('{"a":0}', length))],
  ['inflated objects of keys of their own', () => inflated((length) => `[${[...keysOfTheirOwn(length)].join(',')}]`)],
  ...AT_LIMIT.map(
    ([name, values, unit]) => [`as many ${name} as are read`, () => inflated((length) => atLimit(values, unit, length))] as const,
  ),
  ['one inflated string', () => inflated((length) => `["${'x'.repeat(length - 10)}"]`)],
  ['one inflated string of wide characters', () => inflated((length) => `["${'ä'.repeat(length / 2 - 10)}"]`)],
  ['inflated arguments beyond a call', () => packed('application/zstd', `[${list('0', 400_000)}, {}, null]`)],
]);

function* keysOfTheirOwn(length: number): Generator<string> {
  for (let left = length, index = 0; left > 20; index++) {
    const item = `{"${index.toString(36)}":0}`;
    yield item;
    left -= item.length + 1;
  }
}
