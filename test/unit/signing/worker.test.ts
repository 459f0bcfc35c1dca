import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createDeadLetters } from '../../../src/app/dead-letters.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import type { SigningOptions } from '../../../src/signing/signing.ts';
import { createEagerTransport } from '../../../src/testing/eager.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import type { Delivery } from '../../../src/transports/transport.ts';
import { jsonCodec } from '../../../src/wire/codecs.ts';
import { createConsumer } from '../../../src/worker/consumer.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { createRecordingLogger } from '../../support/recording.ts';
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

  it('dates what SQS delays by its eta all the same', async () => {
    const shop = createShop();
    const atMs = NOON + 60 * 86_400_000;
    await shop.add.applyAsync([1, 2], { eta: new Date(atMs), delaySeconds: 1 });
    expect(signatureIn(shop.transport.messages('celery')[0]!.body)).toContain(`.${atMs}.`);
  });

  it('rejects applyAsync when it cannot sign, and sends nothing', async () => {
    const shop = createShop(signingWith({ current: 'none' }));
    await expect(shop.add.delay(1, 2)).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(shop.transport.messages('celery')).toEqual([]);
  });
});

describe.each([
  ['signed', signingWith({ unsignedFrom: ['python'] })],
  ['unsigned', undefined],
])('an idempotent task that died, %s', (_how, signing) => {
  const OPTIONS = { autoretryFor: [Error], retryBackoff: false, maxRetries: 1, defaultRetryDelay: 1 } as const;

  function createPaying() {
    const clock = createFakeClock(NOON, { autoAdvance: true });
    const transport = createMemoryTransport({ clock });
    const backend = createMemoryBackend();
    const logger = createRecordingLogger();
    const app = createApp('shop', { deadLetterQueue: 'dead', taskDeadLetterQueue: 'dead' });
    const state = { runs: [] as number[], failing: Number.POSITIVE_INFINITY };
    const pay = app.task('pay', { bind: true, idempotent: true, ...OPTIONS }, (self) => {
      state.runs.push(self.retries);
      state.failing -= 1;
      if (state.failing >= 0) throw new Error('down');
      return 'paid';
    });
    app.connect({ transport, backend, clock, logger, ledger: createMemoryLedger(), signing });
    const consume = createConsumer(app, { hostname: 'w', pid: 1 });
    const work = async (queue = 'celery') => {
      for (let turns = 0; transport.messages(queue).length > 0 && turns < 10; turns++) {
        for (const delivery of await transport.inbox.receive(queue)) {
          const deadline = { atMs: clock.now() + 60_000, budgetMs: 60_000, atEnd: [] };
          if ((await consume({ ...delivery, deadline })).do !== 'requeue') await transport.inbox.done(delivery);
        }
        await clock.advance(5000);
      }
    };
    /** Once all its retries have failed: its letters, taken out of the queue. */
    const die = async (queue = 'celery') => {
      const { id } = await app.sendTask('pay', [], { queue });
      await work(queue);
      expect(state.runs).toEqual([0, 1]);
      state.runs = [];
      state.failing = 0;
      return id;
    };
    const takeOut = async () => {
      const letters = await transport.inbox.receive('dead');
      for (const letter of letters) await transport.inbox.done(letter);
      return letters;
    };
    const put = (queue: string, letters: readonly Delivery[]) =>
      transport.send(letters.map(({ body, attributes }, n) => ({ queue, id: `again-${n}`, body, attributes: attributes! })));
    const statusOf = async (id: string) => (await backend.fetch(id))?.status;
    const states = () => logger.lines.map(({ state: ended }) => ended).filter((ended) => ended !== undefined);
    return { app, pay, state, transport, work, die, takeOut, put, statusOf, states };
  }

  it('has its retries again when it is sent back', async () => {
    const { app, die, work, state, statusOf, transport } = createPaying();
    const id = await die();
    state.failing = 1;
    expect(await createDeadLetters(app).redrive()).toMatchObject({ redriven: 1 });
    await work();
    expect(state.runs).toEqual([0, 1]);
    expect(await statusOf(id)).toBe('SUCCESS');
    expect([transport.messages('celery'), transport.messages('dead')]).toEqual([[], []]);
  });

  it('runs once when two letters of its one death are sent back', async () => {
    const { app, die, takeOut, put, work, state, states } = createPaying();
    await die();
    const letters = await takeOut();
    await put('dead', [...letters, ...letters]);
    expect(await createDeadLetters(app).redrive()).toMatchObject({ redriven: 2 });
    await work();
    expect(state.runs).toEqual([0]);
    expect(states().at(-1)).toBe('DUPLICATE');
  });

  it.each(['celery', 'python'])(
    'and was moved back by SQS itself %s runs where nothing is signed, and lies there again where it is',
    async (queue) => {
      const { die, takeOut, put, work, state, transport } = createPaying();
      await die(queue);
      await put(queue, await takeOut());
      await work(queue);
      expect(state.runs).toEqual(signing === undefined ? [1] : []);
      expect(transport.messages('dead').map(({ attributes }) => attributes?.['celeriac.code']?.value)).toEqual(
        signing === undefined ? [] : ['moved-unsigned'],
      );
    },
  );
});

it('an eager transport is signed for like any other', async () => {
  const app = createApp('shop');
  const add = app.task('add', (x: number, y: number) => x + y);
  const transport = createEagerTransport(app);
  app.connect({ transport, backend: createMemoryBackend(), signing: signingWith() });
  expect(await (await add.delay(1, 2)).get()).toBe(3);
  expect(signatureIn(transport.runs[0]!.message.body)).toMatch(/^v1\.main\.\d+\.[\w-]{43}\.celery$/);
});
