import { describe, expect, it } from 'vitest';
import type { TaskDefaults } from '../../../src/app/options.ts';
import { Ignore, Reject } from '../../../src/errors.ts';
import { autoretryOf, backoffSeconds } from '../../../src/worker/autoretry.ts';
import { createTestWorker } from '../../support/worker.ts';

class Busy extends Error {}
class VeryBusy extends Busy {}

const busy = new Busy('busy');

describe('the errors a task is retried for', () => {
  it.each<[string, TaskDefaults, unknown, boolean]>([
    ['one of the list', { autoretryFor: [TypeError, Busy] }, busy, true],
    ['a kind of one of the list', { autoretryFor: [Busy] }, new VeryBusy(), true],
    ['another', { autoretryFor: [TypeError] }, busy, false],
    ['one without a list', {}, busy, false],
    ['one of an empty list', { autoretryFor: [] }, busy, false],
    ['one excepted', { autoretryFor: [Error], dontAutoretryFor: [Busy] }, busy, false],
    ['a kind of one excepted', { autoretryFor: [Error], dontAutoretryFor: [Busy] }, new VeryBusy(), false],
    ['one not excepted', { autoretryFor: [Error], dontAutoretryFor: [VeryBusy] }, busy, true],
    ['what is no error', { autoretryFor: [Error] }, 'text', false],
  ])('%s', (_name, defaults, error, retried) => {
    expect(autoretryOf(defaults, error, 0) !== undefined).toBe(retried);
  });

  it('travel with the retry, and its options with them', () => {
    expect(autoretryOf({ autoretryFor: [Busy], retryKwargs: { maxRetries: 7, countdown: 3 } }, busy, 0)).toEqual({
      exc: busy,
      maxRetries: 7,
      countdown: 3,
    });
    expect(autoretryOf({ autoretryFor: [Busy] }, busy, 0)).toEqual({ exc: busy });
  });
});

describe('growing delays', () => {
  const countdown = (defaults: TaskDefaults, retries: number, random?: () => number) =>
    autoretryOf({ autoretryFor: [Busy], ...defaults }, busy, retries, random)?.countdown;

  it.each<[TaskDefaults, readonly number[]]>([
    [{ retryBackoff: true }, [1, 2, 4, 8]],
    [{ retryBackoff: 5 }, [5, 10, 20, 40]],
    [{ retryBackoff: 2.9 }, [2, 4, 8, 16]],
    [{ retryBackoff: 0.3 }, [1, 2, 4, 8]],
    [{ retryBackoff: 100, retryBackoffMax: 250 }, [100, 200, 250, 250]],
    [{ retryBackoff: 400 }, [400, 600, 600, 600]],
  ])('%j without jitter are %j', (defaults, expected) => {
    expect(expected.map((_, retries) => countdown({ ...defaults, retryJitter: false }, retries))).toEqual(expected);
  });

  it('go over the countdown of retryKwargs', () => {
    expect(countdown({ retryBackoff: true, retryJitter: false, retryKwargs: { countdown: 99 } }, 0)).toBe(1);
  });

  it.each([false, 0])('are not there for %s', (retryBackoff) => {
    expect(countdown({ retryBackoff }, 3)).toBeUndefined();
  });

  it('have jitter by default: any whole number from 0 to the delay, both included', () => {
    const seen = new Set<number | undefined>();
    for (let step = 0; step < 100; step++) seen.add(countdown({ retryBackoff: true }, 2, () => step / 100));
    expect([...seen]).toEqual([0, 1, 2, 3, 4]);
    for (let n = 0; n < 200; n++) {
      const seconds = countdown({ retryBackoff: true }, 3) ?? -1;
      expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 8).toBe(true);
    }
  });

  it('stay at the maximum after any number of retries', () => {
    expect(backoffSeconds({ factor: 1, maximum: 600, jitter: false }, 5000)).toBe(600);
    expect(backoffSeconds({ factor: 1, maximum: -1, jitter: false }, 0)).toBe(0);
  });
});

describe('a task that is retried by itself', () => {
  const createRetried = (defaults: TaskDefaults, fail: () => never) => {
    const worker = createTestWorker();
    return { ...worker, task: worker.app.task('auto', { ...defaults, bind: false, kwargs: false }, fail) };
  };
  const throwing = (error: unknown) => (): never => {
    throw error;
  };

  it('has its error as the cause of RETRY', async () => {
    const { task, runLast, results, transport } = createRetried({ autoretryFor: [Busy] }, throwing(busy));
    const { id } = await task.delay();
    expect(await runLast()).toEqual({ do: 'ack' });
    expect(transport.sent[1]).toMatchObject({ delaySeconds: 180 });
    expect(await results.fetch(id)).toMatchObject({ status: 'RETRY', result: { exc_message: ['busy'] } });
  });

  it('fails with its own error once no retry is left', async () => {
    const { task, runLast, results, transport } = createRetried(
      { autoretryFor: [Busy], retryKwargs: { maxRetries: 1, countdown: 0 } },
      throwing(busy),
    );
    const { id } = await task.delay();
    await runLast();
    await runLast();
    expect(transport.sent).toHaveLength(2);
    expect(await results.fetch(id)).toMatchObject({ status: 'FAILURE', result: { exc_message: ['busy'] } });
  });

  it('fails at once for an error that is excepted, and with another', async () => {
    const { task, runLast, transport } = createRetried({ autoretryFor: [Error], dontAutoretryFor: [Busy] }, throwing(busy));
    await task.delay();
    await runLast();
    expect(transport.sent).toHaveLength(1);
  });

  it.each([
    ['Ignore', new Ignore(), { do: 'ack' }],
    ['Reject', new Reject('no', { requeue: true }), { do: 'requeue' }],
  ])('lets %s through, whatever autoretryFor has', async (_name, error, disposition) => {
    const { task, runLast, transport, results } = createRetried({ autoretryFor: [Error], retryBackoff: true }, throwing(error));
    await task.delay();
    expect(await runLast()).toEqual(disposition);
    expect(transport.sent).toHaveLength(1);
    expect(results.documents().size).toBe(0);
  });

  it('lets Retry through with its own delay', async () => {
    const { app, runLast, transport } = createTestWorker();
    const task = app.task('own', { bind: true, autoretryFor: [Error], retryKwargs: { countdown: 99 } }, (self) =>
      self.retry({ countdown: 3 }),
    );
    await task.delay();
    await runLast();
    expect(transport.sent.slice(1)).toMatchObject([{ delaySeconds: 3 }]);
  });

  it('is retried for errors in throws as well, which only lower the log level', async () => {
    const { task, runLast, transport } = createRetried({ autoretryFor: [Busy], throws: [Busy] }, throwing(busy));
    await task.delay();
    await runLast();
    expect(transport.sent).toHaveLength(2);
  });
});
