import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { DEAD_LETTER, type DeadLetterFacts, deadLetterAttributes } from '../../../src/app/dead-letter-attributes.ts';
import type { DeadLetterFilter } from '../../../src/app/dead-letter-filter.ts';
import { createDeadLetters, type DeadLetter, type DeadLetters } from '../../../src/app/dead-letters.ts';
import type { Settings } from '../../../src/app/settings.ts';
import { OperationalError } from '../../../src/errors.ts';
import { createMemoryTransport, type MemoryTransport, type MemoryTransportOptions } from '../../../src/transports/memory.ts';
import type { Delivery, Inbox, MessageAttributes, Outgoing, Transport } from '../../../src/transports/transport.ts';
import { createCodecs, openEnvelope, readMessage, writeMessage } from '../../../src/wire/index.ts';
import { NOON } from '../../support/fake-clock.ts';
import { base64, envelopeText, fieldsWith } from '../../support/messages.ts';
import { createRecordingLogger, createRecordingTransport } from '../../support/recording.ts';

const DEAD = 'dead';

/** Every wait is over at once, and time moves only when it is told. */
function createImpatientClock() {
  let nowMs = NOON;
  return {
    now: () => nowMs,
    sleep: () => Promise.resolve(),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

interface World {
  readonly settings?: Partial<Settings>;
  readonly memory?: MemoryTransportOptions;
  readonly queue?: string;
  /** Stands between the app and the queues. */
  readonly around?: (memory: MemoryTransport) => Transport;
}

function createWorld({ settings = {}, memory = {}, queue = DEAD, around = (inner) => inner }: World = {}) {
  const clock = createImpatientClock();
  const logger = createRecordingLogger();
  const transport = createMemoryTransport({ clock, ...memory });
  const app = createApp('shop', { deadLetterQueue: queue, ...settings }).connect({ transport: around(transport), clock, logger });
  const put = async (message: Partial<Outgoing> = {}) => {
    const [receipt] = await transport.send([{ queue, id: 'id-1', body: writeMessage(fieldsWith()), ...message }]);
    expect(receipt).toMatchObject({ ok: true });
  };
  return {
    app,
    clock,
    logger,
    transport,
    letters: createDeadLetters(app),
    /** Puts a message into the dead-letter queue, as a quarantine does when facts are given. */
    put,
    bury: (facts: Partial<DeadLetterFacts> = {}, from: Partial<Delivery> = {}, more: Partial<Outgoing> = {}) =>
      put({ attributes: deadLetterAttributes(deliveryOf(from), { code: 'bad-eta', reason: 'No time.', ...facts }), ...more }),
    states: (name = queue) => transport.messages(name).map(({ id, state }) => `${id} ${state}`),
  };
}

const deliveryOf = (from: Partial<Delivery> = {}): Delivery => ({
  messageId: 'm-1',
  queue: 'prod-celery',
  body: 'x',
  receiveCount: 1,
  sentAt: NOON - 5000,
  ...from,
});

const bodyOf = (id: string, more: Parameters<typeof fieldsWith>[0] = {}): string => writeMessage(fieldsWith({ id, ...more }));

async function readAll(letters: DeadLetters, options?: Parameters<DeadLetters['read']>[0]): Promise<DeadLetter[]> {
  const seen: DeadLetter[] = [];
  for await (const letter of letters.read(options)) seen.push(letter);
  return seen;
}

const text = (value: string) => ({ type: 'String', value }) as const;
const texts = (...names: string[]): MessageAttributes => Object.fromEntries(names.map((name) => [name, text(name)]));

/** What says that a message is a run of its own. */
const REDRIVEN = { 'celeriac.redriven': { type: 'String', value: expect.any(String) } };

describe('a dead letter', () => {
  const only = async (world: ReturnType<typeof createWorld>): Promise<DeadLetter> => (await readAll(world.letters))[0]!;

  it('tells why it is dead, what it is and where it came from', async () => {
    const world = createWorld();
    await world.bury({ task: 'x', id: 'x' }, { receiveCount: 4 }, { body: bodyOf('id-7', { retries: 2 }) });
    const letter = await only(world);
    expect(letter).toMatchObject({
      code: 'bad-eta',
      reason: 'No time.',
      task: 'proj.add',
      id: 'id-7',
      retries: 2,
      queue: 'prod-celery',
      firstSeenMs: NOON - 5000,
      sentAtMs: NOON,
      receiveCount: 4,
    });
    expect(letter.messageId).toBe(letter.delivery.messageId);
    expect(letter.message().args).toEqual([2, 3]);
  });

  it('that SQS moved says so, and knows the rest from its body', async () => {
    const world = createWorld({ memory: { deadLetterQueues: { celery: DEAD }, maxReceiveCount: 1 } });
    await world.put({ queue: 'celery' });
    world.clock.pass(60_000);
    for (const _ of [1, 2]) {
      await world.transport.inbox.receive('celery');
      world.clock.pass(60_000);
    }
    const letter = await only(world);
    expect(letter).toMatchObject({ code: 'redriven', task: 'proj.add', id: 'id-1', firstSeenMs: NOON, sentAtMs: NOON, receiveCount: 2 });
    expect(letter.reason).toMatch(/^SQS moved it/);
    expect(letter).not.toHaveProperty('queue');
  });

  it('whose body cannot be read has its names from its attributes', async () => {
    const world = createWorld();
    await world.bury({ code: 'not-json', task: 'proj.add', id: 'id-9', retries: 3 }, {}, { body: 'not a message' });
    const letter = await only(world);
    expect(letter).toMatchObject({ task: 'proj.add', id: 'id-9', retries: 3 });
    expect(() => letter.message()).toThrow(expect.objectContaining({ name: 'DecodeError', code: 'not-json' }));
  });

  it('that says nothing of itself is still shown', async () => {
    const world = createWorld();
    await world.put({ body: 'not a message', attributes: { [DEAD_LETTER.code]: text('mine'), [DEAD_LETTER.retries]: text('-1') } });
    const letter = await only(world);
    expect(letter).toMatchObject({ code: 'mine', reason: 'mine', receiveCount: 1 });
    for (const unknown of ['task', 'id', 'retries', 'queue']) expect(letter).not.toHaveProperty(unknown);
  });

  it('of protocol 1 has its names from inside of the body', async () => {
    const world = createWorld();
    await world.put({ body: envelopeText({ headers: {}, body: { task: 'old', id: 'o-1', args: [], kwargs: {}, retries: 1 } }) });
    expect(await only(world)).toMatchObject({ task: 'old', id: 'o-1', retries: 1 });
  });

  it('keeps what its headers tell when the rest is wrong', async () => {
    const world = createWorld();
    await world.put({ body: envelopeText({ headers: { task: 'proj.add', id: '' } }) });
    const letter = await only(world);
    expect(letter.task).toBe('proj.add');
    expect(letter).not.toHaveProperty('id');
  });

  it('has attributes that the transport takes, whatever they say', async () => {
    const { bury, letters } = createWorld();
    await bury({ reason: '\ud800', task: '\ud800', id: '' }, { attributes: texts(...'abcdefghij') });
    expect(await readAll(letters)).toHaveLength(1);
  });
});

describe('read', () => {
  const filled = async (count: number, world: World = {}) => {
    const made = createWorld(world);
    for (let n = 0; n < count; n++) await made.put({ id: `id-${n}`, body: bodyOf(`id-${n}`) });
    return made;
  };
  const allReady = (count: number): string[] => Array.from({ length: count }, (_, n) => `id-${n} ready`);

  it('shows every letter once and gives all back', async () => {
    const { letters, states } = await filled(23);
    expect((await readAll(letters)).map(({ id }) => id)).toEqual(Array.from({ length: 23 }, (_, n) => `id-${n}`));
    expect(states()).toEqual(allReady(23));
    expect(await readAll(letters)).toHaveLength(23);
  });

  it('shows 100 by default, or as many as asked for', async () => {
    const { letters, states } = await filled(103);
    expect(await readAll(letters)).toHaveLength(100);
    expect(await readAll(letters, { limit: 13 })).toHaveLength(13);
    expect(await readAll(letters, { limit: 2, filter: ({ id }) => id!.endsWith('7') })).toHaveLength(2);
    expect(states()).toEqual(allReady(103));
  });

  it('gives back what it has when the iteration breaks or throws', async () => {
    const { letters, states } = await filled(12);
    for await (const { id } of letters.read()) if (id === 'id-10') break;
    expect(states()).toEqual(allReady(12));
    const throwing = async () => {
      for await (const _ of letters.read()) throw new Error('enough');
    };
    await expect(throwing()).rejects.toThrow('enough');
    await expect(
      readAll(letters, {
        filter: () => {
          throw new Error('bad filter');
        },
      }),
    ).rejects.toThrow('bad filter');
    expect(states()).toEqual(allReady(12));
  });

  it('gives back what it has when the next receive fails', async () => {
    let receives = 0;
    const { letters, states } = await filled(12, {
      around: (memory) => ({
        ...memory,
        inbox: {
          ...memory.inbox,
          receive: async (...call) => {
            if (++receives === 2) throw new OperationalError('lost', { retryable: true });
            return await memory.inbox.receive(...call);
          },
        },
      }),
    });
    await expect(readAll(letters)).rejects.toThrow('lost');
    expect(states()).toEqual(allReady(12));
  });

  it('hides each letter for 30 seconds, or as long as asked for', async () => {
    const { letters, transport } = await filled(1, { memory: { visibilityTimeoutSeconds: 1 } });
    const hiddenMs = () => transport.messages(DEAD)[0]!.visibleAt - NOON;
    for await (const _ of letters.read()) expect(hiddenMs()).toBe(30_000);
    for await (const _ of letters.read({ hideSeconds: 5 })) expect(hiddenMs()).toBe(5000);
    expect(hiddenMs()).toBe(0);
  });

  it('ends when all it gets is what it has seen', async () => {
    const { letters, clock, states } = await filled(11);
    const seen: (string | undefined)[] = [];
    for await (const { id } of letters.read({ hideSeconds: 1 })) {
      seen.push(id);
      clock.pass(2000);
    }
    expect(seen).toHaveLength(10);
    expect(states()).toEqual(allReady(11));
  });

  it('leaves letters that come while it runs', async () => {
    const { letters, clock, bury, states } = await filled(10);
    const seen: (string | undefined)[] = [];
    for await (const { id } of letters.read()) {
      seen.push(id);
      clock.pass(1);
      if (seen.length === 1) await bury({}, {}, { id: 'late', body: bodyOf('late') });
    }
    expect(seen).toHaveLength(10);
    expect(states()).toEqual([...allReady(10), 'late ready']);
  });

  it('says when it cannot give letters back', async () => {
    const { letters, logger } = await filled(2, {
      around: (memory) => ({
        ...memory,
        inbox: { ...memory.inbox, postpone: () => Promise.reject(new OperationalError('denied', { retryable: false })) },
      }),
    });
    expect(await readAll(letters)).toHaveLength(2);
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        message: 'dead letters not given back',
        queue: DEAD,
        count: 2,
        error: expect.objectContaining({ message: 'denied' }),
      },
    ]);
  });

  it('shows nothing of an empty queue', async () => {
    expect(await readAll(createWorld().letters)).toEqual([]);
  });
});

describe('a filter', () => {
  const world = async () => {
    const made = createWorld();
    await made.bury({ code: 'a' }, { sentAt: NOON - 3000, queue: 'q1' }, { body: bodyOf('1', { task: 'mail.send' }) });
    await made.bury({ code: 'b' }, { sentAt: NOON - 2000, queue: 'q2' }, { body: bodyOf('2', { task: 'mail.send' }) });
    await made.bury({ code: 'b' }, { sentAt: NOON - 1000, queue: 'q1' }, { body: bodyOf('3', { task: 'report' }) });
    await made.put({ body: 'not a message' });
    return made;
  };

  it.each<[DeadLetterFilter, (string | undefined)[]]>([
    [{}, ['1', '2', '3', undefined]],
    [{ code: 'b' }, ['2', '3']],
    [{ code: 'redriven' }, [undefined]],
    [{ task: 'mail.send' }, ['1', '2']],
    [{ task: 'mail' }, []],
    [{ task: '*' }, ['1', '2', '3']],
    [{ task: 're*t' }, ['3']],
    [{ task: /mail|report/ }, ['1', '2', '3']],
    [{ id: '2' }, ['2']],
    [{ queue: 'q1' }, ['1', '3']],
    [{ queue: 'q1', code: 'b' }, ['3']],
    [{ before: NOON - 2000 }, ['1']],
    [{ after: new Date(NOON - 2000) }, ['2', '3', undefined]],
    [{ after: NOON - 2000, before: NOON - 1000 }, ['2']],
    [({ id }) => id !== '2', ['1', '3', undefined]],
    [(() => 'yes') as never, []],
  ])('%o chooses %o', async (filter, ids) => {
    const { letters } = await world();
    expect((await readAll(letters, { filter })).map(({ id }) => id)).toEqual(ids);
  });

  it('by time never chooses a letter of unknown age', async () => {
    const { letters } = createWorld({
      around: (memory) => ({
        ...memory,
        inbox: {
          ...memory.inbox,
          receive: async (...call) => (await memory.inbox.receive(...call)).map(({ sentAt: _, ...delivery }) => delivery),
        },
      }),
    });
    expect(await readAll(letters, { filter: { before: Number.POSITIVE_INFINITY } })).toEqual([]);
  });

  it.each<[unknown, RegExp]>([
    [{ tsk: 'x' }, /not filtered by 'tsk'; did you mean 'task'/],
    [{ constructor: 'x' }, /not filtered by 'constructor'/],
    [{ task: undefined }, /'task' is undefined/],
    [{ code: 3 }, /'code' is 3/],
    [{ before: new Date(Number.NaN) }, /'before'/],
    [{ after: '2030-01-01' }, /'after' is 2030-01-01/],
    [null, /an object or a function/],
    ['mail.*', /an object or a function/],
  ])('%o is refused', async (filter, message) => {
    const { letters, put, states } = createWorld();
    await put();
    await expect(letters.purge({ filter: filter as never })).rejects.toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringMatching(message) }),
    );
    expect(states()).toEqual(['id-1 ready']);
  });
});

describe('redrive', () => {
  it('sends each letter back to its queue as it was, and takes it off', async () => {
    const world = createWorld();
    const body = bodyOf('id-1');
    await world.bury({}, { traceHeader: 'Root=1-5e-6f;Sampled=1', attributes: texts('own') }, { body, messageGroupId: 'tenant' });
    expect(await world.letters.redrive()).toEqual({ redriven: 1, skipped: 0, failed: 0 });
    expect(world.transport.messages(DEAD)).toEqual([]);
    expect(world.transport.messages('prod-celery')[0]).toMatchObject({
      ownName: true,
      id: 'id-1',
      body,
      attributes: texts('own'),
      messageGroupId: 'tenant',
      traceHeader: 'Root=1-5e-6f;Sampled=1',
      state: 'ready',
    });
  });

  it('lets a message that waited too often wait again', async () => {
    const world = createWorld();
    await world.put({ attributes: { 'celeriac.hops': { type: 'Number', value: '40000' }, ...texts('own') } });
    await world.letters.redrive();
    expect(world.transport.messages('celery')[0]?.attributes).toEqual({ ...texts('own'), ...REDRIVEN });
  });

  it('marks letters of one death alike, and others otherwise', async () => {
    const world = createWorld();
    for (const sentAt of [NOON - 5000, NOON - 5000, NOON - 1]) await world.bury({}, { sentAt });
    await world.letters.redrive();
    const marks = world.transport.messages('prod-celery').map(({ attributes }) => attributes?.['celeriac.redriven']?.value);
    expect(marks).toEqual([`${NOON - 5000}`, `${NOON - 5000}`, `${NOON - 1}`]);
  });

  it('sends what SQS moved to the source queue, and everything elsewhere when told', async () => {
    const world = createWorld();
    await world.put();
    await world.letters.redrive();
    expect(world.transport.messages('celery')[0]).not.toHaveProperty('ownName');
    await world.put();
    await createDeadLetters(world.app, { sourceQueue: 'other' }).redrive();
    expect(world.transport.messages('other')).toHaveLength(1);
    await world.bury();
    await world.letters.redrive({ queue: 'elsewhere' });
    expect(world.transport.messages('elsewhere')[0]).not.toHaveProperty('ownName');
    expect(world.transport.messages('elsewhere')[0]?.attributes).toEqual(REDRIVEN);
  });

  it('leaves what does not match, and stops at the limit', async () => {
    const world = createWorld();
    for (let n = 0; n < 25; n++) await world.bury({ code: n % 2 === 0 ? 'even' : 'odd' }, {}, { id: `id-${n}`, body: bodyOf(`id-${n}`) });
    expect(await world.letters.redrive({ filter: { code: 'odd' } })).toEqual({ redriven: 12, skipped: 13, failed: 0 });
    expect(await world.letters.redrive({ limit: 2, filter: { code: 'even' } })).toEqual({ redriven: 2, skipped: 0, failed: 0 });
    expect(await world.letters.redrive({ limit: 1 })).toEqual({ redriven: 1, skipped: 0, failed: 0 });
    expect(world.states()).toEqual([6, 8, 10, 12, 14, 16, 18, 20, 22, 24].map((n) => `id-${n} ready`));
    expect(world.transport.messages('prod-celery')).toHaveLength(15);
  });

  it('sends in batches of ten', async () => {
    const sizes: number[] = [];
    const world = createWorld({
      around: (memory) => ({
        ...memory,
        send: async (batch) => {
          sizes.push(batch.length);
          return await memory.send(batch);
        },
      }),
    });
    for (let n = 0; n < 23; n++) await world.bury({}, {}, { id: `id-${n}` });
    await world.letters.redrive();
    expect(sizes).toEqual([10, 10, 3]);
  });

  it('leaves a letter that cannot be sent, and says why', async () => {
    const world = createWorld({ memory: { queues: [DEAD, 'celery'] } });
    await world.bury({}, { queue: 'gone' }, { body: 'not a message' });
    await world.put();
    expect(await world.letters.redrive()).toEqual({ redriven: 1, skipped: 0, failed: 1 });
    expect(world.states()).toEqual(['id-1 ready']);
    expect(world.logger.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        message: 'dead letter not redriven',
        queue: DEAD,
        error: expect.objectContaining({ name: 'QueueNotFound' }),
      }),
    ]);
    expect(world.logger.lines[0]).not.toHaveProperty('task');
  });

  it('tries again what may be sent later', async () => {
    let sends = 0;
    const world = createWorld({
      around: (memory) => ({
        ...memory,
        send: async (batch) =>
          ++sends === 1
            ? batch.map(() => ({ ok: false, error: new OperationalError('slow down', { retryable: true }) }))
            : memory.send(batch),
      }),
    });
    await world.bury();
    expect(await world.letters.redrive()).toMatchObject({ redriven: 1 });
    expect(sends).toBe(2);
  });

  it('sends first: a letter whose deletion fails is there twice, and this run sends it no second time', async () => {
    const world = createWorld({
      around: (memory) => ({
        ...memory,
        inbox: {
          ...memory.inbox,
          done: async (delivery) => {
            await memory.inbox.postpone(delivery, 0);
            throw new OperationalError('lost', { retryable: true });
          },
        },
      }),
    });
    await world.bury({}, {}, { body: bodyOf('id-1') });
    expect(await world.letters.redrive()).toEqual({ redriven: 1, skipped: 0, failed: 0 });
    expect(world.states()).toEqual(['id-1 in-flight']);
    expect(world.transport.messages('prod-celery')).toHaveLength(1);
    expect(world.logger.lines).toEqual([
      expect.objectContaining({ level: 'error', message: 'dead letter redriven but not deleted', task: 'proj.add', id: 'id-1' }),
    ]);
  });

  it('meets no letter again that dies at once', async () => {
    const world: ReturnType<typeof createWorld> = createWorld({
      around: (memory) => ({
        ...memory,
        send: async (batch) => {
          world.clock.pass(1);
          const receipts = await memory.send(batch);
          for (const { body } of batch) await world.bury({}, {}, { id: 'again', body });
          return receipts;
        },
      }),
    });
    for (let n = 0; n < 11; n++) await world.bury({}, {}, { id: `id-${n}` });
    expect(await world.letters.redrive()).toEqual({ redriven: 11, skipped: 0, failed: 0 });
    expect(world.states()).toEqual(Array.from({ length: 11 }, () => 'again ready'));
  });

  it('keeps order within a FIFO group, under deduplication ids of its own', async () => {
    const world = createWorld({ queue: 'dead.fifo' });
    for (let n = 0; n < 12; n++) {
      const from = { queue: 'orders.fifo' };
      await world.put({ queue: 'orders.fifo', id: `id-${n}`, messageGroupId: 'g' });
      await world.bury({}, from, { id: `id-${n}`, body: bodyOf(`id-${n}`), messageGroupId: 'g' });
    }
    expect(await world.letters.redrive()).toMatchObject({ redriven: 12 });
    const back = world.transport.messages('orders.fifo').slice(12);
    expect(back.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, n) => `id-${n}`));
    expect(back.every(({ messageGroupId, messageDeduplicationId: id }) => messageGroupId === 'g' && /^redrive-[\w-]{36}$/.test(id!))).toBe(
      true,
    );
  });

  it('adds nothing to a FIFO queue when the same letter is sent a second time', async () => {
    let fails = true;
    const world = createWorld({
      queue: 'dead.fifo',
      around: (memory) => ({
        ...memory,
        inbox: { ...memory.inbox, done: async (delivery) => (fails ? Promise.reject(new Error('crash')) : memory.inbox.done(delivery)) },
      }),
    });
    await world.bury({}, { queue: 'orders.fifo' }, { messageGroupId: 'g' });
    await world.letters.redrive();
    fails = false;
    world.clock.pass(31_000);
    expect(await world.letters.redrive()).toMatchObject({ redriven: 1 });
    expect(world.transport.messages('orders.fifo')).toHaveLength(1);
    expect(world.transport.messages('dead.fifo')).toEqual([]);
  });

  it.each([
    ['its own trace header', { traceHeader: 'Root=1-1a-2b' }, 'Root=1-5e-6f', 'Root=1-1a-2b'],
    ['its attributes when that is all there is', {}, 'Root=1-5e-6f', 'Root=1-5e-6f'],
    ['nowhere when SQS would refuse it', {}, 'not a trace', undefined],
  ])('takes the trace from %s', async (_where, own, trace, expected) => {
    const world = createWorld();
    await world.put({ ...own, attributes: { [DEAD_LETTER.trace]: text(trace) } });
    await world.letters.redrive();
    expect(world.transport.messages('celery')[0]?.traceHeader).toBe(expected);
  });
});

describe('the retries of a redriven task', () => {
  const codecs = createCodecs();

  async function redriven(body: string, retries?: 'keep' | 'reset', settings: Partial<Settings> = {}): Promise<string> {
    const world = createWorld({ settings });
    await world.put({ body });
    await world.letters.redrive(retries === undefined ? {} : { retries });
    return world.transport.messages('celery')[0]!.body;
  }

  it('begin anew, and nothing else of the message changes', async () => {
    const body = bodyOf('id-1', {
      retries: 3,
      eta: '2020-01-01T00:00:00+00:00',
      expires: '2021-01-01T00:00:00+00:00',
      compression: 'zlib',
    });
    const [before, after] = [openEnvelope(body), openEnvelope(await redriven(body))];
    expect(after).toEqual({ ...before, headers: { ...before.headers, retries: 0 } });
    expect(before.headers['retries']).toBe(3);
  });

  it('begin anew without a codec for the body', async () => {
    const body = envelopeText({ contentType: 'application/x-yaml', headers: { task: 'a', id: 'b', retries: 2 } });
    const after = await redriven(body);
    expect(after).toMatch(/^\{/);
    expect(JSON.parse(after)).toEqual({ ...JSON.parse(body), headers: { task: 'a', id: 'b', retries: 0 } });
  });

  it.each([undefined, 'keep', 'reset'] as const)('leave a body as it is that has none (%s)', async (retries) => {
    const body = ` ${envelopeText()}`;
    expect(await redriven(body, retries)).toBe(body);
  });

  it('are kept when told', async () => {
    const body = bodyOf('id-1', { retries: 3 });
    expect(await redriven(body, 'keep')).toBe(body);
  });

  it.each([{}, { compression: 'zlib' }])('begin anew in protocol 1 too (%o)', async (more) => {
    const body = writeMessage(fieldsWith({ retries: 3, kwargs: { a: 1 }, ...more }), { taskProtocol: 1 });
    const after = await redriven(body);
    const [first, second] = [readMessage(body, { codecs }), readMessage(after, { codecs })];
    expect(second).toMatchObject({ protocol: 1, args: first.args, kwargs: first.kwargs, headers: { ...first.headers, retries: 0 } });
    expect(openEnvelope(after).headers).toEqual(openEnvelope(body).headers);
  });

  it('stay in a body that cannot be read', async () => {
    const world = createWorld();
    await world.bury({ retries: 3 }, { queue: 'celery' }, { body: 'not a message' });
    await world.letters.redrive();
    expect(world.transport.messages('celery')[0]?.body).toBe('not a message');
  });

  it('are nothing else than kept or reset', async () => {
    await expect(createWorld().letters.redrive({ retries: 'none' as never })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
  });
});

describe('purge', () => {
  it('deletes what matches, up to the limit', async () => {
    const world = createWorld();
    for (let n = 0; n < 25; n++) await world.bury({ code: n % 2 === 0 ? 'even' : 'odd' }, {}, { id: `id-${n}` });
    expect(await world.letters.purge({ filter: { code: 'odd' } })).toEqual({ purged: 12 });
    expect(await world.letters.purge({ filter: ({ code }) => code === 'even', limit: 11 })).toEqual({ purged: 11 });
    expect(world.states()).toEqual(['id-22 ready', 'id-24 ready']);
    expect(await world.letters.purge({ all: true })).toEqual({ purged: 2 });
    expect(world.states()).toEqual([]);
  });

  it.each([{}, { filter: {} }, { limit: 1 }, { all: 'yes' as never }])(
    'refuses to delete everything when it is not told so: %o',
    async (options) => {
      const world = createWorld();
      await world.put();
      await expect(world.letters.purge(options)).rejects.toThrow('a filter, or all: true');
      expect(world.states()).toEqual(['id-1 ready']);
    },
  );

  it('gives back what it could not delete, and says why', async () => {
    const refuses: Partial<Inbox> = { done: () => Promise.reject(new OperationalError('denied', { retryable: false })) };
    const world = createWorld({ around: (memory) => ({ ...memory, inbox: { ...memory.inbox, ...refuses } }) });
    await world.put();
    expect(await world.letters.purge({ all: true })).toEqual({ purged: 0 });
    expect(world.states()).toEqual(['id-1 ready']);
    expect(world.logger.lines).toEqual([expect.objectContaining({ level: 'error', message: 'dead letter not deleted' })]);
  });
});

describe('createDeadLetters', () => {
  it('takes the queue of the settings, or the one that is named', async () => {
    const world = createWorld();
    await world.put({ queue: 'graveyard', body: base64('x') });
    expect(await readAll(createDeadLetters(world.app, { queue: 'graveyard' }))).toHaveLength(1);
    expect(await readAll(world.letters)).toEqual([]);
  });

  it('refuses an app without a dead-letter queue', () => {
    expect(() => createDeadLetters(createApp('shop'))).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });

  it('may be made before the app is connected, and run after', async () => {
    const letters = createDeadLetters(createApp('shop'), { queue: DEAD });
    expect(() => letters.read()).toThrow('not connected');
    await expect(letters.redrive()).rejects.toThrow('not connected');
  });

  it('needs a transport that receives', async () => {
    const app = createApp('shop', { transport: createRecordingTransport() });
    await expect(createDeadLetters(app, { queue: DEAD }).purge({ all: true })).rejects.toThrow('a transport with an inbox');
  });

  it('runs without a logger', async () => {
    const clock = createImpatientClock();
    const transport = createMemoryTransport({ clock, queues: [DEAD] });
    await transport.send([{ queue: DEAD, id: 'a', body: 'x' }]);
    const letters = createDeadLetters(createApp('shop', { transport, clock }), { queue: DEAD });
    expect(await letters.redrive()).toEqual({ redriven: 0, skipped: 0, failed: 1 });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %d', (limit) => {
    expect(() => createWorld().letters.read({ limit })).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });
});
