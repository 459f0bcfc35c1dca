/** Signatures sent together (celery.canvas.group). */

import type { GroupResult } from '../results/group-result.ts';
import type { ApplyOptions } from './call-options.ts';
import { Signature } from './signature.ts';
import { type AnyStep, type Args, dataOf, type Gathering, type Lead, type OpenOfAll, type ResultsOf, type Suffixes } from './step.ts';

/** A group; `Rs` are the results of its members, like `[number, string]`. Sending it gives a GroupResult. */
export interface Group<in Open extends Args, Rs extends Args> extends Signature<Open, Rs, GroupResult<Rs>>, Gathering<Rs> {
  partial<O extends Args, T extends Suffixes<O>>(
    this: Signature<O, unknown, unknown>,
    args: readonly [...T],
    options?: ApplyOptions,
  ): Group<Lead<O, T>, Rs>;
  setImmutable(): Group<Args, Rs>;
  /** The first member has the callbacks, which are given nothing: to go on with the results of all, pipe the group into something. */
  link(...callbacks: readonly AnyStep[]): this;
}

/**
 * Signatures sent together; what the group is called with is put before the arguments of each member. A group in a group is flattened.
 *
 * @example const result = await group(add.s(2, 2), add.s(4, 4)).applyAsync(); await result.get(); // [4, 8]
 * @throws ImproperlyConfigured for what is no signature
 */
export function group<const S extends readonly AnyStep[]>(...members: S): Group<OpenOfAll<S>, ResultsOf<S>>;
export function group<const S extends readonly AnyStep[]>(members: S): Group<OpenOfAll<S>, ResultsOf<S>>;
export function group(...given: readonly unknown[]): Group<never, Args> {
  const members = given.length === 1 && Array.isArray(given[0]) ? (given[0] as readonly unknown[]) : given;
  const data = {
    task: 'celery.group',
    args: [],
    kwargs: { tasks: members.map((member) => dataOf(member, 'group()')) },
    options: {},
    subtask_type: 'group',
    immutable: false,
  };
  return new Signature(data, Signature.senderOf(members)) as unknown as Group<never, Args>;
}
