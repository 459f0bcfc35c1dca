import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Codec, createCodecs, jsonCodec } from '../../../src/wire/codecs.ts';
import { EMPTY_EMBED } from '../../../src/wire/message.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { base64, type EnvelopeParts, envelopeText, headersWith, thrownBy } from '../../support/messages.ts';
import { msgpackCodec } from '../../support/msgpack.ts';

const codecs = createCodecs();
const read = (parts: EnvelopeParts = {}, more = {}) => readMessage(envelopeText(parts), { codecs, ...more });
const codeOf = (parts: EnvelopeParts, more = {}): string | undefined => thrownBy(() => read(parts, more)).code;
const signature = { task: 'next', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };

describe('protocol 2', () => {
  test('args, kwargs, headers and properties are read', () => {
    const message = read({ body: [[1], { x: 2 }, {}], properties: { body_encoding: 'base64', foo: 1 } });
    expect(message).toEqual({
      protocol: 2,
      contentType: 'application/json',
      headers: { task: 'proj.add', id: 'id-1' },
      properties: { body_encoding: 'base64', foo: 1 },
      args: [1],
      kwargs: { x: 2 },
      embed: EMPTY_EMBED,
    });
  });

  test.each([null, {}, { callbacks: null }, { chain: null, chord: null, other: 1 }])('the embed %j is the empty one', (embed) => {
    expect(read({ body: [[], {}, embed] }).embed).toBe(EMPTY_EMBED);
  });

  test('signatures within embed are read, and empty lists stay', () => {
    const embed = {
      callbacks: [{ task: 'next' }],
      errbacks: [],
      chain: [signature, signature],
      chord: { ...signature, options: { a: null } },
    };
    expect(read({ body: [[], {}, embed] }).embed).toEqual({
      callbacks: [signature],
      errbacks: [],
      chain: [signature, signature],
      chord: signature,
    });
  });

  test.each([1, 'x', [], { callbacks: signature }, { errbacks: ['x'] }, { chain: 'x' }, { chord: [signature] }, { chord: {} }])(
    'the embed %j is refused',
    (embed) => {
      expect(codeOf({ body: [[], {}, embed] })).toBe('bad-embed');
    },
  );

  test.each([
    ['a pair', [[1, 2], {}]],
    ['four parts', [[], {}, {}, {}]],
    ['an empty array', []],
    ['an object without args', { kwargs: {} }],
    ['text', 'args'],
    ['null', null],
  ])('a body that is %s is refused', (_what, body) => {
    expect(codeOf({ body })).toBe('bad-body-shape');
  });

  test.each([null, [], 'x', 1])('keyword arguments %j are refused', (kwargs) => {
    expect(codeOf({ body: [[], kwargs, {}] })).toBe('bad-kwargs');
  });

  test.each([
    [null, 'NoneType'],
    [1, 'int'],
    [true, 'bool'],
  ])('arguments %j are read as a fault that ends the task as Python ends it', (args, type) => {
    const message = read({ body: [args, {}, {}] });
    expect(message.args).toEqual([]);
    expect(message.argsFault).toBe(`argument after * must be an iterable, not ${type}`);
  });

  test.each(['ab', { a: 1 }])('arguments %j, which Python would take apart, are refused', (args) => {
    expect(codeOf({ body: [args, {}, {}] })).toBe('bad-args');
  });

  test('a header __proto__ and keyword arguments of that name reach no prototype', () => {
    const headers = JSON.parse('{"task": "t", "id": "i", "__proto__": {"retries": 9}}');
    const kwargs = JSON.parse('{"__proto__": {"polluted": 1}}');
    const message = read({ headers, body: [[], kwargs, {}] });
    expect(message.headers.retries).toBeUndefined();
    expect(Object.getPrototypeOf(message.kwargs)).toBe(Object.prototype);
    expect(Object.keys(message.kwargs)).toEqual(['__proto__']);
  });
});

describe('protocol 1', () => {
  const v1 = (body: unknown, headers: unknown = {}) => read({ headers, body });

  test('the fields of the body become headers, unknown ones included', () => {
    const message = v1({
      task: 't',
      id: 'i',
      args: [1],
      kwargs: { x: 1 },
      retries: 1,
      utc: true,
      eta: null,
      mine: 1,
      callbacks: [signature],
    });
    expect(message).toMatchObject({ protocol: 1, args: [1], kwargs: { x: 1 } });
    expect(message.headers).toEqual({ task: 't', id: 'i', retries: 1, eta: null, mine: 1 });
    expect(message.embed).toEqual({ callbacks: [signature], errbacks: null, chain: null, chord: null });
  });

  test('args and kwargs may be left out, and null args are a fault', () => {
    expect(v1({ task: 't', id: 'i' })).toMatchObject({ args: [], kwargs: {} });
    expect(v1({ task: 't', id: 'i', args: null }).argsFault).toContain('NoneType');
  });

  test('the old name taskset stands for the group', () => {
    expect(v1({ task: 't', id: 'i', taskset: 'g', group: 'old' }).headers).toEqual({ task: 't', id: 'i', group: 'g' });
    expect(v1({ task: 't', id: 'i', taskset: null, group: 'g' }).headers.group).toBe('g');
  });

  test('a time is read the same whatever utc says', () => {
    const eta = '2030-01-02T03:04:05';
    expect(v1({ task: 't', id: 'i', utc: false, eta }).headers).toEqual({ task: 't', id: 'i', eta });
  });

  test('headers beside the body are kept', () => {
    expect(v1({ task: 't', id: 'i' }, { trace: 'x' }).headers).toEqual({ task: 't', id: 'i', trace: 'x' });
  });

  test.each([
    ['no-task-name', { id: 'i' }],
    ['no-task-name', [[], {}, {}]],
    ['no-task-name', 'text'],
    ['no-task-name', null],
    ['no-task-name', { task: 5, id: 'i' }],
    ['no-id', { task: 't' }],
    ['bad-kwargs', { task: 't', id: 'i', kwargs: null }],
    ['bad-eta', { task: 't', id: 'i', eta: 'soon' }],
    ['bad-embed', { task: 't', id: 'i', callbacks: {} }],
  ])('%s: %j', (code, body) => {
    expect(thrownBy(() => v1(body)).code).toBe(code);
  });

  test('a null task header is no protocol 1', () => {
    expect(codeOf({ headers: { task: null, id: 'i' }, body: { task: 't', id: 'i', args: [] } })).toBe('no-task-name');
  });
});

test('in the hybrid of both protocols the headers win over the body', () => {
  const body = { task: 'body', id: 'i', args: [1], kwargs: {}, retries: 3, group: 'g' };
  const message = read({ headers: headersWith({ retries: 1 }), body });
  expect(message).toMatchObject({ protocol: 1, args: [1] });
  expect(message.headers).toEqual(headersWith({ retries: 1, group: 'g' }));
});

describe('compression and codecs', () => {
  const compressed = (header: unknown, body: Uint8Array): EnvelopeParts => ({
    headers: headersWith({ compression: header }),
    rawBody: base64(body),
  });
  const json = Buffer.from('[[7], {}, {}]');

  test.each(['application/x-gzip', 'gzip'])('a body compressed as %s is read', (header) => {
    expect(read(compressed(header, deflateSync(json))).args).toEqual([7]);
  });

  test('a body that Celery 5.3 left uncompressed under the header of its predecessor is read', () => {
    expect(read(compressed('application/x-gzip', json)).args).toEqual([7]);
    expect(codeOf(compressed('application/x-gzip', Buffer.from('no JSON')))).toBe('bad-compression');
    expect(codeOf(compressed('application/x-foo', json))).toBe('unknown-compression');
  });

  test('a body of protocol 1 left uncompressed is read as well', () => {
    const body = Buffer.from('{"task": "t", "id": "i"}');
    expect(readMessage(envelopeText({ headers: { compression: 'zlib' }, rawBody: base64(body) }), { codecs }).headers.task).toBe('t');
  });

  test('a null compression is none, and one that is no text is refused', () => {
    expect(read({ headers: headersWith({ compression: null }) }).args).toEqual([2, 3]);
    expect(codeOf({ headers: headersWith({ compression: 1 }) })).toBe('bad-headers');
  });

  test('decompressed text must be UTF-8 and within the limit', () => {
    expect(codeOf(compressed('zlib', deflateSync(Uint8Array.of(0x22, 0xff, 0x22))))).toBe('bad-utf8');
    expect(codeOf(compressed('zlib', deflateSync(json)), { limits: { decompressedBytes: 5 } })).toBe('too-large');
  });

  test('plugged methods of compression are used', () => {
    const plain = { names: [], contentType: 'plain', compress: (data: Uint8Array) => data, decompress: (data: Uint8Array) => data };
    expect(read(compressed('plain', json), { compressions: [plain] }).args).toEqual([7]);
  });

  const msgpack = createCodecs({ codecs: [msgpackCodec], acceptContent: ['json', 'msgpack'] });
  const packed = Uint8Array.of(0x93, 0x91, 0x07, 0x80, 0xc0);

  test('a binary codec is handed bytes, compressed or not', () => {
    const contentType = 'application/x-msgpack';
    expect(read({ contentType, rawBody: base64(packed) }, { codecs: msgpack }).args).toEqual([7]);
    expect(read({ ...compressed('zlib', deflateSync(packed)), contentType }, { codecs: msgpack }).args).toEqual([7]);
  });

  test('only JSON may be left uncompressed', () => {
    const parts = { ...compressed('zlib', Buffer.from('[')), contentType: 'application/x-msgpack' };
    expect(codeOf(parts, { codecs: msgpack })).toBe('bad-compression');
  });

  test('whatever a codec throws is a decode error', () => {
    const broken: Codec = {
      ...jsonCodec,
      decode: () => {
        throw new TypeError('mine');
      },
    };
    expect(codeOf({}, { codecs: createCodecs({ codecs: [broken] }) })).toBe('bad-codec-output');
  });

  test.each([
    ['content-disallowed', { contentType: 'application/x-yaml' }],
    ['content-disallowed', { contentType: 'application/data' }],
    ['not-json', { rawBody: base64('not json') }],
    ['not-json', { rawBody: '' }],
    ['too-deep', { body: JSON.parse('['.repeat(65) + ']'.repeat(65)) }],
    ['unknown-type-tag', { body: [[{ __type__: 'nope', __value__: 1 }], {}, {}] }],
    ['bad-base64', { rawBody: 'aGk' }],
  ])('%s: %j', (code, parts) => {
    expect(codeOf(parts)).toBe(code);
  });

  test('the depth of the body is bounded by the limits', () => {
    expect(codeOf({ body: [[[[[1]]]], {}, {}] }, { limits: { depth: 4 } })).toBe('too-deep');
  });

  test('the number of its values is bounded by the limits', () => {
    const body = [[Array(40).fill(1000)], {}, {}];
    expect(codeOf({ body }, { limits: { values: 45 } })).toBe('too-large');
    expect(read({ body }, { limits: { values: 50 } }).args).toHaveLength(1);
  });

  test('a task has no more arguments than a call has room for', () => {
    expect(read({ body: [Array(65_536).fill(0), {}, {}] }).args).toHaveLength(65_536);
    expect(codeOf({ body: [Array(65_537).fill(0), {}, {}] })).toBe('bad-args');
  });
});
