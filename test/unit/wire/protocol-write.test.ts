import { describe, expect, test } from 'vitest';
import { EncodeError } from '../../../src/errors.ts';
import { type Codec, createCodecs, jsonCodec } from '../../../src/wire/codecs.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import type { SignatureData, TaskMessage } from '../../../src/wire/message.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { type WriteOptions, writeMessage } from '../../../src/wire/protocol-write.ts';
import { type TaskFields, toFields } from '../../../src/wire/task-fields.ts';
import { EMPTY_EMBED, fieldsWith, thrownBy } from '../../support/messages.ts';

const codecs = createCodecs();
const write = (more: Partial<TaskFields> = {}, options?: WriteOptions): string => writeMessage(fieldsWith(more), options);
const written = (more: Partial<TaskFields> = {}, options?: WriteOptions) => openEnvelope(write(more, options));
const reread = (more: Partial<TaskFields> = {}, options?: WriteOptions): TaskMessage => readMessage(write(more, options), { codecs });
const errorOf = (more: Partial<TaskFields>, options?: WriteOptions) => thrownBy(() => write(more, options));
const signature: SignatureData = { task: 'next', args: ['é'], kwargs: {}, options: {}, subtask_type: null, immutable: false };

/** Celery's defaults, key by key in its order (celery.app.amqp.as_task_v2). */
const DEFAULT_ENVELOPE = {
  'content-encoding': 'utf-8',
  'content-type': 'application/json',
  headers: {
    lang: 'js',
    task: 'proj.add',
    id: 'id-1',
    shadow: null,
    eta: null,
    expires: null,
    group: null,
    group_index: null,
    retries: 0,
    timelimit: [null, null],
    root_id: 'id-1',
    parent_id: null,
    argsrepr: '(2, 3)',
    kwargsrepr: '{}',
    origin: 'celeriac',
    ignore_result: false,
    replaced_task_nesting: 0,
    stamped_headers: null,
    stamps: {},
  },
  properties: {
    correlation_id: 'id-1',
    reply_to: '',
    delivery_mode: 2,
    delivery_info: { exchange: '', routing_key: 'celery' },
    priority: 0,
    body_encoding: 'base64',
    delivery_tag: 'tag-1',
  },
};

test('a minimal task is written with the defaults of Celery in its order', () => {
  const { body, ...rest } = written();
  expect(JSON.stringify({ ...sortTop(rest) })).toBe(JSON.stringify(sortTop(DEFAULT_ENVELOPE)));
  expect(JSON.parse(Buffer.from(body, 'base64').toString())).toEqual([[2, 3], {}, EMPTY_EMBED]);
});

test('every field comes out where it belongs', () => {
  const envelope = written({
    shadow: 'shadow',
    eta: '2030-01-02T03:04:05+00:00',
    expires: '2031-01-02T03:04:05+00:00',
    expiresMs: 1234.9,
    group: 'g',
    groupIndex: 0,
    retries: 2,
    timeLimit: 30,
    softTimeLimit: 20.5,
    rootId: 'root',
    parentId: 'parent',
    argsrepr: '(…)',
    kwargsrepr: '{…}',
    origin: 'gen1@host',
    ignoreResult: true,
    replacedTaskNesting: 1,
    stampedHeaders: ['s'],
    stamps: { s: ['é'] },
    headers: { trace: { id: 'é' } },
    correlationId: 'c',
    replyTo: 'r',
    deliveryMode: 1,
    exchange: 'x',
    routingKey: 'k',
    priority: 3,
    properties: { MessageGroupId: 'é', message_attributes: { a: 1 } },
    deliveryTag: 'd',
  });
  expect(envelope.headers).toEqual({
    ...DEFAULT_ENVELOPE.headers,
    shadow: 'shadow',
    eta: '2030-01-02T03:04:05+00:00',
    expires: '2031-01-02T03:04:05+00:00',
    group: 'g',
    group_index: 0,
    retries: 2,
    timelimit: [30, 20.5],
    root_id: 'root',
    parent_id: 'parent',
    argsrepr: '(…)',
    kwargsrepr: '{…}',
    origin: 'gen1@host',
    ignore_result: true,
    replaced_task_nesting: 1,
    stamped_headers: ['s'],
    stamps: { s: ['é'] },
    trace: { id: 'é' },
  });
  expect(Object.entries(envelope.properties)).toEqual([
    ['correlation_id', 'c'],
    ['reply_to', 'r'],
    ['MessageGroupId', 'é'],
    ['delivery_mode', 1],
    ['expiration', '1234'],
    ['delivery_info', { exchange: 'x', routing_key: 'k' }],
    ['priority', 3],
    ['body_encoding', 'base64'],
    ['delivery_tag', 'd'],
  ]);
});

test.each<[string, Partial<TaskFields>, Record<string, unknown>]>([
  ['shadow', { shadow: 's' }, { shadow: 's' }],
  ['eta', { eta: '2030-01-02' }, { eta: '2030-01-02' }],
  ['expires', { expires: '2030-01-02' }, { expires: '2030-01-02' }],
  ['group', { group: 'g' }, { group: 'g' }],
  ['group_index', { groupIndex: 0 }, { group_index: 0 }],
  ['retries', { retries: 1 }, { retries: 1 }],
  ['timelimit hard', { timeLimit: 1 }, { timelimit: [1, null] }],
  ['timelimit soft', { softTimeLimit: 1 }, { timelimit: [null, 1] }],
  ['root_id', { rootId: 'r' }, { root_id: 'r' }],
  ['an empty root_id', { rootId: '' }, { root_id: 'id-1' }],
  ['parent_id', { parentId: 'p' }, { parent_id: 'p' }],
  ['ignore_result', { ignoreResult: true }, { ignore_result: true }],
  ['replaced_task_nesting', { replacedTaskNesting: 2 }, { replaced_task_nesting: 2 }],
  ['stamped_headers', { stampedHeaders: ['s'] }, { stamped_headers: ['s'] }],
  ['stamps', { stamps: { s: 1 } }, { stamps: { s: 1 } }],
  [
    'nulls',
    { shadow: null, eta: null, group: null, groupIndex: null, timeLimit: null, rootId: null, stamps: null, stampedHeaders: null },
    {},
  ],
])('%s alone leaves the other headers at their defaults', (_name, more, expected) => {
  expect(written(more).headers).toEqual({ ...DEFAULT_ENVELOPE.headers, ...expected });
});

test('a null ignore_result leaves it to the task', () => {
  expect(written({ ignoreResult: null }).headers['ignore_result']).toBeNull();
});

test('the id stands for a delivery tag that is not given', () => {
  const { deliveryTag: _tag, ...fields } = fieldsWith();
  expect(openEnvelope(writeMessage(fields)).properties.delivery_tag).toBe('id-1');
});

test.each([-5, 0.5, 3_600_000])('an expiry in %d ms is written as whole milliseconds, never below 0', (expiresMs) => {
  expect(written({ expiresMs }).properties.expiration).toBe(String(Math.max(0, Math.trunc(expiresMs))));
});

describe('text', () => {
  const odd = 'a"b\\c\n\u0000\u007fé🎉\ud800';

  test.each<keyof TaskFields>([
    'task',
    'id',
    'routingKey',
    'origin',
    'argsrepr',
    'replyTo',
    'exchange',
    'correlationId',
    'deliveryTag',
    'rootId',
    'shadow',
  ])('any characters in %s are escaped and come back', (name) => {
    const text = write({ [name]: odd }, { base64Envelope: false });
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.stringify(openEnvelope(text))).toContain(JSON.stringify(odd).slice(1, -1));
  });

  test('arguments of any characters come back', () => {
    const args = ['é🎉"\\\n\u0000', { ключ: 'значение' }];
    expect(reread({ args }).args).toEqual(args);
    expect(reread({ args }, { base64Envelope: false, bodyEncoding: null }).args).toEqual(args);
  });

  test('a thousand names are remembered and the next is still written right', () => {
    for (let index = 0; index < 1100; index += 1) expect(written({ task: `task.${index}` }).headers['task']).toBe(`task.${index}`);
    expect(written({ task: 'x'.repeat(300) }).headers['task']).toBe('x'.repeat(300));
    expect(written({ task: 'task.1' }).headers['task']).toBe('task.1');
  });
});

describe('custom headers', () => {
  test('are merged over all others, in place where the name is taken', () => {
    const { headers } = written({ headers: { mine: 1, id: 'overridden' } });
    expect(headers).toEqual({ ...DEFAULT_ENVELOPE.headers, id: 'overridden', mine: 1 });
    expect(Object.keys(headers).slice(0, 3)).toEqual(['lang', 'task', 'id']);
  });

  test('may be an empty object', () => {
    expect(written({ headers: {} }).headers).toEqual(DEFAULT_ENVELOPE.headers);
  });

  test('cannot speak of a compression that is not there', () => {
    expect(written({ headers: { compression: 'application/x-gzip' } }).headers).not.toHaveProperty('compression');
    expect(written({ headers: { compression: 'mine' }, compression: 'zlib' }).headers['compression']).toBe('application/x-gzip');
  });

  test('that cannot be written are named', () => {
    expect(errorOf({ headers: { x: new Map() } }).path).toBe('headers.x');
  });

  test('called __proto__ stay a name', () => {
    const headers = JSON.parse('{"__proto__": {"id": "x"}, "id": "y"}');
    expect(Object.hasOwn(written({ headers }).headers, '__proto__')).toBe(true);
  });
});

describe('properties', () => {
  test('with a field of their own are refused among the others', () => {
    expect(errorOf({ properties: { priority: 3 } })).toMatchObject({ name: 'EncodeError', path: 'properties.priority' });
  });

  test('may be none at all', () => {
    expect(written({ properties: {} }).properties).toEqual(DEFAULT_ENVELOPE.properties);
    expect(written({ properties: { message_attributes: {} } }).properties).toEqual(DEFAULT_ENVELOPE.properties);
  });
});

describe('the body', () => {
  test('carries embed', () => {
    const embed = { ...EMPTY_EMBED, chain: [], callbacks: [signature], chord: signature };
    expect(reread({ embed }).embed).toEqual({ ...embed, errbacks: null });
  });

  test('carries null args, which read as the fault they are', () => {
    expect(reread({ args: null }).argsFault).toContain('NoneType');
    expect(written({ args: null }).headers['argsrepr']).toBe('None');
  });

  test.each<[string, Partial<TaskFields>]>([
    ['args[1]', { args: [1, undefined] }],
    ['kwargs.when', { kwargs: { when: Symbol('x') } }],
    ['embed.callbacks[0].args[0]', { embed: { ...EMPTY_EMBED, callbacks: [{ ...signature, args: [() => 1] }] } }],
  ])('names %s as the value that cannot be sent', (path, more) => {
    expect(errorOf(more)).toMatchObject({ name: 'EncodeError', path });
  });

  test('is written without tags for older peers', () => {
    const body = Buffer.from(written({ args: [new Date(0)] }, { untagged: true }).body, 'base64').toString();
    expect(body).toContain('"1970-01-01T00:00:00Z"');
    expect(errorOf({ args: [Uint8Array.of(1)] }, { untagged: true }).path).toBe('args[0]');
  });

  test.each(['zlib', 'brotli', 'zstd'])('is compressed with %s', (compression) => {
    const args = ['x'.repeat(2000)];
    expect(write({ args, compression, argsrepr: '' }).length).toBeLessThan(2000);
    expect(reread({ args, compression }).args).toEqual(args);
  });

  test('is plain text where asked for, but not when it is compressed', () => {
    expect(written({}, { bodyEncoding: null })).toMatchObject({ properties: { body_encoding: null } });
    expect(JSON.parse(written({}, { bodyEncoding: null }).body)).toEqual([[2, 3], {}, EMPTY_EMBED]);
    expect(errorOf({ compression: 'zlib' }, { bodyEncoding: null })).toMatchObject({ name: 'EncodeError', path: 'body' });
  });

  test('by an unknown compression is a mistake in the settings', () => {
    expect(errorOf({ compression: 'bzip2' }).name).toBe('ImproperlyConfigured');
  });
});

describe('another codec', () => {
  const hex: Codec = {
    name: 'hex',
    contentType: 'application/x-hex',
    contentEncoding: 'binary',
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (data) => JSON.parse(Buffer.from(data as Uint8Array).toString()),
  };
  const reading = { codecs: createCodecs({ codecs: [hex], acceptContent: ['hex'] }) };

  test('writes its content type and encoding', () => {
    const text = write({ codec: hex, compression: 'zlib' });
    expect(openEnvelope(text)).toMatchObject({ 'content-type': 'application/x-hex', 'content-encoding': 'binary' });
    expect(readMessage(text, reading).args).toEqual([2, 3]);
    expect(readMessage(write({ codec: hex }), reading).args).toEqual([2, 3]);
  });

  test('that fails is an EncodeError, its own or one around it', () => {
    const failing = (error: unknown): Codec => ({
      ...hex,
      encode: () => {
        throw error;
      },
    });
    expect(errorOf({ codec: failing(new TypeError('mine')) })).toMatchObject({ name: 'EncodeError', path: 'body' });
    const own = thrownBy(() => jsonCodec.encode([() => 1], { root: 'mine' }));
    expect(errorOf({ codec: failing(own) }).path).toBe('mine[0]');
  });
});

describe('protocol 1', () => {
  const first = { taskProtocol: 1 } as const;

  test('has all in the body, in the order of Celery, and custom headers beside it', () => {
    const envelope = written({ group: 'g', groupIndex: 1, timeLimit: 5, headers: { trace: 1 } }, first);
    expect(envelope.headers).toEqual({ trace: 1 });
    const body = JSON.parse(Buffer.from(envelope.body, 'base64').toString());
    expect(Object.entries(body)).toEqual([
      ['task', 'proj.add'],
      ['id', 'id-1'],
      ['args', [2, 3]],
      ['kwargs', {}],
      ['group', 'g'],
      ['group_index', 1],
      ['retries', 0],
      ['eta', null],
      ['expires', null],
      ['utc', true],
      ['callbacks', null],
      ['errbacks', null],
      ['timelimit', [5, null]],
      ['taskset', 'g'],
      ['chord', null],
    ]);
    expect(written({}, first).headers).toEqual({});
  });

  test('is read again as what it was', () => {
    const message = reread({ retries: 2, embed: { ...EMPTY_EMBED, chain: [], callbacks: [signature] } }, first);
    expect(message).toMatchObject({ protocol: 1, args: [2, 3], embed: { callbacks: [signature] } });
    expect(message.headers).toMatchObject({ task: 'proj.add', id: 'id-1', retries: 2 });
  });

  test('carries no chain', () => {
    expect(errorOf({ embed: { ...EMPTY_EMBED, chain: [signature] } }, first).path).toBe('embed.chain');
  });
});

test.each(['groupIndex', 'retries', 'timeLimit', 'softTimeLimit', 'replacedTaskNesting', 'deliveryMode', 'priority'] as const)(
  'a %s that is no finite number is refused',
  (name) => {
    expect(errorOf({ [name]: Number.NaN }).name).toBe('EncodeError');
  },
);

describe('toFields', () => {
  test('gives back what a message was written from', () => {
    const fields = {
      ...fieldsWith({ expiresMs: 5000, retries: 1, timeLimit: 3, headers: { trace: 1 }, properties: { foo: 1 }, ignoreResult: true }),
      embed: { ...EMPTY_EMBED, callbacks: [signature] },
    };
    const { codec: _codec, deliveryTag: _tag, ...expected } = fields;
    expect(toFields(reread(fields))).toMatchObject(expected);
  });

  test('leaves out what the message does not say', () => {
    const message: TaskMessage = {
      protocol: 2,
      contentType: 'application/json',
      headers: { task: 't', id: 'i' },
      properties: { expiration: 'soon' },
      args: [],
      kwargs: {},
      embed: EMPTY_EMBED,
    };
    const bare = { task: 't', id: 'i', args: [], kwargs: {}, embed: EMPTY_EMBED, ignoreResult: null, routingKey: '' };
    expect(Object.keys(toFields(message)).sort()).toEqual(Object.keys(bare).sort());
    expect(toFields(message)).toEqual(bare);
    expect(toFields({ ...message, argsFault: 'x' }).args).toBeNull();
  });
});

function sortTop(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

describe('what nests as deep as its reader takes', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  const link = (levels: number) => ({
    callbacks: [{ task: 't', args: [nested(levels)], kwargs: {}, options: {}, subtask_type: null, immutable: false }],
    errbacks: null,
    chain: null,
    chord: null,
  });

  test.each<[string, (levels: number) => Partial<TaskFields>, number]>([
    ['args', (levels) => ({ args: [nested(levels)] }), 62],
    ['kwargs', (levels) => ({ kwargs: { x: nested(levels) } }), 62],
    ['embed', (levels) => ({ embed: link(levels) }), 59],
    ['headers', (levels) => ({ headers: { x: nested(levels) } }), 61],
  ])('is read again in %s, and refused from one level more on', (_where, fieldsOf, deepest) => {
    expect(() => reread(fieldsOf(deepest), {})).not.toThrow();
    expect(() => reread(fieldsOf(deepest + 1), {})).toThrow(EncodeError);
  });
});
