/** Real messages with hostile changes in any of their layers: a recipe of numbers, which fast-check shrinks, becomes one record. */

import { randomUUID } from 'node:crypto';
import { brotliCompressSync, deflateSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { SqsRecord } from '../../src/lambda/event.ts';
import { createSqsRecord } from '../../src/testing/events.ts';
import { HOSTILE_JSON, HOSTILE_NAMES, HOSTILE_SIGNATURES, SECRET } from './hostile-values.ts';
import { recordedMessages } from './recorded.ts';

/** One change: which of them, where, and with what. */
type Step = readonly [change: number, at: number, pick: number];

export interface Recipe {
  /** Which recorded message. */
  readonly message: number;
  readonly steps: readonly Step[];
  /** How body and envelope are packed. */
  readonly packing: number;
  /** Changes of the packed text. */
  readonly edits: readonly Step[];
  readonly receives: number;
  readonly attributes: number;
}

const step = fc.tuple(fc.nat(), fc.nat(), fc.nat());

export const recipe: fc.Arbitrary<Recipe> = fc.record({
  message: fc.nat(),
  steps: fc.array(step, { maxLength: 3 }),
  packing: fc.nat(),
  // An edit of the text leaves little to be read, so that few have one.
  edits: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(step, { minLength: 1, maxLength: 2 }) }),
  receives: fc.nat(),
  attributes: fc.nat(),
});

type Json = { [name: string]: unknown };

interface Opened {
  readonly envelope: Json;
  readonly body: unknown;
}

const opened: readonly Opened[] = recordedMessages().map(({ messageBody }) => {
  const text = messageBody.startsWith('{') ? messageBody : Buffer.from(messageBody, 'base64').toString();
  const envelope = JSON.parse(text) as Json;
  const inner = Buffer.from(String(envelope['body']), 'base64').toString();
  return { envelope, body: parsed(inner) };
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

// ── values ──────────────────────────────────────────────────────────────────

/** Stands in a tree for a JSON text, which `write` puts in its place. */
const RAW = /"@@raw:(\d+)@@"/g;
const raws = [...HOSTILE_JSON, ...HOSTILE_SIGNATURES];
const raw = (index: number): string => `@@raw:${index}@@`;
const hostile = (pick: number): string => raw(pick % HOSTILE_JSON.length);
const signature = (pick: number): string => raw(HOSTILE_JSON.length + (pick % HOSTILE_SIGNATURES.length));
const write = (tree: unknown): string => JSON.stringify(tree).replace(RAW, (_, index) => raws[Number(index)]!);

// ── changes of the structure ────────────────────────────────────────────────

const HEADERS = 'task id retries eta expires timelimit group group_index root_id parent_id shadow lang argsrepr kwargsrepr origin'
  .split(' ')
  .concat('ignore_result', 'replaced_task_nesting', 'stamped_headers', 'stamps', 'compression', '__proto__', 'x-custom');
const PROPERTIES = 'body_encoding delivery_info priority delivery_mode delivery_tag correlation_id reply_to expiration __proto__'.split(
  ' ',
);
const EMBEDDED = ['callbacks', 'errbacks', 'chain', 'chord'];
const PARTS = ['body', 'headers', 'properties', 'content-type', 'content-encoding', '__proto__', 'extra'];
const DATES = ['2030-02-30', '1', '2030-01-02T12:00:01', '9999-12-31T23:59:59', '2030-01-02T12:00:00Z', '2030-01-02T11:59:59+00:00'];

interface Draft {
  envelope: Json;
  body: unknown;
}

type Change = (draft: Draft, where: number, pick: number) => void;

const CHANGES: readonly Change[] = [
  ({ envelope }, where, pick) => set(recordIn(envelope, 'headers'), at(HEADERS, where), hostile(pick)),
  ({ envelope }, where, pick) => set(recordIn(envelope, 'headers'), at(['task', 'id', 'root_id', 'group'], where), at(HOSTILE_NAMES, pick)),
  ({ envelope }, where, pick) => set(recordIn(envelope, 'headers'), at(['eta', 'expires'], where), at(DATES, pick)),
  ({ envelope }, where, pick) => set(recordIn(envelope, 'headers'), 'retries', raw(where % 2 === 0 ? pick % HOSTILE_JSON.length : 8)),
  ({ envelope }, where) => void delete recordIn(envelope, 'headers')[at(HEADERS, where)],
  ({ envelope }, where, pick) => set(recordIn(envelope, 'properties'), at(PROPERTIES, where), hostile(pick)),
  ({ envelope }, where) => void delete recordIn(envelope, 'properties')[at(PROPERTIES, where)],
  ({ envelope }, where, pick) => set(envelope, at(PARTS, where), hostile(pick)),
  ({ envelope }, where) => void delete envelope[at(PARTS, where)],
  (draft, where, pick) => (draft.body = replacedAt(draft.body, where, hostile(pick))),
  (draft, where, pick) => (draft.body = replacedAt(draft.body, where, at(HOSTILE_NAMES, pick))),
  (draft, where, pick) => (draft.body = replacedAt(draft.body, where, { [at(HOSTILE_NAMES, pick)]: SECRET, [SECRET]: hostile(where) })),
  ({ body }, where, pick) =>
    set(embedOf(body), at(EMBEDDED, where), where % 4 === 3 ? signature(pick) : [signature(pick), signature(where)]),
  ({ body }, where, pick) => set(embedOf(body), at(EMBEDDED, where), hostile(pick)),
  ({ body }, where, pick) => pushArgument(body, where % 2 === 0 ? SECRET : hostile(pick)),
  ({ envelope, body }, _where, pick) => {
    set(recordIn(envelope, 'headers'), 'task', at(HOSTILE_NAMES.slice(-10), pick));
    pushArgument(body, signature(pick));
  },
];

function recordIn(parent: Json, name: string): Json {
  const part = parent[name];
  return typeof part === 'object' && part !== null ? (part as Json) : {};
}

/** Own property whatever the name, `__proto__` included. */
function set(target: Json, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function embedOf(body: unknown): Json {
  const embed = Array.isArray(body) ? body[2] : body;
  return typeof embed === 'object' && embed !== null ? (embed as Json) : {};
}

function pushArgument(body: unknown, value: unknown): void {
  const args = Array.isArray(body) ? body[0] : (body as Json | null)?.['args'];
  if (Array.isArray(args)) args.push(value);
}

/** The tree with its n-th node, counted round, replaced. */
function replacedAt(tree: unknown, where: number, value: unknown): unknown {
  const places: { parent: Json; key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ parent: node as Json, key });
      walk((node as Json)[key]);
    }
  };
  walk(tree);
  const place = where % (places.length + 1);
  if (place === places.length) return value;
  set(places[place]!.parent, places[place]!.key, value);
  return tree;
}

// ── packing ─────────────────────────────────────────────────────────────────

type Packing = (text: string, envelope: Json) => string;

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');

function compressed(header: string, compress: (data: Uint8Array) => Uint8Array): Packing {
  return (text, envelope) => {
    set(recordIn(envelope, 'headers'), 'compression', header);
    return base64(compress(Buffer.from(text)));
  };
}

const bomb = (header: string, packed: Uint8Array): Packing => compressed(header, () => packed);
const ZEROS = Buffer.alloc(9_000_000, '0');

/** Bodies as they should be, mostly; and in every form that is nearly one. */
const BODIES: readonly Packing[] = [
  ...Array.from({ length: 36 }, (): Packing => (text) => base64(text)),
  compressed('application/x-gzip', deflateSync),
  compressed('application/x-brotli', (data) => brotliCompressSync(data, { params: { 1: 1 } })),
  compressed('application/zstd', zstdCompressSync),
  compressed('application/zstd', (data) => zstdCompressSync(data).subarray(0, -3)),
  compressed('application/x-gzip', (data) => data),
  (text) => text,
  (text) => base64(text).replace(/=+$/, ''),
  (text) => base64(text).replaceAll('A', '-').replaceAll('I', '_'),
  (text) => `${base64(text)}=`,
  (text) => base64(text).replace(/.{20}/g, '$&\n'),
  (text) => base64(Buffer.from(text, 'latin1').map((byte, index) => (index % 13 === 5 ? byte | 0x80 : byte))),
  (text) => base64(`\ufeff${text}`),
  (text) => base64(Buffer.from(text, 'utf16le')),
  (text) => base64(`${text}${text}`),
];

/** They cost far more than others, so that few cases carry one; hostile-budget tries each. */
const BOMBS: readonly Packing[] = [
  bomb('application/x-gzip', deflateSync(ZEROS)),
  bomb('application/x-brotli', brotliCompressSync(ZEROS, { params: { 1: 4 } })),
  bomb('application/zstd', zstdCompressSync(ZEROS)),
];
const BOMB_EVERY = 997;

const OUTERS: readonly ((text: string) => string)[] = [
  ...Array.from({ length: 12 }, () => (text: string) => base64(text)),
  ...Array.from({ length: 12 }, () => (text: string) => text),
  (text) => ` \n${base64(text)}\n`,
  (text) => base64(base64(text)),
  (text) => `\ufeff${text}`,
  (text) => base64(text).replace(/=+$/, ''),
  (text) => JSON.stringify(text),
];

function edited(text: string, [, where, pick]: Step): string {
  const start = where % (text.length + 1);
  const inserted = at(['', '"', '}', '\\', '\u0000', '=', '[', ',', '\ud800', '9', 'e', ':', '{'], pick);
  return text.slice(0, start) + inserted + text.slice(start + (pick % 4));
}

// ── records ─────────────────────────────────────────────────────────────────

const ATTRIBUTES: readonly SqsRecord['messageAttributes'][] = [
  {},
  {},
  { 'celeriac.hops': { dataType: 'Number', stringValue: '40000' } },
  { 'celeriac.hops': { dataType: 'Number', stringValue: '1e999' } },
  { 'celeriac.hops': { dataType: 'String', stringValue: '-1' } },
  { 'celeriac.code': { dataType: 'String', stringValue: 'killer' }, 'celeriac.firstSeen': { dataType: 'Number', stringValue: '-1e400' } },
  { 'celeriac.id': { dataType: 'Binary', binaryValue: 'AAAA' }, 'celeriac.reason': { dataType: 'String', stringValue: '\u0000\ud800' } },
  { 'celeriac.signature': { dataType: 'String', stringValue: 'v1 k 0 AAAA' } },
  JSON.parse('{"__proto__": {"dataType": "String", "stringValue": "x"}, "constructor": {"dataType": "Number.int", "stringValue": "x"}}'),
  { list: { dataType: 'StringListValue' }, empty: { dataType: 'String', stringValue: '' }, odd: { dataType: '', binaryValue: '' } },
  Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a${index}`, { dataType: 'String', stringValue: 'v'.repeat(200) }])),
];

/** The record of a recipe, with an id of its own. */
export function toRecord(recipe: Recipe): SqsRecord {
  return createSqsRecord(toText(recipe), {
    messageId: randomUUID(),
    receiveCount: at([1, 1, 1, 2, 5, 1_000_000], recipe.receives),
    messageAttributes: at(ATTRIBUTES, recipe.attributes),
  });
}

function toText({ message, steps, packing, edits }: Recipe): string {
  const draft = structuredClone(at(opened, message)) as Draft;
  for (const [change, where, pick] of steps) at(CHANGES, change)(draft, where, pick);
  const { envelope } = draft;
  const inner = typeof draft.body === 'string' && !draft.body.startsWith('@@') ? draft.body : write(draft.body);
  const [first, second] = edits;
  const text = second === undefined ? inner : edited(inner, second);
  // A part that was left out stays out, and one that was replaced stays replaced.
  const pack = packing % BOMB_EVERY === 1 ? at(BOMBS, packing) : at(BODIES, packing);
  if (typeof envelope['body'] === 'string' && !envelope['body'].startsWith('@@')) envelope['body'] = pack(text, envelope);
  const outer = at(OUTERS, packing >> 5)(write(envelope));
  return first === undefined ? outer : edited(outer, first);
}

/** Text that never was a message. */
export const noise: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.base64String({ maxLength: 60 }),
  fc.json({ maxDepth: 2 }),
  fc.json({ maxDepth: 2 }).map((text) => base64(text)),
  fc.constantFrom(...HOSTILE_JSON),
  fc.constantFrom(...HOSTILE_JSON).map((text) => base64(text)),
);
