import { describe, expect, it } from 'vitest';
import { reseal } from '../../../src/signing/reseal.ts';
import type { SigningOptions } from '../../../src/signing/signing.ts';
import type { Delivery, Outgoing } from '../../../src/transports/transport.ts';
import { NOON } from '../../support/fake-clock.ts';
import { createRecordingTransport } from '../../support/recording.ts';
import { changed, check, deliveryOf, outgoingWith, sealed, signatureIn, signingWith } from './signed.ts';

const transport = createRecordingTransport();
const resealed = (outgoing: Outgoing, delivery: Delivery, signing: SigningOptions = signingWith(), fromMs = NOON + 1000) =>
  reseal(outgoing, delivery, { signing, transport, fromMs });

const withoutRetries = (body: string) => changed(body, ({ headers }) => Object.assign(headers, { retries: 0 }));

describe('a dead letter that is changed on its way back', () => {
  it('is signed again, for where it goes, and from now on', async () => {
    const { body } = await sealed(outgoingWith({ retries: 3 }));
    const back = await resealed({ queue: 'other', id: 'id-1', body: withoutRetries(body) }, deliveryOf(body));
    expect(signatureIn(back.body)).toMatch(new RegExp(`^v1\\.main\\.${NOON + 1000}\\..*\\.other$`));
    expect(await check(back.body, { queue: 'other' })).toBeUndefined();
    expect(back.queue).toBe('other');
  });

  it('stays dated by an eta that is to come', async () => {
    const etaMs = NOON + 90_000_000;
    const { body } = await sealed(outgoingWith({ eta: new Date(etaMs).toISOString() }), { fromMs: etaMs });
    const back = await resealed(outgoingWith({}, { body }), deliveryOf(body));
    expect(signatureIn(back.body)).toMatch(`.${etaMs}.`);
  });

  it.each<[what: string, body: () => Promise<string> | string, code: string]>([
    [
      'that was forged',
      async () => changed((await sealed()).body, ({ headers }) => Object.assign(headers, { task: 'proj.rm' })),
      'bad-signature',
    ],
    ['without a signature', () => outgoingWith().body, 'unsigned'],
    ['that is no message', () => 'x', 'unsigned'],
  ])('%s goes as it came', async (_what, make, code) => {
    const body = await make();
    const back = await resealed(outgoingWith(), deliveryOf(body));
    expect(back).toEqual({ ...outgoingWith(), body });
    expect(await check(back.body)).toMatchObject({ code });
  });

  it.each([
    ['message', outgoingWith().body],
    ['text', 'x'],
  ])('that is a %s from where none is signed stays unsigned', async (_what, body) => {
    const outgoing = outgoingWith({ retries: 0 });
    expect(await resealed(outgoing, deliveryOf(body), signingWith({ unsignedFrom: ['celery'] }))).toBe(outgoing);
  });
});
