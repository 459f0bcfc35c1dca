import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { QueueNotFound } from '../../../src/errors.ts';
import { canonicalEnvelope } from '../../../src/signing/canonical.ts';
import type { SigningKey } from '../../../src/signing/signing.ts';
import { createSqsTransport } from '../../../src/transports/sqs/index.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { decodeOuter } from '../../../src/wire/base64.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { NOON } from '../../support/fake-clock.ts';
import { createRecordingTransport } from '../../support/recording.ts';
import { changed, check, codeOf, KEY, OTHER_KEY, outgoingWith, parsed, sealed, signatureIn, signingWith } from './signed.ts';

describe('a signature', () => {
  it('is made of the key, the time, the queue, and all that a receiver acts on', async () => {
    const { body } = await sealed();
    const digest = createHash('sha256')
      .update(canonicalEnvelope(openEnvelope(body)))
      .digest('base64url');
    const statement = `["celeriac v1","main","${NOON}","celery","${digest}"]`;
    const code = createHmac('sha256', KEY).update(statement).digest('base64url');
    expect(signatureIn(body)).toBe(`v1.main.${NOON}.${code}.celery`);
  });

  it('changes nothing else in the message', async () => {
    const outgoing = outgoingWith(
      { headers: { tenant: 'Zoë', big: 2n ** 60n, when: new Date(NOON) } },
      { delaySeconds: 3, messageGroupId: 'g' },
    );
    const { body, ...rest } = await sealed(outgoing);
    const { celeriac_signature: _signature, ...properties } = openEnvelope(body).properties;
    expect({ ...openEnvelope(body), properties }).toEqual(openEnvelope(outgoing.body));
    expect(rest).toEqual({ queue: 'celery', id: 'id-1', delaySeconds: 3, messageGroupId: 'g' });
  });

  it('leaves plain text plain, and base64 base64', async () => {
    const plain = outgoingWith();
    expect((await sealed(plain)).body).toMatch(/^ey/);
    expect((await sealed({ ...plain, body: ` ${decodeOuter(plain.body)}` })).body).toMatch(/^\{/);
  });

  it('takes the place of another', async () => {
    const once = await sealed(outgoingWith(), { fromMs: NOON - 1 });
    const twice = await sealed(once);
    expect(twice).toEqual(await sealed());
  });

  it('is dated in whole milliseconds, and never before 1970', async () => {
    expect(signatureIn((await sealed(outgoingWith(), { fromMs: 1.9 })).body)).toMatch(/^v1\.main\.1\./);
    expect(signatureIn((await sealed(outgoingWith(), { fromMs: -5 })).body)).toMatch(/^v1\.main\.0\./);
  });

  it('is for the queue as its receiver knows it', async () => {
    const sqs = createSqsTransport({
      region: 'eu-central-1',
      queueNamePrefix: 'prod.',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const signedFor = async (queue: string, ownName?: boolean, transport = sqs) =>
      signatureIn((await sealed(outgoingWith({}, { queue, ...(ownName && { ownName }) }), { transport })).body).replace(
        /^.*\.[\w-]{43}\./,
        '',
      );
    expect(await signedFor('my.jobs.fifo')).toBe('prod-my-jobs.fifo');
    expect(await signedFor('prod-my-jobs.fifo', true)).toBe('prod-my-jobs.fifo');
    await sqs.close();
    const predefined = createSqsTransport({
      region: 'eu-central-1',
      queues: { jobs: 'https://sqs.eu-central-1.amazonaws.com/1/shop-jobs' },
    });
    expect(await signedFor('jobs', false, predefined)).toBe('shop-jobs');
    await expect(signedFor('other', false, predefined)).rejects.toBeInstanceOf(QueueNotFound);
    await predefined.close();
  });

  it('gives a FIFO queue a deduplication id that nobody can tell without the key, the same for the same message', async () => {
    const idOf = async (more: Partial<Outgoing> = {}, sealing: Parameters<typeof sealed>[1] = {}) =>
      (await sealed(outgoingWith({}, { queue: 'orders.fifo', id: 'id-1.1', ...more }), sealing)).messageDeduplicationId;
    const id = await idOf();
    expect(id).toMatch(/^[\da-f]{64}$/);
    expect(await idOf({}, { fromMs: NOON + 1 })).toBe(id);
    const others = [
      await idOf({ id: 'id-1.2' }),
      await idOf({ queue: 'others.fifo' }),
      await idOf({}, { signing: signingWith({ keys: { main: OTHER_KEY } }) }),
    ];
    expect(new Set([id, ...others])).toHaveLength(4);
    expect(await idOf({ messageDeduplicationId: 'mine' })).toBe('mine');
    expect(await idOf({ queue: 'orders' })).toBeUndefined();
  });

  it('is made for a message of any size: the transport refuses it', async () => {
    const { body } = await sealed(outgoingWith({ args: ['x'.repeat(1_100_000)] }));
    expect(decodeOuter(body)).toMatch(/"celeriac_signature":"v1\.main\./);
  });

  it('survives bodies and headers of all kinds', async () => {
    const bodies = [
      outgoingWith({ args: ['漢字 🐇', '\ud800', null, Number.NaN, 1e300, 2n ** 70n], kwargs: { __proto__: 1, ключ: [] } }),
      outgoingWith({
        headers: { é: -0, b: [Number.POSITIVE_INFINITY, 1e16, 10n ** 16n], deep: { bytes: Uint8Array.of(0, 255), at: new Date(0) } },
      }),
      outgoingWith({ compression: 'zlib', timeLimit: 20.5 }),
    ];
    for (const outgoing of bodies) expect(await check((await sealed(outgoing)).body)).toBeUndefined();
  });
});

describe('a message', () => {
  it.each<[what: string, change: (envelope: ReturnType<typeof parsed>) => void]>([
    ['task', ({ headers }) => Object.assign(headers, { task: 'proj.rm' })],
    ['id', ({ headers }) => Object.assign(headers, { id: 'id-2' })],
    ['retries', ({ headers }) => Object.assign(headers, { retries: 1 })],
    ['new header', ({ headers }) => Object.assign(headers, { compression: 'zlib' })],
    ['body', (envelope) => Object.assign(envelope, { body: Buffer.from('[[9],{},null]').toString('base64') })],
    ['content-type', (envelope) => Object.assign(envelope, { 'content-type': 'application/x-other' })],
    ['content-encoding', (envelope) => Object.assign(envelope, { 'content-encoding': 'binary' })],
    ['reply_to', ({ properties }) => Object.assign(properties, { reply_to: 'me' })],
    ['body_encoding', ({ properties }) => Object.assign(properties, { body_encoding: null })],
    ['new property', ({ properties }) => Object.assign(properties, { more: 1 })],
  ])('with another %s is refused', async (_what, change) => {
    const { body } = await sealed();
    expect(await codeOf(changed(body, change))).toBe('bad-signature');
  });

  it('with another delivery_tag is believed, and so is one whose text is laid out otherwise', async () => {
    const { body } = await sealed();
    expect(await check(changed(body, ({ properties }) => Object.assign(properties, { delivery_tag: 'receipt' })))).toBeUndefined();
    expect(await check(JSON.stringify(parsed(body), null, 2))).toBeUndefined();
  });

  it('with the signature of another is refused', async () => {
    const one = await sealed(outgoingWith({ id: 'one' }));
    const other = await sealed(outgoingWith({ id: 'other' }));
    const crossed = changed(one.body, ({ properties }) => Object.assign(properties, { celeriac_signature: signatureIn(other.body) }));
    expect(await codeOf(crossed)).toBe('bad-signature');
    const swapped = changed(one.body, (envelope) => Object.assign(envelope, { headers: parsed(other.body).headers }));
    expect(await codeOf(swapped)).toBe('bad-signature');
  });

  it('that was moved to another queue is refused', async () => {
    const { body } = await sealed();
    expect(await check(body, { queue: 'payments' })).toEqual({
      code: 'wrong-queue',
      reason: "The message was signed for the queue 'celery', and came through 'payments'.",
    });
    const relabelled = changed(body, ({ properties }) =>
      Object.assign(properties, { celeriac_signature: signatureIn(body).replace(/celery$/, 'payments') }),
    );
    expect(await codeOf(relabelled, { queue: 'payments' })).toBe('bad-signature');
  });
});

describe('keys', () => {
  it('change: what the old one signed is believed as long as it is there', async () => {
    const before = signingWith({ keys: { old: KEY }, current: 'old' });
    const during = signingWith({ keys: { old: KEY, new: OTHER_KEY }, current: 'new' });
    const after = signingWith({ keys: { new: OTHER_KEY }, current: 'new' });
    const [{ body: old }, { body: fresh }] = [
      await sealed(outgoingWith(), { signing: before }),
      await sealed(outgoingWith(), { signing: during }),
    ];
    expect(await codeOf(old, { signing: during })).toBeUndefined();
    expect(await codeOf(fresh, { signing: during })).toBeUndefined();
    expect(await codeOf(fresh, { signing: after })).toBeUndefined();
    expect(await check(old, { signing: after })).toEqual({
      code: 'unknown-key',
      reason: "The message is signed with the key 'old', which is not in signing.keys.",
    });
    expect(await codeOf(fresh, { signing: before })).toBe('unknown-key');
  });

  it('are not taken for one another', async () => {
    const { body } = await sealed();
    expect(await codeOf(body, { signing: signingWith({ keys: { main: OTHER_KEY } }) })).toBe('bad-signature');
    const signing = signingWith({ keys: { main: KEY, again: KEY } });
    const renamed = changed(body, ({ properties }) =>
      Object.assign(properties, { celeriac_signature: signatureIn(body).replace('main', 'again') }),
    );
    expect(await codeOf(renamed, { signing })).toBe('bad-signature');
  });

  it('that live elsewhere are asked, and what they cannot tell is no verdict', async () => {
    const elsewhere: SigningKey = {
      sign: async (bytes) => createHmac('sha256', KEY).update(bytes).digest(),
      verify: async (bytes, code) => createHmac('sha256', KEY).update(bytes).digest().equals(code),
    };
    const signing = signingWith({ keys: { main: elsewhere } });
    const { body } = await sealed(outgoingWith(), { signing });
    expect(body).toBe((await sealed()).body);
    expect(await codeOf(body, { signing })).toBeUndefined();
    const down = { ...elsewhere, verify: () => Promise.reject(new Error('throttled')) };
    await expect(check(body, { signing: signingWith({ keys: { main: down } }) })).rejects.toThrow('throttled');
  });

  it('get a statement of less than a hundred bytes, whatever the message has', async () => {
    const lengths: number[] = [];
    const sign = async (bytes: Uint8Array) => {
      lengths.push(bytes.length);
      return new Uint8Array(32);
    };
    await sealed(outgoingWith({ args: ['x'.repeat(500_000)] }), {
      signing: signingWith({ keys: { main: { sign, verify: async () => true } } }),
    });
    expect(lengths).toEqual([93]);
  });

  it.each([
    [
      'rejects',
      () => Promise.reject(new Error('throttled')),
      { retryable: true, message: "The message is not sent: the key 'main' did not sign it." },
    ],
    [
      'gives no code',
      async () => new Uint8Array(31),
      { retryable: false, message: "The key 'main' gave a code of 31 bytes; HMAC-SHA-256 has 32." },
    ],
  ])('whose sign() %s let nothing be sent', async (_what, sign, expected) => {
    const signing = signingWith({ keys: { main: { sign, verify: async () => true } } });
    await expect(sealed(outgoingWith(), { signing })).rejects.toMatchObject({ name: 'OperationalError', ...expected });
  });
});

it('options that are wrong are found before anything is signed or checked', async () => {
  const signing = signingWith({ current: 'none' });
  await expect(sealed(outgoingWith(), { signing })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
  await expect(check(outgoingWith().body, { signing })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
});

it('a transport is asked for names with itself as this', async () => {
  class Named {
    limits = { messageBytes: 1, delaySeconds: 1 };
    prefix = 'p-';
    send = createRecordingTransport().send;
    nameOf(queue: string): string {
      return this.prefix + queue;
    }
  }
  expect(signatureIn((await sealed(outgoingWith(), { transport: new Named() })).body)).toMatch(/\.p-celery$/);
});
