/** Signatures one after another (celery.canvas.chain). */

import { ImproperlyConfigured } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import { chained } from './chaining.ts';
import { Signature } from './signature.ts';
import { type AnyStep, type Args, dataOf, type Following, type HandleOfLast, type OpenOfFirst, type ResultOfLast } from './step.ts';

/** A chain. `R` is the result of its last step, `H` what sending it gives: a GroupResult where the last step is a group. */
export type Chain<Open extends Args, R, H = AsyncResult<R>> = Signature<Open, R, H>;

/** What `chain(...)` gives: one signature alone is itself. */
export type Chained<S extends Args> = S extends readonly [infer One] ? One : Signature<OpenOfFirst<S>, ResultOfLast<S>, HandleOfLast<S>>;

/**
 * Signatures one after another, each given the result of the one before it, unless it is immutable (`si`). A group followed by
 * something becomes a chord, and a group of one member is that member, as in Celery.
 *
 * @example const result = await chain(add.s(2, 2), add.s(4)).applyAsync(); await result.get(); // 8
 * @throws ImproperlyConfigured for no signatures, or for what is none
 */
export function chain<const S extends readonly AnyStep[]>(...steps: Following<S>): Chained<S> {
  const data = steps.map((step) => dataOf(step, 'chain()'));
  if (data.length === 0) throw new ImproperlyConfigured('chain() needs at least one signature.');
  const sender = Signature.senderOf(steps);
  return (data.length === 1 ? steps[0] : new Signature(chained(data, sender), sender)) as Chained<S>;
}
