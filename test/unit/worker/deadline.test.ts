import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import type { CurrentRun } from '../../../src/app/current.ts';
import type { TaskDefaults } from '../../../src/app/options.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/app/settings.ts';
import { SoftTimeLimitExceeded } from '../../../src/errors.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import { createLambdaContext, createSqsEvent } from '../../../src/testing/events.ts';
import type { Delivery } from '../../../src/transports/transport.ts';
import { Request } from '../../../src/worker/request.ts';
import { TaskSignal } from '../../../src/worker/task-signal.ts';
import { type TimeLimits, timeLimitsOf } from '../../../src/worker/time-limits.ts';
import { untilLimits } from '../../../src/worker/time-out.ts';
import { createFakeClock, type FakeClock, NOON } from '../../support/fake-clock.ts';
import { envelopeText, headersWith } from '../../support/messages.ts';
import { createRecordingLogger, createRecordingTransport } from '../../support/recording.ts';
import { createTestWorker, readSent } from '../../support/worker.ts';

type Limit = readonly [hard: number | null, soft: number | null];

interface Given {
  readonly message?: Limit;
  readonly task?: TaskDefaults;
  readonly settings?: Partial<Settings>;
  /** Milliseconds that the receiver has left, and had in all. */
  readonly left?: number;
  readonly budget?: number;
}

function limitsOf({ message, task = {}, settings = {}, left, budget = 30_000 }: Given) {
  const headers = headersWith(message === undefined ? {} : { timelimit: message });
  const deadline = left === undefined ? {} : { deadline: { atMs: NOON + left, budgetMs: budget, atEnd: [] } };
  const delivery: Delivery = { messageId: 'm', queue: 'q', body: '', receiveCount: 1, ...deadline };
  const request = new Request(readSent({ queue: 'q', id: 'i', body: envelopeText({ headers }) }), delivery, 'host');
  const limits = timeLimitsOf(request, task, { ...DEFAULT_SETTINGS, ...settings }, NOON);
  return limits === undefined ? undefined : [fromNow(limits.soft), fromNow(limits.hard)];
}

function fromNow(limit: TimeLimits['soft']): number | undefined {
  if (limit === undefined) return undefined;
  return 'afterMs' in limit ? limit.afterMs : limit.atMs - NOON;
}

/** Resolves once somebody waits on the clock, so that moving it on wakes them. */
const untilSomebodyWaits = (clock: FakeClock, count = 1) =>
  vi.waitFor(() => expect(clock.sleeps.length).toBeGreaterThanOrEqual(count), { interval: 1 });

describe('the limits of a task', () => {
  const settings = { taskTimeLimit: 30, taskSoftTimeLimit: 20 };
  const task = { timeLimit: 15, softTimeLimit: 10 };

  it.each<[string, Given, readonly (number | undefined)[]]>([
    ['are none where nobody sets one', {}, [undefined, undefined]],
    ['are those of the settings', { settings }, [20_000, 30_000]],
    ['are the task’s before those', { settings, task }, [10_000, 15_000]],
    ['are the message’s before all', { settings, task, message: [5, 3] }, [3000, 5000]],
    ['are chosen each for itself', { settings, task: { timeLimit: 25 }, message: [null, 4] }, [4000, 25_000]],
    ['may be a soft one alone', { message: [null, 4] }, [4000, undefined]],
    ['may be a hard one alone', { message: [4, null] }, [undefined, 4000]],
  ])('%s', (_name, given, expected) => {
    expect(limitsOf(given)).toEqual(expected);
  });
});

describe('the receiver’s own end', () => {
  it.each<[string, Given, readonly (number | undefined)[] | undefined]>([
    ['makes both limits where there are none, with 2 s kept back', { left: 30_000 }, [25_000, 28_000]],
    ['keeps back a tenth where it has little', { left: 3000, budget: 3000 }, [2400, 2700]],
    ['leaves a limit that fits as it is', { left: 30_000, message: [10, 5] }, [5000, 10_000]],
    ['makes no soft limit where a hard one is set', { left: 30_000, message: [10, null] }, [undefined, 10_000]],
    ['is the hard limit of a soft one that stands alone', { left: 30_000, message: [null, 5] }, [5000, 28_000]],
    ['comes before a soft limit beyond it', { left: 30_000, message: [null, 60] }, [25_000, 28_000]],
    ['just fits', { left: 12_000, message: [10, 5] }, [5000, 10_000]],
    ['is too near for the limit by a millisecond', { left: 11_999, message: [10, 5] }, undefined],
    ['is there already', { left: 0 }, undefined],
    ['is past', { left: -5 }, undefined],
    ['leaves nothing but what is kept back', { left: 2000 }, undefined],
    ['leaves a millisecond, and is signalled at once', { left: 2001 }, [-2999, 1]],
    ['caps a limit longer than the receiver ever has', { left: 30_000, message: [600, 500] }, [25_000, 28_000]],
    ['caps it as long as most of the time is left', { left: 26_000, message: [600, null] }, [undefined, 24_000]],
    ['does not start it with less', { left: 25_999, message: [600, null] }, undefined],
  ])('%s', (_name, given, expected) => {
    expect(limitsOf(given)).toEqual(expected);
  });
});

describe('a task’s signal', () => {
  it('fires for those who asked before, and those who ask later', () => {
    const early = new TaskSignal();
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    early.fire(new SoftTimeLimitExceeded());
    expect(signal.reason).toMatchObject({ name: 'SoftTimeLimitExceeded' });
    expect(early.signal).toBe(signal);

    const late = new TaskSignal();
    late.fire(new SoftTimeLimitExceeded());
    late.fire(new Error('second'));
    expect(late.signal.reason).toMatchObject({ name: 'SoftTimeLimitExceeded' });
  });
});

describe('work within its limits', () => {
  const createRun = (): CurrentRun => ({ id: 'i', rootId: 'i', children: undefined, retry: undefined, over: false }) as CurrentRun;
  const start = (work: PromiseLike<unknown>, softMs: number | undefined, hardMs: number | undefined, clock = createFakeClock()) => {
    const run = createRun();
    const signal = new TaskSignal();
    const limitAfter = (afterMs: number | undefined) => (afterMs === undefined ? undefined : { afterMs });
    const limits: TimeLimits = { soft: limitAfter(softMs), hard: limitAfter(hardMs), deadline: undefined };
    return { clock, run, signal, ended: untilLimits(work, limits, signal, run, clock) };
  };
  const never = new Promise<never>(() => {});

  it.each<[string, { softTimeLimit?: number; timeLimit?: number }, () => unknown]>([
    ['has none', {}, () => new Promise((resolve) => setImmediate(resolve))],
    ['is no promise', { softTimeLimit: 1, timeLimit: 2 }, () => 1],
    ['waits for nothing', { softTimeLimit: 1, timeLimit: 2 }, async () => 1],
    ['waits for nothing and fails', { softTimeLimit: 1, timeLimit: 2 }, () => Promise.reject(new RangeError('x'))],
  ])('asks no clock for a timer where it %s', async (_name, limits, task) => {
    const { app, clock, runLast } = createTestWorker();
    await app.task('quick', limits, task).delay();
    expect(await runLast()).toEqual({ do: 'ack' });
    expect(clock.sleeps).toEqual([]);
  });

  it('is signalled at the soft one and given up at the hard one', async () => {
    const { clock, run, signal, ended } = start(never, 5000, 8000);
    const failed = expect(ended).rejects.toMatchObject({ name: 'TimeLimitExceeded', seconds: 8, excArgs: [8] });
    await untilSomebodyWaits(clock, 2);
    await clock.advance(4999);
    expect(signal.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.signal.reason).toMatchObject({ name: 'SoftTimeLimitExceeded' });
    await clock.advance(2999);
    expect(run.over).toBe(false);
    await clock.advance(1);
    await failed;
    expect(run.over).toBe(true);
  });

  it('is signalled by the hard one where it is alone', async () => {
    const { clock, signal, ended } = start(never, undefined, 8000);
    const failed = expect(ended).rejects.toThrow();
    await untilSomebodyWaits(clock);
    await clock.advance(8000);
    await failed;
    expect(signal.signal.reason).toMatchObject({ name: 'TimeLimitExceeded' });
  });

  it('goes on after a soft one that is alone', async () => {
    const clock = createFakeClock();
    const { signal, ended } = start(
      clock.sleep!(9000).then(() => 'later'),
      8000,
      undefined,
      clock,
    );
    await untilSomebodyWaits(clock, 2);
    await clock.advance(8000);
    expect(signal.signal.aborted).toBe(true);
    await clock.advance(1000);
    expect(await ended).toBe('later');
  });

  it('that ends right before the limits is neither signalled nor given up', async () => {
    const clock = createFakeClock();
    const { run, signal, ended } = start(
      clock.sleep!(7999).then(() => 'in time'),
      8000,
      8000,
      clock,
    );
    await untilSomebodyWaits(clock, 3);
    await clock.advance(7999);
    expect(await ended).toBe('in time');
    await clock.advance(1);
    expect([run.over, signal.signal.aborted]).toEqual([false, false]);
  });

  it('that fails by itself fails so', async () => {
    const clock = createFakeClock();
    const failing = clock.sleep!(1).then(() => Promise.reject(new RangeError('x')));
    const failed = expect(start(failing, 5, 9, clock).ended).rejects.toThrow(RangeError);
    await untilSomebodyWaits(clock, 3);
    await clock.advance(1);
    await failed;
  });

  it('is ended by the moments that all records of an invocation share, with one timer for all', async () => {
    const clock = createFakeClock();
    const limits: TimeLimits = {
      soft: { atMs: NOON + 5000 },
      hard: { atMs: NOON + 8000 },
      deadline: { atMs: NOON + 10_000, budgetMs: 10_000, atEnd: [] },
    };
    const runs = [1, 2, 3].map(() => ({ run: createRun(), signal: new TaskSignal() }));
    const ended = Promise.allSettled(runs.map(({ run, signal }) => untilLimits(never, limits, signal, run, clock)));
    await untilSomebodyWaits(clock);
    await clock.advance(5000);
    expect(runs.map(({ signal, run }) => [signal.signal.aborted, run.over])).toEqual([[true, false], [true, false], [true, false]]); // biome-ignore format: short
    await clock.advance(3000);
    expect((await ended).map((one) => one.status === 'rejected' && one.reason)).toMatchObject([{ seconds: 8 }, { seconds: 8 }, { seconds: 8 }]); // biome-ignore format: short
    expect(clock.sleeps).toEqual([5000, 3000]);
  });
});

describe('a task that takes too long', () => {
  /** Waits on the worker's clock, or until its signal fires, as fetch would. */
  const createWaiting = (options: TaskDefaults, worker = createTestWorker()) => {
    const task = worker.app.task('wait', { ...options, bind: true, kwargs: false }, async ({ signal }, ms: number) => {
      await Promise.race([worker.clock.sleep!(ms), new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))]);
      return 'done';
    });
    return { ...worker, task };
  };

  /** Lets everything happen that waits for no clock. */
  const settleDown = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('fails with SoftTimeLimitExceeded where it heeds its signal', async () => {
    const { task, clock, runLast, results } = createWaiting({ softTimeLimit: 3, timeLimit: 5 });
    const { id } = await task.delay(60_000);
    const ended = runLast();
    await untilSomebodyWaits(clock, 3);
    await clock.advance(3000);
    expect(await ended).toEqual({ do: 'ack' });
    expect(await results.fetch(id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'SoftTimeLimitExceeded', exc_message: [], exc_module: 'billiard.exceptions' },
    });
  });

  it('fails with TimeLimitExceeded and the seconds at the hard limit', async () => {
    const { app, clock, runLast, results } = createTestWorker();
    const { id } = await app.task('deaf', { timeLimit: 5 }, () => new Promise<string>(() => {})).delay();
    const ended = runLast();
    await untilSomebodyWaits(clock);
    await clock.advance(5000);
    expect(await ended).toEqual({ do: 'ack' });
    expect(await results.fetch(id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'TimeLimitExceeded', exc_message: [5], exc_module: 'billiard.exceptions' },
    });
  });

  it('may be retried by itself at the soft limit, but not at the hard one', async () => {
    const soft = createWaiting({ softTimeLimit: 3, autoretryFor: [SoftTimeLimitExceeded] });
    await soft.task.delay(60_000);
    const softly = soft.runLast();
    await untilSomebodyWaits(soft.clock, 2);
    await soft.clock.advance(3000);
    await softly;
    expect(soft.lastMessage().headers.retries).toBe(1);

    const hard = createTestWorker();
    await hard.app.task('deaf', { timeLimit: 3, autoretryFor: [Error] }, () => new Promise<string>(() => {})).delay();
    const ended = hard.runLast();
    await untilSomebodyWaits(hard.clock);
    await hard.clock.advance(3000);
    await ended;
    expect(hard.transport.sent).toHaveLength(1);
  });

  it('succeeds when it ends right before', async () => {
    const { task, clock, runLast, results } = createWaiting({ softTimeLimit: 3 });
    const { id } = await task.delay(2999);
    const ended = runLast();
    await untilSomebodyWaits(clock, 2);
    await clock.advance(2999);
    await ended;
    expect(await results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 'done' });
  });

  it('sends and stores nothing any more once it is given up', async () => {
    const { app, clock, runLast, results, transport } = createTestWorker();
    const leaf = app.task('leaf', () => 1);
    const refusals: unknown[] = [];
    const task = app.task('zombie', { bind: true, timeLimit: 5 }, async (self) => {
      await new Promise((resolve) => self.signal.addEventListener('abort', resolve));
      self.retry({ throw: false });
      await leaf.delay().catch((error: unknown) => refusals.push(error));
      throw self.retry({ throw: false });
    });
    const { id } = await task.delay();
    const ended = runLast();
    await untilSomebodyWaits(clock);
    await clock.advance(5000);
    await ended;
    await settleDown();
    expect(refusals).toMatchObject([{ name: 'OperationalError', retryable: false, message: expect.stringContaining('time limit') }]);
    expect(transport.sent).toHaveLength(1);
    expect(await results.fetch(id)).toMatchObject({ status: 'FAILURE', result: { exc_type: 'TimeLimitExceeded' }, children: [] });
  });

  it('still has a retry sent that it asked for before it was given up', async () => {
    const { app, clock, runLast, transport } = createTestWorker();
    const task = app.task('asked', { bind: true, timeLimit: 5 }, async (self) => {
      self.retry({ throw: false, countdown: 0 });
      await new Promise(() => {});
    });
    await task.delay();
    const ended = runLast();
    await untilSomebodyWaits(clock);
    await clock.advance(5000);
    await ended;
    expect(transport.sent).toHaveLength(2);
  });

  it('is not started where its receiver has no time for it, and given back without a state', async () => {
    const { task, runLast, results, logger } = createWaiting({ timeLimit: 10 });
    await task.delay(1);
    expect(await runLast({ deadline: { atMs: NOON + 5000, budgetMs: 30_000, atEnd: [] } })).toEqual({
      do: 'requeue',
    });
    expect(results.documents().size).toBe(0);
    expect(logger.lines).toMatchObject([{ level: 'info', state: 'NOT_STARTED', message: expect.stringContaining('lack of time') }]);
  });
});

describe('the handler', () => {
  it('gives each task the time Lambda has left, and its mates stay acknowledged when it runs out', async () => {
    const clock = createFakeClock();
    const transport = createRecordingTransport();
    const app = createApp('shop').connect({ transport, clock, logger: createRecordingLogger() });
    const quick = app.task('quick', () => 1);
    const deaf = app.task('deaf', () => new Promise<string>(() => {}));
    await quick.delay();
    await deaf.delay();
    const event = createSqsEvent(transport.sent.map(({ body }) => body));
    const ended = createHandler(app)(event, createLambdaContext(10_000));
    await untilSomebodyWaits(clock);
    await clock.advance(8000);
    await clock.advance(1000);
    expect(await ended).toEqual({ batchItemFailures: [] });
    expect(clock.sleeps).toEqual([8000, 1000]);
  });
});
