/** The caller's handle on a sent group (celery.result.GroupResult). */

import type { ResultTuple } from '../wire/result.ts';
import type { AsyncResult } from './async-result.ts';
import { ask, ResultBase, type ResultSource } from './result-base.ts';
import type { GetOptions } from './source.ts';

/** The result of a member: a task's, or that of a group, whose values are an array. */
export type Member<R> = unknown extends R
  ? AsyncResult | GroupResult
  : AsyncResult<R> | (R extends readonly unknown[] ? GroupResult<R> : never);

/** The results of members with these values. */
export type Members<Rs extends readonly unknown[]> = { readonly [Index in keyof Rs]: Member<Rs[Index]> };

/** `Rs` are the values of its members, like `[number, string]`. */
export class GroupResult<Rs extends readonly unknown[] = readonly unknown[]> extends ResultBase<{
  -readonly [Index in keyof Rs]: Rs[Index];
}> {
  /** Its members, in their order. */
  readonly results: Members<Rs>;

  constructor(id: string, results: Members<Rs>, source: () => ResultSource, { parent }: { readonly parent?: ResultBase | undefined } = {}) {
    super(id, source, parent);
    this.results = results;
  }

  /** `get`, by Celery's other name. */
  join(options?: GetOptions): Promise<{ -readonly [Index in keyof Rs]: Rs[Index] }> {
    return this.get(options);
  }

  /**
   * Yields each member with its value as it ends; a group among them when all of it has. With `propagate: false` a failure is a value.
   *
   * @throws what `get` throws
   */
  async *iterate(options?: GetOptions): AsyncGenerator<[result: Members<Rs>[number], value: Rs[number]], void> {
    yield* (await ask('iterate', this, options)) as AsyncGenerator<[Members<Rs>[number], Rs[number]], void>;
  }

  /** Whether one of its members has not ended. */
  async waiting(): Promise<boolean> {
    return !(await this.ready());
  }

  /** How many members ended with SUCCESS. */
  completedCount(): Promise<number> {
    return ask('completedCount', this);
  }

  /** Keeps which members it has, so that `app.groupResult(id)` finds it anywhere. @throws BackendStoreError, ImproperlyConfigured */
  save(): Promise<void> {
    return ask('save', this);
  }

  /** Removes what `save` has kept; the results of the members stay. */
  delete(): Promise<void> {
    return ask('unsave', this);
  }

  children(): Promise<readonly (AsyncResult | GroupResult)[]> {
    return Promise.resolve(this.results as readonly (AsyncResult | GroupResult)[]);
  }

  /** `[[id, parent], [members]]` (celery GroupResult.as_tuple). */
  toTuple(): ResultTuple {
    return [[this.id, this.parent?.toTuple() ?? null], this.results.map((member) => (member as ResultBase).toTuple())];
  }
}
