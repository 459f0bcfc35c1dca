/** The caller's handle on a sent task (celery.result.AsyncResult). */

import type { State } from '../states.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';
import { ask, ResultBase, type ResultSource } from './result-base.ts';
import type { GetOptions } from './source.ts';
import type { WalkOptions } from './walking.ts';

export interface AsyncResultOptions {
  /** What came before it in its chain. */
  readonly parent?: ResultBase | undefined;
  /** Nothing is stored of it: `get` gives null without waiting. Default false. */
  readonly ignored?: boolean;
}

export class AsyncResult<R = unknown> extends ResultBase<R> {
  readonly ignored: boolean;

  constructor(id: string, source: () => ResultSource, { parent, ignored = false }: AsyncResultOptions = {}) {
    super(id, source, parent);
    this.ignored = ignored;
  }

  /** The stored document, or undefined while there is none. Read once the task has ended, it is not read again. */
  document(): Promise<ResultDocument | undefined> {
    return ask('documentOf', this);
  }

  /** Whether anything is stored of it: PENDING is also the state of what was never sent, or is forgotten. */
  exists(): Promise<boolean> {
    return ask('exists', this);
  }

  /** PENDING for an unknown id, as in Celery. */
  state(): Promise<State> {
    return ask('state', this);
  }

  /**
   * What is stored by now, without waiting: the value, the meta of a custom state, or a RemoteError for RETRY, FAILURE and REVOKED.
   * Null where there is nothing.
   */
  result(): Promise<unknown> {
    return ask('result', this);
  }

  /** `result` by the name that suits progress. */
  info(): Promise<unknown> {
    return ask('result', this);
  }

  /** The stack or traceback of the side that failed. */
  traceback(): Promise<string | undefined> {
    return ask('traceback', this);
  }

  /** When it ended. */
  dateDone(): Promise<Date | undefined> {
    return ask('dateDone', this);
  }

  /** What it has sent, once that is stored: tasks and groups. */
  children(): Promise<readonly ResultBase[]> {
    return ask('children', this) as Promise<readonly ResultBase[]>;
  }

  /**
   * Waits for it, for what it has sent, and so on; yields each with its value.
   *
   * @throws what `get` throws
   */
  async *collect(options?: WalkOptions & GetOptions): AsyncGenerator<[result: ResultBase, value: unknown], void> {
    yield* (await ask('collect', this, options)) as AsyncGenerator<[ResultBase, unknown], void>;
  }

  /**
   * The same without waiting: yields each with the result it is a child of.
   *
   * @throws IncompleteStream at the first that has not ended, unless `intermediate`
   */
  async *iterdeps(options?: WalkOptions): AsyncGenerator<[parent: ResultBase | undefined, result: ResultBase], void> {
    yield* (await ask('iterdeps', this, options)) as AsyncGenerator<[ResultBase | undefined, ResultBase], void>;
  }

  /** The value of the last that `collect` yields. */
  getLeaf(options?: GetOptions): Promise<unknown> {
    return ask('getLeaf', this, options);
  }

  /** `[[id, parent], null]` (celery AsyncResult.as_tuple). */
  toTuple(): ResultTuple {
    return [[this.id, this.parent?.toTuple() ?? null], null];
  }
}
