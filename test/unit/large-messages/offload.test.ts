import { describe, expect, it, vi } from 'vitest';
import { createMemoryLargeMessages } from '../../../src/large-messages/memory.ts';
import { digestOf } from '../../../src/large-messages/name.ts';
import { offload } from '../../../src/large-messages/offload.ts';
import { LARGE_CONTENT_TYPE, LARGE_HEADER } from '../../../src/large-messages/pointer.ts';
import { messageBytes } from '../../../src/transports/message-bytes.ts';
import type { MessageAttributes } from '../../../src/transports/transport.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { bodyText, decodeBase64, readMessage } from '../../../src/wire/index.ts';
import { LIMITS, offloaded, opened, outgoingOf, TASK_ID } from './large.ts';

const ATTRIBUTES: MessageAttributes = {
  tenant: { type: 'String', value: 'ü€' },
  count: { type: 'Number', value: '7' },
  blob: { type: 'Binary', value: new Uint8Array(9) },
};

describe('a message that fits', () => {
  it('is sent as it is, up to the last byte, attributes counted as SQS counts them', async () => {
    const outgoing = { ...outgoingOf(3000), attributes: ATTRIBUTES };
    const exact = createMemoryLargeMessages({ thresholdBytes: messageBytes(outgoing) });
    expect(await offload(outgoing, TASK_ID, exact, LIMITS)).toBe(outgoing);
    const less = createMemoryLargeMessages({ thresholdBytes: messageBytes(outgoing) - 1 });
    expect(await offload(outgoing, TASK_ID, less, LIMITS)).not.toBe(outgoing);
    expect([exact.payloads.size, less.payloads.size]).toEqual([0, 1]);
  });

  it('leaves 16 KiB for what is added on the way, where no threshold is given', async () => {
    const store = createMemoryLargeMessages();
    const outgoing = outgoingOf(580_000);
    const bytes = messageBytes(outgoing);
    expect(await offload(outgoing, TASK_ID, store, { ...LIMITS, messageBytes: bytes + 16_384 })).toBe(outgoing);
    expect(await offload(outgoing, TASK_ID, store, { ...LIMITS, messageBytes: bytes + 16_383 })).not.toBe(outgoing);
  });

  it('is sent as it is where a note would be no smaller than its body', async () => {
    const store = createMemoryLargeMessages({ thresholdBytes: 1 });
    const outgoing = outgoingOf(1);
    expect(await offload(outgoing, TASK_ID, store, LIMITS)).toBe(outgoing);
    expect(store.payloads.size).toBe(0);
  });
});

describe('a message that is too large', () => {
  it('has its body put, by task id and digest, and says so', async () => {
    const { store, whole, small } = await offloaded();
    const { body } = opened(whole);
    const sha256 = digestOf(Buffer.from(body));
    expect([...store.payloads].map(([place, payload]) => [place, Buffer.from(payload).toString()])).toEqual([
      [`${TASK_ID}/${sha256}`, body],
    ]);
    const envelope = opened(small);
    expect(envelope).toMatchObject({ 'content-type': LARGE_CONTENT_TYPE, 'content-encoding': 'utf-8' });
    expect(envelope.headers[LARGE_HEADER]).toEqual({
      id: TASK_ID,
      sha256,
      bytes: body.length,
      content_type: 'application/json',
      content_encoding: 'utf-8',
    });
    expect(bodyText(envelope)).toMatch(/^The arguments of this task were too large/);
  });

  it('keeps its headers and properties in clear, and everything beside the text', async () => {
    const { store } = await offloaded();
    const whole = { ...outgoingOf(5000, { headers: { tenant: 'acme' } }), attributes: ATTRIBUTES, messageGroupId: 'g', delaySeconds: 5 };
    const small = await offload(whole, TASK_ID, store, LIMITS);
    const { [LARGE_HEADER]: _pointer, ...headers } = opened(small).headers;
    expect(headers).toEqual(opened(whole).headers);
    expect(headers).toMatchObject({ task: 'proj.add', tenant: 'acme', argsrepr: expect.stringContaining('xxx') });
    expect(opened(small).properties).toEqual(opened(whole).properties);
    expect({ ...small, body: '' }).toEqual({ ...whole, body: '' });
  });

  it('hides its compression, which the note has not', async () => {
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(3000))).toString('hex');
    const { store, whole, small } = await offloaded({ args: [noise], compression: 'zlib' });
    const compression = opened(whole).headers['compression'];
    expect(compression).toBe('application/x-gzip');
    expect(opened(small).headers).not.toHaveProperty('compression');
    expect(opened(small).headers[LARGE_HEADER]).toMatchObject({ compression });
    expect(decodeBase64(Buffer.from([...store.payloads.values()][0]!).toString())[0]).toBe(0x78);
  });

  it.each([
    ['base64 within base64', {}],
    ['plain JSON', { base64Envelope: false }],
    ['a plain body', { bodyEncoding: null }],
    ['a plain body in plain JSON', { bodyEncoding: null, base64Envelope: false }],
    ['protocol 1', { taskProtocol: 1 }],
  ] as const)('stays in the form that it had: %s', async (_form, options) => {
    const { whole, small } = await offloaded({}, options);
    expect(small.body.startsWith('{')).toBe(whole.body.startsWith('{'));
    expect(bodyText(opened(small))).toMatch(/^The arguments/);
  });

  it('is no JSON to a worker without a store, who refuses it', async () => {
    const { small } = await offloaded();
    const refused = expect.objectContaining({ name: 'ContentDisallowed', code: 'content-disallowed' });
    expect(() => readMessage(small.body, { codecs: createCodecs() })).toThrow(refused);
  });

  it('goes to the same place each time, and another body to another', async () => {
    const { store, whole, small } = await offloaded();
    expect(await offload(whole, TASK_ID, store, LIMITS)).toEqual(small);
    expect(store.payloads.size).toBe(1);
    await offload(outgoingOf(5001), TASK_ID, store, LIMITS);
    await offload(whole, 'id-2', store, LIMITS);
    expect(store.payloads.size).toBe(3);
  });
});

describe('a message that cannot be helped', () => {
  it('is MessageTooLarge where its headers alone are, and nothing is put', async () => {
    const store = createMemoryLargeMessages();
    const outgoing = outgoingOf(10, { headers: { notes: 'x'.repeat(800_000) } });
    await expect(offload(outgoing, TASK_ID, store, LIMITS)).rejects.toMatchObject({ name: 'MessageTooLarge', limit: 1_048_576 });
    expect(store.payloads.size).toBe(0);
  });

  it('is sent as it is where its headers pass the threshold alone, and it fits', async () => {
    const store = createMemoryLargeMessages({ thresholdBytes: 1000 });
    const outgoing = outgoingOf(10, { headers: { notes: 'x'.repeat(2000) } });
    expect(await offload(outgoing, TASK_ID, store, LIMITS)).toBe(outgoing);
  });

  it('is MessageTooLarge where nobody would fetch its body', async () => {
    const store = createMemoryLargeMessages({ thresholdBytes: 1000, maxBytes: 6000 });
    await expect(offload(outgoingOf(5000), TASK_ID, store, LIMITS)).rejects.toMatchObject({ name: 'MessageTooLarge', limit: 6000 });
    expect(store.payloads.size).toBe(0);
  });

  it('is told of where it could not be put', async () => {
    const put = vi.fn(async () => {
      throw new Error('down');
    });
    await expect(offload(outgoingOf(5000), TASK_ID, { thresholdBytes: 1000, maxBytes: 1e6, put, get: vi.fn() }, LIMITS)).rejects.toThrow(
      'down',
    );
  });
});
