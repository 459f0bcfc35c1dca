/**
 * Every task of the app, registered by importing this file. Replace them with your own; these are the ones that Celery's
 * recorded messages and the demo call, under the names and with the arguments that Python's side has.
 */

import { Reject } from 'celeriac';
import { app, deadLetters } from './app.ts';

export const add = app.task('proj.tasks.add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);

export const mul = app.task('proj.tasks.mul', { params: ['x', 'y'] }, (x: number, y: number) => x * y);

export const xsum = app.task('proj.tasks.xsum', { params: ['numbers'] }, (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0));

export const noop = app.task('proj.tasks.noop', () => null);

/** Gives back its arguments, and its keywords beside them when there are any. */
export const echo = app.task(
  'proj.tasks.echo',
  { kwargs: true },
  (...given: [...args: unknown[], kwargs: Readonly<Record<string, unknown>>]) => {
    const args = given.slice(0, -1);
    const kwargs = given.at(-1) as Readonly<Record<string, unknown>>;
    return Object.keys(kwargs).length === 0 ? args : [args, kwargs];
  },
);

/** Takes keywords alone. */
export const greet = app.task(
  'proj.tasks.greet',
  { kwargs: true },
  ({ name, punctuation = '!' }: { name: string; punctuation?: string }) => `Hello, ${name}${punctuation}`,
);

/** Stores no result. */
export const report = app.task(
  'proj.tasks.report',
  { params: ['value', 'label'], ignoreResult: true },
  (_value: unknown = null, _label: string = 'done') => null,
);

// ── tasks that end otherwise ────────────────────────────────────────────────

export const fail = app.task('proj.tasks.fail', { params: ['msg'] }, (msg: string = 'boom'): never => {
  throw new Error(msg);
});

/** Gives its message back each time, until the queue's redrive policy buries it. */
export const poison = app.task('proj.tasks.poison', (): never => {
  throw new Reject('this message is never accepted', { requeue: true });
});

/** Tried again once, a second later: what Python's `self.retry` does. */
export const flaky = app.task('proj.tasks.flaky', { bind: true, params: ['n'] }, (self, n: string | number) => {
  if (self.retries === 0) self.retry({ countdown: 1, exc: new Error('the first attempt fails') });
  return n;
});

export const flakyNow = app.task(
  'proj.tasks.flaky_now',
  { bind: true, params: ['n', 'label'] },
  (self, n: string | number, _label: string | null = null) => {
    if (self.retries === 0) self.retry({ countdown: 0, exc: new Error('the first attempt fails') });
    return n;
  },
);

/** Tried again by itself, each wait twice as long as the one before, until its retries are used up; then it lies in the dead-letter queue. */
export const auto = app.task(
  'proj.tasks.auto',
  { params: ['url'], autoretryFor: [Error], retryBackoff: true, retryJitter: false, maxRetries: 1, deadLetterQueue: deadLetters.queue },
  (url: string): never => {
    throw new Error(`cannot reach ${url}`);
  },
);

// ── tasks that take time, or send others ────────────────────────────────────

/** Waits so many milliseconds, unless its time limit comes first. */
export const slow = app.task('proj.tasks.slow', { bind: true, params: ['ms'] }, async (self, ms: number) => {
  await new Promise((resolve, reject) => {
    setTimeout(resolve, ms);
    self.signal.addEventListener('abort', () => reject(self.signal.reason));
  });
  return ms;
});

export const limited = app.task('proj.tasks.limited', { timeLimit: 30, softTimeLimit: 20 }, () => 'ok');

/** Sends n tasks of its own, which have it for a parent. */
export const spawn = app.task('proj.tasks.spawn', { params: ['n'] }, async (n: number) => {
  for (let i = 0; i < n; i++) await add.delay(i, i);
  return n;
});

/** Python's replaces itself with `add.s(x, 100)`; the result is the same. */
export const replaceMe = app.task('proj.tasks.replace_me', { params: ['x'] }, (x: number) => add(x, 100));

/** Tries again with n + 1. */
export const retryOtherArgs = app.task('proj.tasks.retry_other_args', { bind: true, params: ['n'] }, (self, n: number) => {
  if (self.retries === 0) self.retry({ args: [n + 1], countdown: 0 });
  return n;
});

// ── what failures call (link_error) ─────────────────────────────────────────

export const onErrOld = app.task('proj.tasks.on_err_old', { params: ['task_id'] }, (taskId: string) => taskId);

export const onErrNew = app.task(
  'proj.tasks.on_err_new',
  { params: ['request', 'exc', 'traceback'] },
  (_request: unknown, exc: unknown, _traceback: unknown) => String(exc),
);

// ── services whose messages come through the same queue ─────────────────────

export const otherServiceWork = app.task('other.service.work', { kwargs: true }, (n: number, options: { a?: number }) => [
  n,
  options.a ?? null,
]);

export const otherCleanup = app.task('other.cleanup', { kwargs: true }, (options: { deep?: boolean }) => options.deep ?? false);

export const elsewhereHandle = app.task('elsewhere.handle', { params: ['task_id'] }, (taskId: string) => taskId);
