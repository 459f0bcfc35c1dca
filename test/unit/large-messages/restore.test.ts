import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { LargeMessages } from '../../../src/large-messages/large-messages.ts';
import { createMemoryLargeMessages } from '../../../src/large-messages/memory.ts';
import { digestOf, type LargeMessageName } from '../../../src/large-messages/name.ts';
import { LARGE_CONTENT_TYPE, LARGE_HEADER } from '../../../src/large-messages/pointer.ts';
import { restore } from '../../../src/large-messages/restore.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage, sealEnvelope } from '../../../src/wire/index.ts';
import { base64, EMPTY_EMBED, envelopeOf, envelopeText, headersWith } from '../../support/messages.ts';
import { offloaded, opened, outgoingOf } from './large.ts';

const NAME = { taskId: 'id-1', sha256: digestOf(Buffer.from('body')) };

/** A store that holds one payload, and the names it was asked for. */
function holding(payload: string | undefined, more: Partial<LargeMessages> = {}) {
  const get = vi.fn(async () => (payload === undefined ? undefined : Buffer.from(payload)));
  return { maxBytes: 1e6, put: vi.fn(), get, ...more } satisfies LargeMessages;
}

/** A message that points to the payload `body`, and to whatever else is given. */
function pointing(pointer: Record<string, unknown> | undefined = {}, more: Record<string, unknown> = {}): string {
  const whole = { id: 'id-1', sha256: NAME.sha256, bytes: 4, content_type: 'application/json', content_encoding: 'utf-8', ...pointer };
  return envelopeText({ contentType: LARGE_CONTENT_TYPE, headers: headersWith({ [LARGE_HEADER]: whole, ...more }) });
}

describe('a message that stands for itself', () => {
  it.each([
    ['plain', envelopeText()],
    ['one that speaks of the content type', envelopeText({ headers: headersWith({ about: LARGE_CONTENT_TYPE }) })],
  ])('is read as before, and nothing is fetched: %s', async (_kind, text) => {
    const store = holding(undefined);
    expect(JSON.parse(await restore(text, store))).toEqual(JSON.parse(text));
    expect(JSON.parse(await restore(base64(text), store))).toEqual(JSON.parse(text));
    expect(store.get).not.toHaveBeenCalled();
  });

  it.each(['', 'no JSON', '"text"', '[1, 2]', '[', base64('[1]'), base64(base64(envelopeText())), '{', base64('{')])(
    'is left to its reader where it is nothing that is known: %j',
    async (text) => {
      const restored = await restore(text, holding(undefined));
      const verdict = (given: string) => {
        try {
          return readMessage(given, { codecs: createCodecs() });
        } catch (error) {
          return error;
        }
      };
      expect(verdict(restored)).toEqual(verdict(text));
    },
  );
});

describe('a message that stands for another', () => {
  it.each([
    ['base64 within base64', {}, {}],
    ['plain JSON', {}, { base64Envelope: false }],
    ['a plain body', { args: ['"\\\n\u0001ü€😀'.repeat(500)] }, { bodyEncoding: null, base64Envelope: false }],
    ['protocol 1', {}, { taskProtocol: 1 }],
    ['compressed', { args: [Array.from({ length: 200 }, () => crypto.randomUUID())], compression: 'zlib' }, {}],
    ['custom headers', { headers: { when: new Date(0), big: 2n ** 70n, compression: 'none' } }, {}],
    ['an id that is a path', { id: '../../x' }, {}],
  ] as const)('is the very message again: %s', async (_form, fields, options) => {
    const { store, whole, small } = await offloaded(fields, options);
    expect(store.payloads.size).toBe(1);
    const restored = await restore(small.body, store);
    expect(opened({ body: restored })).toEqual(opened(whole));
    const read = (text: string) => readMessage(text, { codecs: createCodecs() });
    expect(read(restored)).toEqual(read(whole.body));
  });

  it('is asked for by its task id and digest alone, whatever else it says', async () => {
    const store = holding('body');
    const restored = await restore(pointing({ bucket: 'theirs', key: '/etc/passwd', prefix: '..' }), store);
    expect(store.get).toHaveBeenCalledExactlyOnceWith(NAME);
    expect(opened({ body: restored })).toMatchObject({ body: 'body', 'content-type': 'application/json', headers: headersWith({}) });
  });

  it('stands for no other in turn', async () => {
    const store = holding('body');
    const restored = await restore(pointing({ content_type: LARGE_CONTENT_TYPE }), store);
    expect(store.get).toHaveBeenCalledTimes(1);
    expect(() => readMessage(restored, { codecs: createCodecs() })).toThrow(expect.objectContaining({ code: 'content-disallowed' }));
  });

  it('says when it is gone', async () => {
    await expect(restore(pointing(), holding(undefined))).rejects.toMatchObject({ code: 'large-message-gone', message: /"id-1"/ });
  });

  it.each(['bodY', 'bod', 'body '])('says when it was changed: %j', async (payload) => {
    await expect(restore(pointing(), holding(payload))).rejects.toMatchObject({ code: 'large-message-changed' });
  });

  it('says when its size is another than it says', async () => {
    await expect(restore(pointing({ bytes: 5 }), holding('body'))).rejects.toMatchObject({ code: 'large-message-changed' });
  });

  it('is not fetched when it says that it is too large', async () => {
    const store = holding('body', { maxBytes: 3 });
    await expect(restore(pointing(), store)).rejects.toMatchObject({ code: 'too-large' });
    expect(store.get).not.toHaveBeenCalled();
  });

  it('is refused when it is no text', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe);
    const store = holding(undefined, { get: async () => bytes });
    await expect(restore(pointing({ sha256: digestOf(bytes), bytes: 2 }), store)).rejects.toMatchObject({ code: 'bad-utf8' });
  });

  it('rejects as the store does when that cannot be reached', async () => {
    const get = () => Promise.reject(new Error('down'));
    await expect(restore(pointing(), holding(undefined, { get }))).rejects.toThrow('down');
  });

  it.each([
    ['no pointer', { [LARGE_HEADER]: undefined }],
    ['a pointer that is a text', { [LARGE_HEADER]: 'x' }],
    ['a pointer that is an array', { [LARGE_HEADER]: [] }],
  ])('is refused with %s', async (_about, headers) => {
    const store = holding('body');
    await expect(restore(pointing({}, headers), store)).rejects.toMatchObject({ code: 'bad-large-message' });
    expect(store.get).not.toHaveBeenCalled();
  });

  it.each([
    { id: undefined },
    { id: '' },
    { id: 7 },
    { sha256: undefined },
    { sha256: '../../../x' },
    { sha256: NAME.sha256.toUpperCase() },
    { sha256: [NAME.sha256] },
    { bytes: undefined },
    { bytes: -1 },
    { bytes: 1.5 },
    { bytes: '4' },
    { bytes: 2 ** 60 },
    { content_type: null },
    { content_encoding: 8 },
    { compression: 1 },
    { compression: null },
  ])('is refused where its pointer has %j', async (pointer) => {
    const store = holding('body');
    await expect(restore(pointing(pointer), store)).rejects.toMatchObject({ name: 'DecodeError', code: 'bad-large-message' });
    expect(store.get).not.toHaveBeenCalled();
  });

  it('supplies no prototype by its names', async () => {
    const hostile = pointing().replace('"task"', '"__proto__": {"polluted": true}, "constructor": 1, "task"');
    const restored = await restore(hostile, holding(base64(JSON.stringify([[], {}, EMPTY_EMBED])))).catch((error: unknown) => error);
    expect(restored).toMatchObject({ code: 'large-message-changed' });
    const again = await restore(hostile, holding('body'));
    expect(again).toContain('"__proto__":{"polluted":true}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a pointer of the extended clients of AWS', () => {
  const pointer = (bucket: unknown = 'ours', key: unknown = 'k', name = 'software.amazon.payloadoffloading.PayloadS3Pointer') =>
    JSON.stringify([name, { s3BucketName: bucket, s3Key: key }]);
  const following = (answer: Uint8Array | 'gone' | 'foreign') => {
    const follow = vi.fn(async () => answer);
    return { store: holding(undefined, { follow }), follow };
  };

  it.each(['software.amazon.payloadoffloading.PayloadS3Pointer', 'com.amazon.sqs.javamessaging.MessageS3Pointer'])(
    'is followed where the store does: %s',
    async (name) => {
      const { body } = outgoingOf(5);
      const { store, follow } = following(Buffer.from(body));
      expect(await restore(`\n ${pointer('ours', 'k', name)}`, store)).toBe(body);
      expect(follow).toHaveBeenCalledExactlyOnceWith({ bucket: 'ours', key: 'k' });
    },
  );

  it('is followed once: what it leads to stands for itself', async () => {
    const { store, follow } = following(Buffer.from(pointer()));
    expect(await restore(pointer(), store)).toBe(pointer());
    expect(follow).toHaveBeenCalledTimes(1);
  });

  it('is foreign to a store that follows none, and where it leads elsewhere', async () => {
    const refused = { name: 'DecodeError', code: 'foreign-pointer', message: /"theirs"/ };
    await expect(restore(pointer('theirs'), createMemoryLargeMessages())).rejects.toMatchObject(refused);
    await expect(restore(pointer('theirs'), following('foreign').store)).rejects.toMatchObject(refused);
  });

  it('says when what it points to is gone', async () => {
    await expect(restore(pointer(), following('gone').store)).rejects.toMatchObject({ code: 'large-message-gone' });
  });

  it.each([
    pointer(7),
    pointer('ours', null),
    JSON.stringify(['software.amazon.payloadoffloading.PayloadS3Pointer']),
    JSON.stringify(['software.amazon.payloadoffloading.PayloadS3Pointer', 'ours']),
    JSON.stringify(['software.amazon.payloadoffloading.PayloadS3Pointer', { s3BucketName: 'ours', s3Key: 'k' }, 1]),
    JSON.stringify(['evil.PayloadS3Pointer', { s3BucketName: 'ours', s3Key: 'k' }]),
    base64(pointer()),
    JSON.stringify(envelopeOf({ headers: headersWith({ note: pointer() }) })),
  ])('is nothing else that looks like one: %s', async (text) => {
    const { store, follow } = following('foreign');
    expect(await restore(text, store)).toBe(text);
    expect(follow).not.toHaveBeenCalled();
  });
});

it('a large message that was opened and sealed again, as a redrive does, is restored', async () => {
  const { store, small } = await offloaded();
  const rewritten = sealEnvelope({ ...opened(small), headers: { ...opened(small).headers, retries: 0 } });
  expect(readMessage(await restore(rewritten, store), { codecs: createCodecs() })).toMatchObject({ args: ['x'.repeat(5000)] });
});

it('any text is restored, left, or refused by a DecodeError, and only digests are asked for', async () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.constantFrom(NAME.sha256, '../x', 'id-1', 4, 'application/json'),
  );
  const pointer = fc.dictionary(
    fc.constantFrom('id', 'sha256', 'bytes', 'content_type', 'content_encoding', 'compression', '__proto__'),
    scalar,
  );
  const envelope = fc
    .tuple(fc.oneof(pointer, scalar), fc.jsonValue())
    .map(([value, headers]) =>
      envelopeText({ contentType: LARGE_CONTENT_TYPE, headers: { ...(headers as object), [LARGE_HEADER]: value } }),
    );
  const aws = fc.tuple(fc.constantFrom('software.amazon.payloadoffloading.PayloadS3Pointer', 'S3Pointer'), fc.jsonValue());
  const text = fc.oneof(
    fc.string(),
    envelope,
    envelope.map(base64),
    aws.map((pair) => JSON.stringify(pair)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const asked: LargeMessageName[] = [];
      const get = async (name: LargeMessageName) => {
        asked.push(name);
        return Buffer.from('body');
      };
      const end = await restore(given, { maxBytes: 1e6, put: vi.fn(), get }).catch((error: unknown) => error);
      if (typeof end !== 'string') expect(end).toMatchObject({ name: 'DecodeError' });
      for (const { sha256 } of asked) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }),
    { numRuns: 500 },
  );
});
