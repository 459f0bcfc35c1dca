/** The tasks that Python sends to, and the record of how each message looked to its task. */

import { type App, RemoteError, type RetryOptions, type TaskRequest } from '../../../src/index.ts';

export interface Run {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly request: TaskRequest;
  /** When it ran, in milliseconds since 1970. */
  readonly at: number;
}

/** The runs of each task id, in order. */
export type Runs = Map<string, Run[]>;

/** An error of a class that Python does not have. */
class PaymentRefused extends Error {}

const failures = new Map<string, () => unknown>([
  ['error', () => new Error('Grüße 🎉')],
  ['type', () => new TypeError('not so')],
  ['range', () => new RangeError('too far')],
  ['reference', () => new ReferenceError('x is not defined')],
  ['own', () => new PaymentRefused('card declined')],
  ['fields', () => Object.assign(new Error('unused'), { excType: 'ValueError', excModule: 'builtins', excArgs: ['boom', 7, null] })],
  ['remote', () => new RemoteError({ excType: 'Refused', excModule: 'tasks', excArgs: ['again', { code: 5 }] })],
  ['text', () => 'thrown text'],
  ['big', () => Object.assign(new Error('unused'), { excArgs: [2n ** 70n, Number.NaN] })],
  ['nothing', () => new Error()],
]);

/** Registers the tasks; gives back the record of their runs. */
export function registerTasks(app: App): Runs {
  const runs: Runs = new Map();
  const record = (request: TaskRequest, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): void => {
    const run: Run = { args, kwargs, request, at: Date.now() };
    runs.set(request.id, [...(runs.get(request.id) ?? []), run]);
  };

  app.task('live.inspect', { bind: true, kwargs: true }, (self, ...given: [...args: unknown[], kwargs: Record<string, unknown>]) => {
    const args = given.slice(0, -1);
    const kwargs = given.at(-1) as Record<string, unknown>;
    record(self.request, args, kwargs);
    return Object.keys(kwargs).length === 0 ? args : [args, kwargs];
  });

  app.task('live.subtract', { params: ['x', 'y'] }, (x: number, y: number) => x - y);

  app.task('live.fail', { params: ['kind'] }, (kind: string): never => {
    throw failures.get(kind)?.() ?? new Error(`no failure is called ${kind}`);
  });

  app.task('live.unread', { bind: true, ignoreResult: true }, (self) => {
    record(self.request, [], {});
    return 'kept nowhere';
  });

  registerRetries(app, record);

  app.task('live.overstay', { bind: true, params: ['heeds'] }, (self, heeds: boolean) => {
    record(self.request, [heeds], {});
    return new Promise<never>((_, reject) => {
      if (heeds) self.signal.addEventListener('abort', () => reject(self.signal.reason));
    });
  });

  app.task('live.parent', async () => (await app.sendTask('py.inspect', ['from TypeScript'])).id);

  return runs;
}

type Recorder = (request: TaskRequest, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => void;

/**
 * Tasks that are tried again. `both.*` are Python's as well, under the same names and doing the same. A wait of a second keeps the
 * next attempt's result from being stored before this one's RETRY: both sides send first and store then.
 */
function registerRetries(app: App, record: Recorder): void {
  app.task(
    'both.pass_on',
    { bind: true, params: ['queues', 'options', 'cause'] },
    (self, queues: string[], options: RetryOptions = {}, cause: string | null = 'passed on') => {
      record(self.request, [queues, options, cause], {});
      const queue = queues[self.retries];
      if (queue === undefined) return ['TypeScript', self.retries];
      return self.retry({ queue, countdown: 0, ...(cause !== null && { exc: new TypeError(cause) }), ...options });
    },
  );

  app.task('both.auto', { bind: true, autoretryFor: [TypeError], maxRetries: 1, retryKwargs: { countdown: 1 } }, (self): never => {
    record(self.request, [], {});
    throw new TypeError(`attempt ${self.retries}`);
  });

  app.task('live.give_up', { bind: true, params: ['reason'], maxRetries: 1 }, (self, reason: string | null = null): never => {
    record(self.request, [reason], {});
    return self.retry({ countdown: 1, ...(reason !== null && { exc: new TypeError(reason) }) });
  });

  app.task('both.change', { bind: true, params: ['x', 'y'] }, (self, x: number, y: number) => {
    record(self.request, [x, y], {});
    if (self.retries === 0) self.retry({ args: [x + 1], countdown: 1 });
    return [x, y];
  });
}
