/** A header and, once all of it has succeeded, a body (celery.canvas.chord). */

import { ImproperlyConfigured } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import { Signature } from './signature.ts';
import {
  type AnyStep,
  type Args,
  dataOf,
  type Gathering,
  type HandleOf,
  type OpenOf,
  type OpenOfAll,
  type ResultOf,
  type ResultsOf,
  type Step,
} from './step.ts';

/** A chord. `R` and `H` are those of its body. */
export type Chord<Open extends Args, R, H = AsyncResult<R>> = Signature<Open, R, H>;

type Header = readonly AnyStep[] | (AnyStep & Gathering<Args>);
type ResultsOfHeader<T extends Header> = T extends Gathering<infer Rs> ? Rs : T extends Args ? ResultsOf<T> : never;
type OpenOfHeader<T extends Header> = T extends Args ? OpenOfAll<T> : OpenOf<T>;

/**
 * The header's signatures together and, once all of them have succeeded, the body with the array of their results. When one fails, the
 * body fails with ChordError and is not run.
 *
 * @example const result = await chord([add.s(2, 2), add.s(4, 4)], sum.s()).applyAsync(); await result.get(); // 12
 * @throws ImproperlyConfigured for what is no signature
 */
export function chord<const T extends Header, const B extends AnyStep>(
  header: T,
  body: B & Step<[results: ResultsOfHeader<T>], unknown, unknown>,
): Signature<OpenOfHeader<T>, ResultOf<B>, HandleOf<B>> {
  const data = {
    task: 'celery.chord',
    args: [],
    kwargs: { kwargs: {}, header: membersOf(header), body: dataOf(body, 'The body of chord()') },
    options: {},
    subtask_type: 'chord',
    immutable: false,
  };
  return new Signature(data, Signature.senderOf([...(Array.isArray(header) ? header : [header]), body]));
}

function membersOf(header: Header): readonly unknown[] {
  if (Array.isArray(header)) return header.map((member) => dataOf(member, 'The header of chord()'));
  const { subtask_type, kwargs } = dataOf(header, 'The header of chord()');
  if (subtask_type === 'group') return kwargs['tasks'] as readonly unknown[];
  throw new ImproperlyConfigured('The header of chord() is an array of signatures, or a group.');
}
