/** The tasks of every workload; their arguments pick what they do and how they end. A value is never chance: what a task gives is known beforehand. */

import { type App, createApp } from '../../src/app/app.ts';
import type { TaskContext } from '../../src/app/context.ts';
import type { TaskDefaults } from '../../src/app/options.ts';
import type { Settings } from '../../src/app/settings.ts';
import { chain } from '../../src/canvas/chain.ts';

/** What a task may do to the world it runs in. */
export interface Host {
  /** Notes a run; a body that is a promise is noted to its end. */
  ran<T>(self: TaskContext, args: readonly unknown[], body: () => T): T;
  /** Takes time, in which anything may happen to the process. */
  work(self: TaskContext, ms: number): Promise<void>;
  /** Has the process stand still, as if Lambda had taken its time away. */
  stall(self: TaskContext): Promise<void>;
  /** Ends the process. */
  die(why: string): Promise<never>;
}

export class Flake extends Error {
  override readonly name = 'Flake';
}

/** What `mix` gives for its arguments: all numbers in them and one more. */
export function mixed(args: readonly unknown[]): number {
  let sum = 1;
  for (const one of args) sum += Array.isArray(one) ? mixed(one) - 1 : Number(one);
  return sum;
}

/** How long a run that is too long takes, and its limit. */
export const OVERLONG_MS = 20_000;
export const LIMIT_SECONDS = 5;

export interface AppOptions {
  readonly settings?: Partial<Settings>;
  /** For all tasks. */
  readonly defaults?: Omit<TaskDefaults, 'bind' | 'kwargs'>;
}

/** The app as a module of tasks would make it: the same in a sandbox and where it is published from. */
export function createTasks(host: Host, { settings = {}, defaults = {} }: AppOptions) {
  const app = createApp('simulated', { deadLetterQueue: 'quarantine', resultExpires: 400 * 86_400, ...settings });
  const bound = { ...defaults, bind: true } as const;
  const mix = app.task('mix', bound, (self: TaskContext, ...args: unknown[]) => host.ran(self, args, () => mixed(args)));
  return {
    app,
    mix,
    /** Takes so long and gives its value. */
    work: app.task('work', bound, (self: TaskContext, ms: number, value: number) =>
      host.ran(self, [ms, value], async () => {
        await host.work(self, ms);
        return value;
      }),
    ),
    /** Asks for so many retries first. */
    retried: app.task('retried', { ...bound, maxRetries: 8 }, (self: TaskContext, times: number, countdown: number, value: number) =>
      host.ran(self, [times, countdown, value], () => {
        if (self.retries < times) self.retry({ countdown });
        return value + self.retries;
      }),
    ),
    /** Fails so often first, and is retried by itself. */
    flaky: app.task(
      'flaky',
      { ...bound, autoretryFor: [Flake], retryBackoff: 2, retryBackoffMax: 60, maxRetries: 4 },
      (self: TaskContext, times: number, value: number) =>
        host.ran(self, [times, value], async () => {
          await host.work(self, 50);
          if (self.retries < times) throw new Flake(`${self.retries} of ${times}`);
          return value;
        }),
    ),
    /** Is large, and may give something large. */
    heavy: app.task('heavy', { ...bound, maxRetries: 8 }, (self: TaskContext, times: number, characters: number, text: string) =>
      host.ran(self, [times, characters, text], () => {
        if (self.retries < times) self.retry({ countdown: 1 });
        return text.slice(0, 8).padEnd(characters, '.');
      }),
    ),
    /** On a FIFO queue, where retries wait: the message is kept. */
    ordered: app.task(
      'ordered',
      { ...bound, fifoRetry: 'hold', maxRetries: 8 },
      (self: TaskContext, times: number, ms: number, value: number) =>
        host.ran(self, [times, ms, value], async () => {
          await host.work(self, ms);
          if (self.request.receiveCount <= times) self.retry({ countdown: 5 });
          return value;
        }),
    ),
    fails: app.task('fails', bound, (self: TaskContext, ...args: unknown[]): number =>
      host.ran(self, args, () => {
        throw new RangeError('it fails');
      }),
    ),
    kills: app.task('kills', bound, (self: TaskContext) => host.ran(self, [], () => host.die('a task ends it'))),
    /** Stands still when it comes for the first time, and goes on some time. */
    stalls: app.task('stalls', bound, (self: TaskContext, value: number) =>
      host.ran(self, [value], async () => {
        if (self.request.receiveCount === 1) await host.stall(self);
        return value;
      }),
    ),
    overlong: app.task('overlong', { ...bound, timeLimit: LIMIT_SECONDS }, (self: TaskContext) =>
      host.ran(self, [], async () => {
        await host.work(self, OVERLONG_MS);
        // Given up long since: nothing of it may get anywhere.
        await mix.applyAsync([1], { taskId: `${self.id}-late` });
        return 'too late';
      }),
    ),
    swap: app.task('swap', bound, (self: TaskContext, ...args: unknown[]): number =>
      host.ran(self, args, () => self.replace(chain(mix.si(...args), mix.s(100)))),
    ),
    told: app.task('told', bound, (self: TaskContext, ...args: unknown[]) => host.ran(self, args, () => null)),
  };
}

export type Tasks = ReturnType<typeof createTasks>;
export type { App };
