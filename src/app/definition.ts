/**
 * What a task is, as its author and its callers see it. The argument tuple, keywords and result travel in one
 * compiler-only member under a unique symbol; everything that infers reads that member and nothing else.
 */

import type { ApplyOptions } from '../canvas/call-options.ts';
import type { Chunks } from '../canvas/chunks.ts';
import type { Signature } from '../canvas/signature.ts';
import type { Args, Lead, Suffixes } from '../canvas/step.ts';
import type { AsyncResult } from '../results/async-result.ts';
import type { TaskContext } from './context.ts';
import type { TaskDefaults } from './options.ts';
import type { SendableCheck } from './sendable.ts';

export type { Args };

declare const types: unique symbol;

/** What a task carries for the compiler; never present at run time. */
export interface Types<A extends Args, K, R> {
  readonly args: A;
  readonly kwargs: K;
  readonly result: R;
}

/** Any task or declared task. */
export interface AnyTask {
  readonly name: string;
  readonly [types]?: Types<Args, unknown, unknown>;
}

type TypesOf<T extends AnyTask> = NonNullable<T[typeof types]>;

/** The positional arguments of a task. */
export type TaskArgs<T extends AnyTask> = TypesOf<T>['args'];
/** The keywords of a task, `never` where it takes none. */
export type TaskKwargs<T extends AnyTask> = TypesOf<T>['kwargs'];
/** What a task returns, its promise awaited. */
export type TaskResult<T extends AnyTask> = TypesOf<T>['result'];

type OptionsParam<K> = [K] extends [never]
  ? [options?: ApplyOptions & { readonly kwargs?: never }]
  : [options: ApplyOptions & { readonly kwargs: K }];

/** A task that can be sent and signed, wherever it is implemented. */
export interface TaskRef<A extends Args, R, K = never> {
  readonly name: string;
  readonly [types]?: Types<A, K, R>;
  /**
   * Sends the task; resolves once the transport has accepted it, rejects when it has not (nothing is queued then).
   *
   * @example const result = await add.applyAsync([2, 2], { countdown: 5 });
   * @throws EncodeError, MessageTooLarge, QueueNotFound, OperationalError, ImproperlyConfigured; of a unique task DuplicateTask,
   *   BackendStoreError
   */
  applyAsync(args: A, ...rest: OptionsParam<K>): Promise<AsyncResult<R>>;
  /** `applyAsync` with nothing but positional arguments (celery Task.delay); a task that takes keywords is sent by applyAsync. */
  delay(...args: [K] extends [never] ? A : [useApplyAsync: never]): Promise<AsyncResult<R>>;
  /** A signature; arguments left out at the front are filled by the previous result of a chain (celery Task.s). */
  s<T extends Suffixes<A>>(...tail: T): Signature<Lead<A, T>, R>;
  /** An immutable signature, which takes no result of a previous task (celery Task.si). */
  si(...args: A): Signature<Args, R>;
  /**
   * A signature with options and keywords (celery Task.signature).
   *
   * @throws ImproperlyConfigured for an option that does not exist
   */
  signature<T extends Suffixes<A>>(tail: T, ...rest: OptionsParam<K>): Signature<Lead<A, T>, R>;
  /** One task that calls this one for each item, one after another (celery Task.map). */
  map(items: readonly Only<A>[]): Signature<Args, R[]>;
  /** The same with each item being the arguments of a call (celery Task.starmap). */
  starmap(items: readonly A[]): Signature<Args, R[]>;
  /** A group of starmaps of so many calls each (celery Task.chunks). */
  chunks(items: readonly A[], size: number): Chunks<R>;
}

/** The argument of a task that can be called with one; never for others. */
type Only<A extends Args> = [Required<A>[0]] extends A ? Required<A>[0] : never;

/** A task implemented here: also callable as the plain function it was written as. */
export interface Task<A extends Args, R, K = never> extends TaskRef<A, R, K> {
  /** Runs the function here and now, without a queue. */
  (...args: [K] extends [never] ? A : [...A, K]): R | Promise<R>;
}

type ParamNames<A extends Args> = { readonly [I in keyof A]-?: string };

export interface UniqueOptions<A extends Args> {
  /** The key, made from the arguments of a call; default: all of them. */
  readonly key?: (...args: A) => string;
  /** Seconds for which the key is the task's, from sending on. */
  readonly for: number;
  /** What a second call gets: DuplicateTask (`refuse`, the default), or the AsyncResult of the first. */
  readonly otherwise?: 'refuse' | 'return';
}

/** Options of `app.task`, beside the function. */
export interface TaskOptions<A extends Args> extends TaskDefaults {
  /** Names of the positional parameters, so that Python may call `add.delay(x=1, y=2)`. */
  readonly params?: ParamNames<A>;
  /** One at a time: while a task sent under a key is remembered, another under the same key is not sent. Needs a ledger. */
  readonly unique?: UniqueOptions<A>;
}

/** How tasks are declared; the type of `app.task`. */
export interface TaskDeclarer {
  <A extends Args, R>(name: string, run: (...args: A) => R, ...check: SendableCheck<A>): Task<A, Awaited<R>>;
  <A extends Args, R>(
    name: string,
    options: TaskOptions<NoInfer<A>> & { readonly bind: true; readonly kwargs?: false },
    run: (self: TaskContext, ...args: A) => R,
    ...check: SendableCheck<A>
  ): Task<A, Awaited<R>>;
  <A extends Args, R>(
    name: string,
    options: TaskOptions<NoInfer<A>> & { readonly bind?: false; readonly kwargs?: false },
    run: (...args: A) => R,
    ...check: SendableCheck<A>
  ): Task<A, Awaited<R>>;
  <A extends Args, K extends object, R>(
    name: string,
    options: Omit<TaskOptions<Args>, 'params'> & { readonly bind: true; readonly kwargs: true },
    run: (self: TaskContext, ...args: [...A, K]) => R,
    ...check: SendableCheck<[...A, K]>
  ): Task<A, Awaited<R>, K>;
  <A extends Args, K extends object, R>(
    name: string,
    options: Omit<TaskOptions<Args>, 'params'> & { readonly bind?: false; readonly kwargs: true },
    run: (...args: [...A, K]) => R,
    ...check: SendableCheck<[...A, K]>
  ): Task<A, Awaited<R>, K>;
}

/** How tasks implemented elsewhere are declared; the type of `app.declare`. */
export interface TaskReferrer {
  <T extends AnyTask>(name: string): TaskRef<TaskArgs<T>, TaskResult<T>, TaskKwargs<T>>;
  <A extends Args, R, K extends object = never>(name: string): TaskRef<A, R, K>;
}
