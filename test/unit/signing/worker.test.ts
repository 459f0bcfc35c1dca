import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createDeadLetters } from '../../../src/app/dead-letters.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import type { SigningOptions } from '../../../src/signing/signing.ts';
import { createEagerTransport } from '../../../src/testing/eager.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import { jsonCodec } from '../../../src/wire/codecs.ts';
import { createConsumer } from '../../../src/worker/consumer.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { OTHER_KEY, signatureIn, signingWith } from './signed.ts';

/** An app over queues in memory, whose messages are consumed when asked. */
function createShop(signing = signingWith(), clock = createFakeClock()) {
  const transport = createMemoryTransport({ clock });
  const decode = vi.fn(jsonCodec.decode);
  const app = createApp('shop', { deadLetterQueue: 'dead', codecs: [{ ...jsonCodec, decode }] });
  const ran = vi.fn((...args: number[]) => args.reduce((sum, n) => sum + n, 0));
  const add = app.task('add', ran);
  const flaky = app.task('flaky', { bind: true, autoretryFor: [Error], retryBackoff: false, defaultRetryDelay: 5 }, (self) => {
    if (self.request.retries === 0) throw new Error('again');
    return ran();
  });
  app.connect({ transport, backend: createMemoryBackend(), clock, signing });
  const consume = createConsumer(app, { hostname: 'w', pid: 1 });
  /** Consumes what is visible, and gives what became of each. */
  const work = async (queue = 'celery'): Promise<readonly string[]> => {
    const ends: string[] = [];
    for (const delivery of await transport.inbox.receive(queue)) {
      const disposition = await consume(delivery);
      ends.push(disposition.do === 'quarantine' ? disposition.code : disposition.do);
      if (disposition.do !== 'requeue') await transport.inbox.done(delivery);
    }
    return ends;
  };
  return { app, add, flaky, clock, transport, ran, work, decode };
}

/** Whoever may send to its queues, with another key or none. */
function strangerTo({ transport }: ReturnType<typeof createShop>, signing?: SigningOptions) {
  const app = createApp('stranger', { transport, signing });
  return { send: (queue: string) => app.sendTask('add', [1, 2], { queue }) };
}

describe('an app that signs', () => {
  it('runs what it sent, and what its tasks send on', async () => {
    const shop = createShop();
    await shop.add.applyAsync([1, 2], { link: [shop.add.s(4)] });
    expect(await shop.work()).toEqual(['ack']);
    expect(await shop.work()).toEqual(['ack']);
    expect(shop.ran.mock.calls).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('runs what waited by hops', async () => {
    const shop = createShop();
    const etaMs = shop.clock.now() + 2000_000;
    await shop.add.applyAsync([1, 2], { eta: new Date(etaMs) });
    const [first] = shop.transport.messages('celery');
    for (const seconds of [900, 900]) {
      await shop.clock.advance(seconds * 1000);
      expect(await shop.work()).toEqual(['ack']);
      expect(shop.transport.messages('celery')).toMatchObject([{ body: first!.body }]);
    }
    expect(shop.ran).not.toHaveBeenCalled();
    await shop.clock.advance(200_000);
    expect(await shop.work()).toEqual(['ack']);
    expect(shop.ran).toHaveBeenCalledOnce();
  });

  it('runs its retries', async () => {
    const shop = createShop();
    await shop.flaky.delay();
    expect(await shop.work()).toEqual(['ack']);
    await shop.clock.advance(5000);
    expect(await shop.work()).toEqual(['ack']);
    expect(shop.ran).toHaveBeenCalledOnce();
  });

  it('sets aside at first receive what is not signed, without decoding it', async () => {
    const shop = createShop();
    await strangerTo(shop).send('celery');
    expect(await shop.work()).toEqual(['unsigned']);
    expect(shop.decode).not.toHaveBeenCalled();
    const [dead] = shop.transport.messages('dead');
    expect(dead?.attributes).toMatchObject({ 'celeriac.code': { value: 'unsigned' } });
  });

  it('sets aside what another key signed', async () => {
    const shop = createShop();
    await strangerTo(shop, signingWith({ keys: { main: OTHER_KEY } })).send('celery');
    expect(await shop.work()).toEqual(['bad-signature']);
    expect(shop.decode).not.toHaveBeenCalled();
  });

  it('runs what Python may send to a queue of its own', async () => {
    const shop = createShop(signingWith({ unsignedFrom: ['python'] }));
    await strangerTo(shop).send('python');
    await strangerTo(shop).send('celery');
    expect(await shop.work('python')).toEqual(['ack']);
    expect(await shop.work('celery')).toEqual(['unsigned']);
  });

  it('gives back what cannot be checked now', async () => {
    const verify = vi.fn().mockRejectedValueOnce(new Error('throttled')).mockResolvedValue(true);
    const shop = createShop(signingWith({ keys: { main: { sign: async () => new Uint8Array(32), verify } } }));
    await shop.add.delay(1, 2);
    expect(await shop.work()).toEqual(['requeue']);
    await shop.clock.advance(30_000);
    expect(await shop.work()).toEqual(['ack']);
    expect(shop.ran).toHaveBeenCalledOnce();
  });

  it('believes a dead letter that is sent back as it is', async () => {
    const shop = createShop(signingWith(), createFakeClock(NOON, { autoAdvance: true }));
    await shop.add.delay(1, 2);
    const [delivery] = await shop.transport.inbox.receive('celery');
    await shop.transport.send([
      { queue: 'dead', id: 'd', body: delivery!.body, attributes: { 'celeriac.queue': { type: 'String', value: 'celery' } } },
    ]);
    await shop.transport.inbox.done(delivery!);
    expect(await createDeadLetters(shop.app).redrive({ retries: 'keep' })).toMatchObject({ redriven: 1 });
    expect(await shop.work()).toEqual(['ack']);
  });

  it('rejects applyAsync when it cannot sign, and sends nothing', async () => {
    const shop = createShop(signingWith({ current: 'none' }));
    await expect(shop.add.delay(1, 2)).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(shop.transport.messages('celery')).toEqual([]);
  });
});

it('an eager transport is signed for like any other', async () => {
  const app = createApp('shop');
  const add = app.task('add', (x: number, y: number) => x + y);
  const transport = createEagerTransport(app);
  app.connect({ transport, backend: createMemoryBackend(), signing: signingWith() });
  expect(await (await add.delay(1, 2)).get()).toBe(3);
  expect(signatureIn(transport.runs[0]!.message.body)).toMatch(/^v1\.main\.\d+\.[\w-]{43}\.celery$/);
});
