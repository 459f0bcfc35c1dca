import { describe, expect, it } from 'vitest';
import { committingOf } from '../../../src/app/commit.ts';
import type { TaskContext } from '../../../src/app/context.ts';
import type { TaskDefaults } from '../../../src/app/options.ts';
import type { ResultBackend } from '../../../src/backends/backend.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { chain } from '../../../src/canvas/chain.ts';
import { chord } from '../../../src/canvas/chord.ts';
import { group } from '../../../src/canvas/group.ts';
import { BackendStoreError, Ignore, Overtaken, Reject } from '../../../src/errors.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import type { Delivery } from '../../../src/transports/transport.ts';
import { NOON } from '../../support/fake-clock.ts';
import { createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker, readSent, toDelivery } from '../../support/worker.ts';

const ACK = { do: 'ack' };
const REQUEUE = { do: 'requeue' };
const MINUTE = 60_000;
const SKEW = 5 * MINUTE;
const DAY = 86_400_000;

const within = (leftMs: number, budgetMs = 60_000): Partial<Delivery> => ({ deadline: { atMs: NOON + leftMs, budgetMs, atEnd: [] } });

interface WorldOptions {
  readonly backend?: ResultBackend;
  readonly ledger?: Ledger;
  readonly defaults?: Omit<TaskDefaults, 'bind' | 'kwargs'>;
  readonly deadLetterQueue?: string | null;
}

/** Counts runs; each run does what `act` says at that time. */
function createWorld({ ledger = createMemoryLedger(), backend, defaults = {}, deadLetterQueue = 'dead' }: WorldOptions = {}) {
  const down = { queues: new Set<string>() };
  const transport = createRecordingTransport((message) =>
    down.queues.has(message.queue) ? refused() : { ok: true, messageId: message.id },
  );
  const settings = { deadLetterQueue, taskPublishRetryPolicy: { maxRetries: 0 } };
  const worker = createTestWorker({ ledger, transport, settings, ...(backend && { backend }) });
  const state = { runs: 0, act: (_self: TaskContext): unknown => state.runs };
  const task = worker.app.task('pay', { bind: true, idempotent: true, ...defaults }, (self, _amount: number): number => {
    state.runs += 1;
    return state.act(self) as number;
  });
  const next = worker.app.declare<[number], number>('next');
  const first = () => toDelivery(transport.sent[0]!);
  const statusOf = async (id: string) => (await worker.results.fetch(id))?.status;
  return { ...worker, transport, state, task, next, down, first, ledger, statusOf, sent: () => transport.sent.slice(1) };
}

describe('an idempotent task', () => {
  it('that is delivered twice runs once; the second is acknowledged', async () => {
    const { task, deliver, first, state, logger } = createWorld();
    await task.delay(5);
    expect(await deliver(first())).toEqual(ACK);
    expect(await deliver({ ...first(), receiveCount: 2 })).toEqual(ACK);
    expect(state.runs).toBe(1);
    expect(logger.lines.at(-1)).toMatchObject({ state: 'DUPLICATE', acknowledged: true });
  });

  it('is what the settings say, where the task says nothing', async () => {
    const worker = createTestWorker({ ledger: createMemoryLedger(), settings: { taskIdempotent: true } });
    let runs = 0;
    const once = worker.app.task('once', () => ++runs);
    const often = worker.app.task('often', { idempotent: false }, () => ++runs);
    await once.delay();
    await worker.runLast();
    await worker.runLast();
    expect(runs).toBe(1);
    await often.delay();
    await worker.runLast();
    await worker.runLast();
    expect(runs).toBe(3);
  });

  it.each([
    ['it', { idempotent: true }, {}],
    ['all tasks', {}, { taskIdempotent: true }],
  ])('is no task for a worker without a ledger, which says so where %s asks for it', async (_which, defaults, settings) => {
    const worker = createTestWorker({ settings });
    const once = worker.app.task('once', defaults, () => expect.fail('it ran'));
    await once.delay();
    expect(() => worker.runLast()).toThrow(/'once' is idempotent and there is no ledger/);
  });

  it('sends on what follows it when it died before, under the same ids, and does not run again', async () => {
    const { task, next, deliver, first, state, down, sent, statusOf } = createWorld();
    const result = await task.s(5).link(next.s()).applyAsync();
    down.queues.add('celery');
    expect(await deliver(first())).toEqual(REQUEUE);
    expect(await statusOf(result.id)).toBeUndefined();
    const lost = readSent(sent().at(-1)!).headers.id;
    down.queues.clear();
    expect(await deliver(first())).toEqual(ACK);
    expect(state.runs).toBe(1);
    expect(readSent(sent().at(-1)!)).toMatchObject({ args: [1], headers: { id: lost, task: 'next' } });
    expect(await statusOf(result.id)).toBe('SUCCESS');
  });

  it('sends nothing twice where all of it is known to be sent', async () => {
    const { task, next, deliver, first, sent } = createWorld();
    await task.s(5).link(next.s()).applyAsync();
    await deliver(first());
    await deliver(first());
    expect(sent()).toHaveLength(1);
  });

  it('stores what it came to when it died before, and not what it would come to now', async () => {
    let isDown = true;
    const kept = createMemoryBackend();
    const store: typeof kept.store = (document) => (isDown ? Promise.reject(new BackendStoreError('down')) : kept.store(document));
    const { storeMany: _, ...rest } = kept;
    const worker = createTestWorker({ ledger: createMemoryLedger(), backend: { ...rest, store } });
    let runs = 0;
    const task = worker.app.task('count', { idempotent: true }, () => ({ runs: ++runs, when: new Date(NOON) }));
    const { id } = await task.delay();
    expect(await worker.runLast()).toEqual(REQUEUE);
    isDown = false;
    expect(await worker.runLast()).toEqual(ACK);
    expect(await kept.fetch(id)).toMatchObject({ status: 'SUCCESS', result: { runs: 1 } });
    expect(runs).toBe(1);
  });

  it('that failed fails the same way again, its errbacks told under the same ids', async () => {
    const { task, next, deliver, first, state, down, sent, results } = createWorld();
    state.act = () => {
      throw Object.assign(new Error('card declined'), { name: 'CardError' });
    };
    const result = await task.s(5).linkError(next.si(1)).applyAsync();
    down.queues.add('celery');
    expect(await deliver(first())).toEqual(REQUEUE);
    const lost = readSent(sent().at(-1)!).headers.id;
    down.queues.clear();
    expect(await deliver(first())).toEqual(ACK);
    expect(state.runs).toBe(1);
    expect(readSent(sent().at(-1)!).headers.id).toBe(lost);
    expect(await results.fetch(result.id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'CardError', exc_message: ['card declined'] },
      traceback: expect.stringContaining('card declined'),
    });
  });

  it.each([
    ['ignored', () => new Ignore()],
    ['rejected', () => new Reject('no')],
  ])('that was %s is not run again', async (_how, error) => {
    const { task, deliver, first, state } = createWorld();
    state.act = () => {
      throw error();
    };
    await task.delay(5);
    expect(await deliver(first())).toEqual(ACK);
    expect(await deliver(first())).toEqual(ACK);
    expect(state.runs).toBe(1);
  });

  it.each([
    ['asks to be given back', {}, () => new Reject('later', { requeue: true })],
    ['is given back when it fails', { acksOnFailureOrTimeout: false }, () => new Error('x')],
    ['acknowledges late and rejects', { acksLate: true }, () => new Reject('no')],
  ])('that %s runs again', async (_how, defaults, error) => {
    const { task, deliver, first, state } = createWorld({ defaults });
    state.act = () => {
      throw error();
    };
    await task.delay(5);
    expect(await deliver(first())).toEqual(REQUEUE);
    expect(await deliver(first())).toEqual(REQUEUE);
    expect(state.runs).toBe(2);
  });

  it('is refused under an id that was used for other arguments, and set aside', async () => {
    const { task, deliver, first, state, transport } = createWorld();
    await task.applyAsync([5], { taskId: 'payment-7' });
    await deliver(first());
    await task.applyAsync([6], { taskId: 'payment-7' });
    expect(await deliver(toDelivery(transport.sent[1]!))).toMatchObject({ do: 'quarantine', code: 'id-reused', buried: true });
    expect(state.runs).toBe(1);
  });

  it('is the same under the same id whatever its eta, origin and expiry', async () => {
    const { task, deliver, first, state, transport } = createWorld();
    await task.applyAsync([5], { taskId: 'payment-7' });
    await deliver(first());
    await task.applyAsync([5], { taskId: 'payment-7', expires: 100, origin: 'elsewhere' });
    expect(await deliver(toDelivery(transport.sent[1]!))).toEqual(ACK);
    expect(state.runs).toBe(1);
  });

  it('sends on what follows it although it has expired meanwhile', async () => {
    const { task, next, deliver, first, down, sent, clock, statusOf } = createWorld();
    const result = await task.s(5).set({ expires: 60 }).link(next.s()).applyAsync();
    down.queues.add('celery');
    await deliver(first());
    down.queues.clear();
    await clock.advance(2 * MINUTE);
    expect(await deliver(first())).toEqual(ACK);
    expect(readSent(sent().at(-1)!).headers.task).toBe('next');
    expect(await statusOf(result.id)).toBe('SUCCESS');
  });

  it('that expired is REVOKED, once and for all', async () => {
    const { task, deliver, first, state, clock, statusOf } = createWorld();
    const { id } = await task.applyAsync([5], { expires: 1 });
    await clock.advance(MINUTE);
    expect(await deliver(first())).toEqual(ACK);
    expect(await deliver(first())).toEqual(ACK);
    expect([state.runs, await statusOf(id)]).toEqual([0, 'REVOKED']);
  });

  it('runs again when it is sent back from a dead-letter queue, once for each time', async () => {
    const { task, deliver, first, state } = createWorld();
    state.act = () => {
      throw new Error('no');
    };
    await task.delay(5);
    await deliver(first());
    const redriven = (value: string) => ({ ...first(), attributes: { 'celeriac.redriven': { type: 'String' as const, value } } });
    for (const letter of ['a', 'a', 'b']) expect(await deliver(redriven(letter))).toEqual(ACK);
    expect(state.runs).toBe(3);
    // Moved by SQS itself, it bears the marks of the dead message, and has an id of its own.
    const moved = { ...first(), messageId: 'moved', attributes: { 'celeriac.code': { type: 'String' as const, value: 'failed' } } };
    for (let n = 0; n < 2; n++) await deliver(moved);
    expect(state.runs).toBe(4);
  });

  it('that has succeeded is not run again, whoever sends it back', async () => {
    const { task, next, deliver, first, state, down, sent } = createWorld();
    await task.s(5).link(next.s()).applyAsync();
    down.queues.add('celery');
    await deliver(first());
    down.queues.clear();
    const attributes = { 'celeriac.redriven': { type: 'String' as const, value: 'letter' } };
    expect(await deliver({ ...first(), attributes })).toEqual(ACK);
    expect(readSent(sent().at(-1)!).headers.task).toBe('next');
    expect(state.runs).toBe(1);
  });

  it('that is retried after SQS moved it back runs once, by whichever message the retry comes', async () => {
    const { task, deliver, first, state, transport, logger } = createWorld();
    state.act = (self) => (self.retries === 0 ? self.retry({ countdown: 0 }) : 7);
    await task.delay(5);
    const code = { type: 'String', value: 'failed' } as const;
    await deliver({ ...first(), messageId: 'moved', attributes: { 'celeriac.code': code } });
    for (const messageId of ['one', 'other']) expect(await deliver({ ...toDelivery(transport.sent[1]!), messageId })).toEqual(ACK);
    expect(state.runs).toBe(2);
    expect(logger.lines.at(-1)).toMatchObject({ state: 'DUPLICATE' });
  });

  it('has one key for all of its attempts', async () => {
    const { task, deliver, first, state, transport } = createWorld();
    const keys: string[] = [];
    state.act = (self) => {
      keys.push(self.idempotencyKey);
      if (self.retries === 0) self.retry({ countdown: 0 });
    };
    const { id } = await task.delay(5);
    await deliver(first());
    await deliver(toDelivery(transport.sent[1]!));
    expect(keys).toEqual([id, id]);
  });
});

describe('a retry of an idempotent task', () => {
  it('runs, once however often either message comes', async () => {
    const { task, deliver, first, state, transport, statusOf } = createWorld();
    state.act = (self) => (self.retries === 0 ? self.retry({ countdown: 0 }) : 7);
    const { id } = await task.delay(5);
    for (let n = 0; n < 2; n++) expect(await deliver(first())).toEqual(ACK);
    expect(transport.sent).toHaveLength(2);
    for (let n = 0; n < 2; n++) expect(await deliver(toDelivery(transport.sent[1]!))).toEqual(ACK);
    expect([state.runs, await statusOf(id)]).toEqual([2, 'SUCCESS']);
  });

  it('is sent when its attempt died before that, for the same moment and with the same arguments', async () => {
    const { task, deliver, first, state, down, transport, clock } = createWorld();
    state.act = (self) => self.retry({ countdown: 100, args: [6], exc: new Error('busy') });
    await task.delay(5);
    down.queues.add('celery');
    expect(await deliver(first())).toEqual(REQUEUE);
    const lost = readSent(transport.sent[1]!);
    down.queues.clear();
    await clock.advance(30_000);
    expect(await deliver(first())).toEqual(ACK);
    const sent = readSent(transport.sent[2]!);
    expect(sent).toMatchObject({ args: [6], headers: { id: lost.headers.id, retries: 1, eta: lost.headers.eta } });
    expect(sent.headers.eta).toBe('2030-01-02T12:01:40+00:00');
    expect(state.runs).toBe(1);
  });

  it('that was asked for beside an end is sent beside it', async () => {
    const { task, deliver, first, state, down, transport } = createWorld();
    state.act = (self) => {
      self.retry({ countdown: 0, throw: false });
      return 3;
    };
    await task.delay(5);
    down.queues.add('celery');
    await deliver(first());
    down.queues.clear();
    expect(await deliver(first())).toEqual(ACK);
    expect(readSent(transport.sent[2]!).headers.retries).toBe(1);
    expect(state.runs).toBe(1);
  });

  it('that holds its message lets go of its claim', async () => {
    const { task, deliver, transport, state } = createWorld({ defaults: { fifoRetry: 'hold' } });
    state.act = (self) => (self.retries < 2 ? self.retry({ countdown: 10 }) : 1);
    await task.applyAsync([5], { queue: 'orders.fifo' });
    const held = toDelivery(transport.sent[0]!);
    for (const receiveCount of [1, 2]) {
      expect(await deliver({ ...held, receiveCount })).toEqual({ do: 'requeue', afterSeconds: 10 });
    }
    expect(await deliver({ ...held, receiveCount: 3 })).toEqual(ACK);
    expect(await deliver({ ...held, receiveCount: 4 })).toEqual(ACK);
    expect(state.runs).toBe(3);
  });
});

describe('a replaced task', () => {
  it('is replaced once, by the same messages', async () => {
    const { task, next, deliver, first, state, down, sent } = createWorld();
    state.act = (self) => self.replace(next.s(9));
    const { id } = await task.delay(5);
    down.queues.add('celery');
    expect(await deliver(first())).toEqual(REQUEUE);
    down.queues.clear();
    expect(await deliver(first())).toEqual(ACK);
    expect(await deliver(first())).toEqual(ACK);
    expect(state.runs).toBe(1);
    expect(sent().map((each) => readSent(each))).toMatchObject([{ headers: { id } }, { args: [9], headers: { id, task: 'next' } }]);
  });

  it.each(['a chain with a chord in it', 'a chord whose body is a chain'])('by %s ends with the last of its tasks', async (which) => {
    const { app, transport, results, deliver } = createTestWorker({
      ledger: createMemoryLedger(),
      settings: { taskIdempotent: true, deadLetterQueue: 'dead' },
    });
    const more = app.task('more', (n: number) => n + 1);
    const sum = app.task('sum', (all: readonly number[]) => all.reduce((one, other) => one + other, 0));
    const swap = app.task('swap', { bind: true }, (self): number =>
      self.replace(
        which.startsWith('a chain')
          ? chain(group(more.s(1), more.s(2)), sum.s(), more.s())
          : chord([more.s(1), more.s(2)], chain(sum.s(), more.s())),
      ),
    );
    const { id } = await swap.delay();
    for (let n = 0; n < transport.sent.length && n < 20; n++) expect(await deliver(toDelivery(transport.sent[n]!))).toEqual(ACK);
    expect(transport.sent.map(({ queue }) => queue)).not.toContain('dead');
    expect(await results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 6 });
  });
});

describe('a claim', () => {
  /** A run that stays where it is until it is told to go on. */
  function createRunning(options: WorldOptions = {}) {
    const world = createWorld(options);
    const ends: (() => void)[] = [];
    world.state.act = () => new Promise((resolve) => ends.push(() => resolve(world.state.runs)));
    return { ...world, ends };
  }
  const startOf = async (world: ReturnType<typeof createRunning>, extra: Partial<Delivery>) => {
    const { runs } = world.state;
    const ended = world.deliver({ ...world.first(), ...extra });
    while (world.state.runs === runs) await new Promise((resolve) => setImmediate(resolve));
    return { ended };
  };

  /** From now on it hears no timer. */
  const freeze = ({ clock }: Pick<ReturnType<typeof createRunning>, 'clock'>): void => {
    clock.sleep = () => new Promise(() => {});
  };

  it('keeps a duplicate out of sight until it runs out, unrun, unacknowledged and counted as no attempt', async () => {
    const begun: string[] = [];
    const memory = createMemoryLedger();
    const begin: Ledger['begin'] = (attempt) => {
      begun.push(attempt.token);
      return memory.begin(attempt);
    };
    const world = createRunning({ ledger: { ...memory, begin } });
    await world.task.delay(5);
    const { ended } = await startOf(world, within(MINUTE));
    for (let receives = 2; receives < 8; receives++) {
      const duplicate = await world.deliver({ ...world.first(), ...within(MINUTE), receiveCount: receives });
      expect(duplicate).toEqual({ do: 'requeue', afterSeconds: (MINUTE + SKEW) / 1000 });
    }
    expect(world.state.runs).toBe(1);
    expect(begun).toHaveLength(1);
    world.ends[0]!();
    expect(await ended).toEqual(ACK);
  });

  it.each([0, -5000, -DAY])('of an attempt with %d ms left is held for the skew alone', async (leftMs) => {
    const world = createWorld();
    await world.task.delay(5);
    const claims: number[] = [];
    const memory = createMemoryLedger();
    const ledger: Ledger = {
      ...memory,
      claim(claim) {
        claims.push(claim.heldUntilMs);
        return memory.claim(claim);
      },
    };
    // A poller's deadline may have passed; a Lambda would not start it at all.
    const { heldUntil } = await import('../../../src/ledgers/ledger.ts');
    await ledger.claim({ taskId: 't', token: 'a', payload: 'p', nowMs: NOON, heldUntilMs: heldUntil(NOON, leftMs), expiresMs: NOON + DAY });
    expect(claims).toEqual([NOON + SKEW]);
  });

  it('is taken over when it has run out, and not before', async () => {
    const world = createRunning();
    freeze(world);
    await world.task.delay(5);
    await startOf(world, within(MINUTE));
    await world.clock.advance(MINUTE + SKEW - 1);
    expect(await world.deliver({ ...world.first(), ...within(2 * DAY, 2 * DAY) })).toEqual({ do: 'requeue', afterSeconds: 1 });
    await world.clock.advance(1);
    const { ended } = await startOf(world, within(2 * DAY, 2 * DAY));
    world.ends[1]!();
    expect(await ended).toEqual(ACK);
    expect(world.state.runs).toBe(2);
  });

  it('that was taken over lets its former holder store, send and count nothing', async () => {
    const world = createRunning();
    freeze(world);
    const result = await world.task.s(5).link(world.next.s()).applyAsync();
    const frozen = await startOf(world, within(MINUTE));
    await world.clock.advance(MINUTE + SKEW);
    const takenOver = await startOf(world, within(2 * DAY, 2 * DAY));
    world.ends[1]!();
    expect(await takenOver.ended).toEqual(ACK);
    const before = [await world.results.fetch(result.id), world.transport.sent.length];
    world.ends[0]!();
    expect(await frozen.ended).toEqual(REQUEUE);
    expect([await world.results.fetch(result.id), world.transport.sent.length]).toEqual(before);
    expect(await world.results.fetch(result.id)).toMatchObject({ result: 2 });
    expect(world.logger.lines.at(-1)).toMatchObject({ state: 'OVERTAKEN', acknowledged: false });
  });

  it('whose time is over lets what is still running publish nothing', async () => {
    const world = createWorld();
    let thaw = (): void => {};
    world.state.act = async () => {
      await new Promise<void>((resolve) => {
        thaw = resolve;
      });
      await world.next.delay(1);
    };
    await world.task.delay(5);
    const ended = world.deliver({ ...world.first(), ...within(MINUTE, 10 * DAY) });
    while (world.state.runs === 0) await new Promise((resolve) => setImmediate(resolve));
    freeze(world);
    const { sent } = world.transport;
    await world.clock.advance(MINUTE + 1);
    thaw();
    await ended;
    expect(sent.filter(({ queue }) => queue === 'celery')).toHaveLength(1);
  });

  it('is let go of where the task was never run', async () => {
    const ledger = createMemoryLedger();
    const world = createWorld({ ledger: { ...ledger, begin: () => Promise.reject(new BackendStoreError('down')) } });
    await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(REQUEUE);
    expect(await ledger.claim(claimOf(world.transport.sent[0]!.id))).toMatchObject({ claim: 'mismatch' });
    const again = createWorld({ ledger });
    await again.task.applyAsync([5], { taskId: world.transport.sent[0]!.id });
    expect(await again.deliver(again.first())).toEqual(ACK);
    expect(again.state.runs).toBe(1);
  });

  const claimOf = (taskId: string) => ({
    taskId,
    token: 'look',
    payload: 'other',
    nowMs: NOON,
    heldUntilMs: NOON + SKEW,
    expiresMs: NOON + DAY,
  });

  it.each([
    ['14 days', {}, {}, 14 * DAY],
    ['14 days and a year where it had an eta', {}, { eta: new Date(NOON - 1) }, 380 * DAY],
    ['as long as its task says', { idempotent: { remember: 60 } }, {}, MINUTE],
  ])('is remembered for %s', async (_how, defaults, options, expected) => {
    const settled: number[] = [];
    const memory = createMemoryLedger();
    const settle: Ledger['settle'] = (done) => {
      settled.push(done.expiresMs);
      return memory.settle(done);
    };
    const world = createWorld({ ledger: { ...memory, settle }, defaults });
    await world.task.applyAsync([5], options);
    await world.deliver(world.first());
    expect(new Set(settled)).toEqual(new Set([NOON + expected]));
  });

  it.each(['claim', 'settle'] as const)('gives the message back where the ledger cannot %s', async (name) => {
    const down = () => Promise.reject(new BackendStoreError('down'));
    const world = createWorld({ ledger: { ...createMemoryLedger(), [name]: down } });
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(REQUEUE);
    expect(await world.statusOf(id)).toBeUndefined();
  });

  it.each([
    ['release', () => new Reject('later', { requeue: true })],
    ['settle', undefined],
  ] as const)(
    'that its ledger does not %s is logged with the name and text of the error, and nothing that it carries',
    async (name, error) => {
      const memory = createMemoryLedger();
      let asked = 0;
      const failing = (attempt: never) => {
        asked += 1;
        // The first `settle` notes the end, the second that all of it was followed.
        if (name === 'settle' && asked === 1) return memory.settle(attempt);
        return Promise.reject(Object.assign(new BackendStoreError('down'), { Item: 'SECRET' }));
      };
      const world = createWorld({ ledger: { ...memory, [name]: failing } });
      world.state.act = () => {
        if (error !== undefined) throw error();
        return 1;
      };
      await world.task.delay(5);
      await world.deliver(world.first());
      const logged = world.logger.lines.filter((line) => /not (noted|released)/.test(String(line.message)));
      expect(logged).toMatchObject([{ error: { name: 'BackendStoreError', message: 'down' } }]);
      expect(logged[0]!['error']).not.toHaveProperty('Item');
    },
  );

  it('whose end was noted although the ledger said otherwise is settled from that note', async () => {
    const memory = createMemoryLedger();
    let isDown = true;
    const settle: Ledger['settle'] = async (done) => {
      const answer = await memory.settle(done);
      if (isDown) throw new BackendStoreError('the reply was lost');
      return answer;
    };
    const world = createWorld({ ledger: { ...memory, settle } });
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(REQUEUE);
    isDown = false;
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect([world.state.runs, await world.statusOf(id)]).toEqual([1, 'SUCCESS']);
  });

  it('keeps what is sent back from a dead-letter queue out of sight while the task still runs', async () => {
    const world = createRunning();
    await world.task.delay(5);
    const { ended } = await startOf(world, within(MINUTE));
    const back = { ...world.first(), ...within(MINUTE), attributes: { 'celeriac.redriven': { type: 'String' as const, value: 'a' } } };
    expect(await world.deliver(back)).toEqual({ do: 'requeue', afterSeconds: (MINUTE + SKEW) / 1000 });
    expect(world.logger.lines.at(-1)).toMatchObject({ state: 'HELD' });
    world.ends[0]!();
    expect(await ended).toEqual(ACK);
    expect(await world.deliver(back)).toEqual(ACK);
    expect(world.state.runs).toBe(1);
  });

  it('is remembered from the end of its task on, however long that took', async () => {
    const world = createWorld({ defaults: { idempotent: { remember: 60 } } });
    world.state.act = () => world.clock.advance(2 * MINUTE);
    await world.task.delay(5);
    const long = within(15 * MINUTE, 15 * MINUTE);
    expect(await world.deliver({ ...world.first(), ...long })).toEqual(ACK);
    await world.clock.advance(MINUTE - 1);
    expect(await world.deliver({ ...world.first(), ...long })).toEqual(ACK);
    expect(world.state.runs).toBe(1);
  });

  it('that ran out while its poller was frozen lets it send nothing before it is held again', async () => {
    const memory = createMemoryLedger();
    let answer = (_isHeld: boolean): void => {};
    const renew: Ledger['renew'] = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const world = createWorld({ ledger: { ...memory, renew } });
    const tried: string[] = [];
    const send = () =>
      world.next.delay(1).then(
        () => tried.push('sent'),
        (error: Error) => tried.push(error.name),
      );
    world.state.act = async () => {
      await world.clock.advance(MINUTE + SKEW + 1);
      await send();
      answer(true);
      await new Promise((resolve) => setImmediate(resolve));
      await send();
    };
    await world.task.delay(5);
    await world.deliver(world.first());
    expect(tried).toEqual(['OperationalError', 'sent']);
  });

  it('that has run out lets no STARTED be stored over what another attempt came to', async () => {
    const memory = createMemoryLedger();
    let thaw: (() => void) | undefined;
    const begin: Ledger['begin'] = async (attempt) => {
      const answer = await memory.begin(attempt);
      if (thaw === undefined) {
        await new Promise<void>((resolve) => {
          thaw = resolve;
        });
      }
      return answer;
    };
    const world = createWorld({ ledger: { ...memory, begin }, defaults: { trackStarted: true } });
    world.state.act = () => {
      throw new Error('no');
    };
    const { id } = await world.task.delay(5);
    const frozen = world.deliver({ ...world.first(), ...within(MINUTE) });
    while (thaw === undefined) await new Promise((resolve) => setImmediate(resolve));
    freeze(world);
    await world.clock.advance(MINUTE + SKEW);
    expect(await world.deliver({ ...world.first(), ...within(2 * DAY, 2 * DAY) })).toEqual(ACK);
    thaw();
    expect(await frozen).toEqual(REQUEUE);
    expect(await world.statusOf(id)).toBe('FAILURE');
  });

  it.each([
    ['given back', { acksOnFailureOrTimeout: false }, () => Promise.reject(new Error('no')), REQUEUE],
    ['too large to be kept', {}, () => 'x'.repeat(200_000), ACK],
  ])('that ran out is held while the end is stored, where that is %s', async (_how, defaults, end, disposition) => {
    const { storeMany: _many, ...memory } = createMemoryBackend();
    const meanwhile: unknown[] = [];
    const store: typeof memory.store = async (...given) => {
      meanwhile.push(await world.deliver({ ...world.first(), ...within(2 * DAY, 2 * DAY) }));
      await memory.store(...given);
    };
    const world = createWorld({ backend: { ...memory, store }, defaults });
    world.state.act = async () => {
      freeze(world);
      await world.clock.advance(MINUTE + SKEW);
      return await end();
    };
    await world.task.delay(5);
    expect(await world.deliver({ ...world.first(), ...within(MINUTE) })).toEqual(disposition);
    expect(meanwhile).toEqual([{ do: 'requeue', afterSeconds: SKEW / 1000 }]);
    expect(world.state.runs).toBe(1);
  });

  it('whose retry was noted before a freeze stores no RETRY over the end of that retry, and sends it all the same', async () => {
    const memory = createMemoryLedger();
    let isFirst = true;
    const settle: Ledger['settle'] = async (done) => {
      const answer = await memory.settle(done);
      if (isFirst) {
        isFirst = false;
        await world.clock.advance(MINUTE + SKEW);
        await world.deliver({ ...world.first(), ...within(2 * DAY, 2 * DAY) });
        await world.deliver({ ...toDelivery(world.transport.sent[1]!), ...within(2 * DAY, 2 * DAY) });
        expect(await world.statusOf(id)).toBe('FAILURE');
      }
      return answer;
    };
    const world = createWorld({ ledger: { ...memory, settle }, defaults: { maxRetries: 1 } });
    world.state.act = (self) => {
      if (self.retries === 0) self.retry({ countdown: 0 });
      throw new Error('final');
    };
    const { id } = await world.task.delay(5);
    expect(await world.deliver({ ...world.first(), ...within(MINUTE) })).toEqual(ACK);
    expect(await world.statusOf(id)).toBe('FAILURE');
    expect(world.sent().map((each) => readSent(each).headers)).toMatchObject([
      { id, retries: 1 },
      { id, retries: 1 },
    ]);
    expect(world.state.runs).toBe(2);
  });

  it('is held on while a task runs that nothing ends', async () => {
    const world = createRunning();
    await world.task.delay(5);
    const { ended } = await startOf(world, {});
    for (let n = 0; n < 30; n++) await world.clock.advance(30_000);
    expect(await world.deliver(world.first())).toMatchObject({ do: 'requeue' });
    world.ends[0]!();
    expect(await ended).toEqual(ACK);
    expect(world.state.runs).toBe(1);
  });

  it('that is lost ends such a run: it stores nothing', async () => {
    const memory = createMemoryLedger();
    const world = createRunning({ ledger: { ...memory, renew: async () => false, settle: async () => false } });
    const { id } = await world.task.delay(5);
    const { ended } = await startOf(world, {});
    await world.clock.advance(30_000);
    world.ends[0]!();
    expect(await ended).toEqual(REQUEUE);
    expect(await world.statusOf(id)).toBeUndefined();
  });

  it('of an end too large to be kept is settled once the end is stored', async () => {
    const world = createWorld();
    world.state.act = () => 'x'.repeat(200_000);
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect([world.state.runs, await world.statusOf(id)]).toEqual([1, 'SUCCESS']);
  });
});

describe('a task that commits by itself', () => {
  const commit = (self: TaskContext, result: unknown, isNoted = true) => {
    const { ledger, commit } = committingOf(self);
    return commit(result, async (settlement) => isNoted && (await ledger.settle(settlement)));
  };

  it('has come to what it committed, whatever it does after that', async () => {
    const world = createWorld();
    world.state.act = async (self) => {
      await commit(self, { paid: 5 });
      throw new Error('too late');
    };
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect(await world.results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: { paid: 5 } });
    expect(world.logger.lines[0]).toMatchObject({ message: expect.stringContaining('what it committed counts') });
  });

  it('and dies then is settled at its next delivery', async () => {
    const world = createWorld();
    world.state.act = async (self) => {
      await commit(self, 'done');
      return await new Promise(() => {});
    };
    const { id } = await world.task.delay(5);
    void world.deliver(world.first());
    while (world.state.runs === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect(world.state.runs).toBe(1);
    expect(await world.results.fetch(id)).toMatchObject({ result: 'done' });
  });

  it('goes on sending after that, however long it takes', async () => {
    const world = createWorld();
    world.state.act = async (self) => {
      await commit(self, 1);
      await world.clock.advance(MINUTE / 2);
      await world.next.delay(1);
      await world.clock.advance(10 * MINUTE);
      await world.next.delay(2);
    };
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(ACK);
    expect(world.sent().map((each) => readSent(each).args)).toEqual([[1], [2]]);
    expect(await world.results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 1 });
  });

  it('is told when it was overtaken, and stores nothing', async () => {
    const memory = createMemoryLedger();
    const world = createWorld({ ledger: { ...memory, settle: async () => false } });
    let told: unknown;
    world.state.act = (self) =>
      commit(self, 1).catch((error) => {
        told = error;
        throw error;
      });
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(REQUEUE);
    expect(told).toBeInstanceOf(Overtaken);
    expect(await world.statusOf(id)).toBeUndefined();
  });

  it('settles nothing where it is not known whether it has committed', async () => {
    const world = createWorld();
    world.state.act = (self) => committingOf(self).commit(1, () => Promise.reject(new BackendStoreError('no reply')));
    const { id } = await world.task.delay(5);
    expect(await world.deliver(world.first())).toEqual(REQUEUE);
    expect(await world.statusOf(id)).toBeUndefined();
  });

  it('cannot where it is not idempotent', async () => {
    const world = createWorld({ defaults: { idempotent: false } });
    world.state.act = (self) => commit(self, 1);
    const { id } = await world.task.delay(5);
    await world.deliver(world.first());
    expect(await world.results.fetch(id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'ImproperlyConfigured' } });
  });
});
