import { describe, expect, it } from 'vitest';
import { NOON } from '../../support/fake-clock.ts';
import { changed, check, codeOf, outgoingWith, sealed, signingWith } from './signed.ts';

const DAY = 86_400_000;

describe('the age of a signature', () => {
  it('is 15 days at most, from sending on', async () => {
    const { body } = await sealed();
    expect(await codeOf(body, { nowMs: NOON + 15 * DAY })).toBeUndefined();
    expect(await check(body, { nowMs: NOON + 15 * DAY + 1 })).toEqual({
      code: 'signature-too-old',
      reason: 'The signature is 1296000 s old; at most 1296000 are taken (signing.maxAge).',
    });
    expect(await codeOf(body, { signing: signingWith({ maxAge: 60 }), nowMs: NOON + 60_001 })).toBe('signature-too-old');
  });

  it('counts from the eta on, and a message that waits may be looked at before', async () => {
    const etaMs = NOON + 400 * DAY;
    const { body } = await sealed(outgoingWith({ eta: new Date(etaMs).toISOString() }), { fromMs: etaMs });
    expect(await codeOf(body)).toBeUndefined();
    expect(await codeOf(body, { nowMs: etaMs + 15 * DAY })).toBeUndefined();
    expect(await codeOf(body, { nowMs: etaMs + 15 * DAY + 1 })).toBe('signature-too-old');
  });

  it('may be five minutes ahead, and no more', async () => {
    const { body } = await sealed();
    expect(await codeOf(body, { nowMs: NOON - 300_000 })).toBeUndefined();
    expect(await check(body, { nowMs: NOON - 300_001 })).toEqual({
      code: 'signature-from-the-future',
      reason: 'The signature is dated 300 s ahead: the clock of its sender or of this worker is wrong.',
    });
  });

  it.each([
    ['none', undefined],
    ['one before it', new Date(NOON - 300_001).toISOString()],
    ['one that is no time', 'soon'],
  ])('ahead of an eta that is %s is refused', async (_what, eta) => {
    const { body } = await sealed(outgoingWith({ eta }));
    expect(await codeOf(body, { nowMs: NOON - DAY })).toBe('signature-from-the-future');
  });

  it('is not held against protocol 1, whose eta is in the body', async () => {
    const { body } = await sealed({
      ...outgoingWith(),
      body: changed(outgoingWith().body, (envelope) => Object.assign(envelope, { headers: {} })),
    });
    expect(await codeOf(body, { nowMs: NOON - DAY })).toBeUndefined();
    expect(await codeOf(body, { nowMs: NOON + 16 * DAY })).toBe('signature-too-old');
  });
});

describe('a message without a signature', () => {
  const unsigned = outgoingWith().body;

  it('is refused', async () => {
    expect(await check(unsigned)).toEqual({
      code: 'unsigned',
      reason: 'The message has no signature: its property celeriac_signature is not there.',
    });
  });

  it('is let through from the queues that are named, and from no other', async () => {
    const signing = signingWith({ unsignedFrom: ['python'] });
    expect(await codeOf(unsigned, { signing, queue: 'python' })).toBeUndefined();
    expect(await codeOf(unsigned, { signing })).toBe('unsigned');
  });

  it('that is none at all is refused as well, and left to its reader where it may come unsigned', async () => {
    const pointer = '["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "b", "s3Key": "k"}]';
    expect(await check(pointer)).toMatchObject({
      code: 'unsigned',
      reason: expect.stringMatching(/^The message has no signature: it is nothing that could carry one: .*an array/),
    });
    expect(await codeOf(pointer, { signing: signingWith({ unsignedFrom: ['celery'] }) })).toBeUndefined();
  });

  it('is not one whose signature is wrong: that is refused wherever it comes from', async () => {
    const signing = signingWith({ unsignedFrom: ['celery'] });
    for (const celeriac_signature of [null, '', 'v1', 'v2.main.1.x.celery', 7, {}]) {
      const body = changed(unsigned, ({ properties }) => Object.assign(properties, { celeriac_signature }));
      expect(await check(body, { signing })).toEqual({
        code: 'bad-signature',
        reason: 'The property celeriac_signature is no signature of version 1.',
      });
    }
    const { body } = await sealed();
    const other = changed(body, ({ headers }) => Object.assign(headers, { task: 'proj.rm' }));
    expect(await codeOf(other, { signing })).toBe('bad-signature');
  });
});
