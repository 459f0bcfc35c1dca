/** What a task's and a group's result have in common (celery.result.ResultBase). What they do is reading.ts, imported when one is asked. */

import type { Keeping } from '../backends/backend.ts';
import type { ResultTuple } from '../wire/result.ts';
import type { GetOptions, ReadingSource, ResultNode } from './source.ts';

/** What results need of their app. */
export interface ResultSource extends ReadingSource, Keeping {
  revoke(taskIds: readonly string[]): Promise<void>;
  resultFromTuple(tuple: ResultTuple): Promise<ResultBase>;
}

type Reading = typeof import('./reading.ts').reading;
type Asked<Name extends keyof Reading> = Awaited<ReturnType<Reading[Name]>>;

/** Imports what reads, and has it answer for this result. */
export async function ask<Name extends keyof Reading>(name: Name, result: ResultBase, options?: object): Promise<Asked<Name>> {
  const answer = (await import('./reading.ts')).reading[name] as (...given: unknown[]) => Asked<Name> | Promise<Asked<Name>>;
  return await answer(result, result.source(), options);
}

export abstract class ResultBase<R = unknown> implements ResultNode {
  readonly id: string;
  /** What came before it in its chain; undefined where there is nothing, or it is not known. */
  readonly parent: ResultBase | undefined;
  /** What it is read from; asked for each time, as an app may be connected anew. */
  readonly source: () => ResultSource;

  constructor(id: string, source: () => ResultSource, parent?: ResultBase) {
    this.id = id;
    this.source = source;
    this.parent = parent;
  }

  /**
   * Waits for the value; a group's is the array of its members' values. Fails as soon as a member fails, or a task before it in its
   * chain. Null at once for a task whose result is ignored.
   *
   * @throws RemoteError when a task failed, TimeoutError, SyncSubtaskError within a task, the reason of `signal`, BackendGetError,
   * ImproperlyConfigured without a backend
   */
  get(options?: GetOptions): Promise<R> {
    return ask('get', this, options) as Promise<R>;
  }

  /** Whether it has ended, well or not; a group, whether all of its members have. */
  ready(): Promise<boolean> {
    return ask('ready', this);
  }

  /** Whether it ended with SUCCESS; a group, whether all of its members have. */
  successful(): Promise<boolean> {
    return ask('successful', this);
  }

  /** Whether it ended with FAILURE; a group, whether one of its members has. */
  failed(): Promise<boolean> {
    return ask('failed', this);
  }

  /** Throws what it failed with, without waiting. @throws RemoteError */
  async maybeThrow(): Promise<void> {
    await ask('maybeThrow', this);
  }

  /** Removes what is stored of it, and of the tasks before it in its chain; a group, of its members. */
  forget(): Promise<void> {
    return ask('forget', this);
  }

  /** Has the task, or each of a group, not run if it has not begun (see app.control.revoke). */
  revoke(): Promise<void> {
    return ask('revoke', this);
  }

  /** What it has sent; a group, its members. */
  abstract children(): Promise<readonly ResultBase[]>;

  /** Itself as data, parents included; `app.resultFromTuple` makes a result of it again. */
  abstract toTuple(): ResultTuple;

  /** A result that a task returns is stored as its tuple (celery Backend.prepare_value). */
  toJSON(): ResultTuple {
    return this.toTuple();
  }
}
