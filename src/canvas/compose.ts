/** Composing signatures (celery.canvas: `|`, link, clone, set, stamp). Everything gives a new signature; nothing given is changed. */

import type { SignatureData } from '../wire/message.ts';
import { immutableAs, link, linkError } from './callbacks.ts';
import { checked, cloned, isTask, part } from './parts.ts';
import { type LinkSettings, pipeParts } from './piping.ts';
import type { WireOptions } from './plan.ts';
import { type StampingVisitor, type Stamps, stampedBy } from './stamping.ts';

export type { StampingVisitor, Stamps } from './stamping.ts';

/** `left | right`. @throws ImproperlyConfigured for a chord without a body, EncodeError for a malformed signature */
export function pipe(left: SignatureData, right: SignatureData, { errbacksOnChordHeader = false }: LinkSettings = {}): SignatureData {
  return pipeParts(part(checked(left)), part(checked(right)), errbacksOnChordHeader);
}

/** `signature.link(callback)`: a callback that is linked already is not linked again. @throws ImproperlyConfigured for an empty group */
export function linked(signature: SignatureData, callback: SignatureData): SignatureData {
  return link(checked(signature), part(checked(callback)));
}

/** `signature.link_error(errback)`: an errback that is linked already is not linked again. */
export function linkedError(
  signature: SignatureData,
  errback: SignatureData,
  { errbacksOnChordHeader = false }: LinkSettings = {},
): SignatureData {
  return linkError(checked(signature), part(checked(errback)), errbacksOnChordHeader);
}

/** What `withCall` adds. */
export interface PartialCall {
  /** Put in front. A chain and a group have no arguments and drop them, as in Celery. */
  readonly args?: readonly unknown[];
  readonly kwargs?: SignatureData['kwargs'];
  /** Put over the signature's own, with no exception. */
  readonly options?: WireOptions;
  readonly immutable?: boolean;
}

/** `signature.clone(args, kwargs).set(immutable, **options)`; without arguments `signature.set(…)` alone. */
export function withCall(signature: SignatureData, { args, kwargs, options, immutable }: PartialCall): SignatureData {
  const given = checked(signature);
  const called = args === undefined && kwargs === undefined ? given : withArguments(cloned(given), args, kwargs);
  const made = immutable === undefined ? called : immutableAs(called, immutable);
  return { ...made, options: { ...made.options, ...options } };
}

function withArguments(copy: SignatureData, args: readonly unknown[] = [], kwargs: SignatureData['kwargs'] = {}): SignatureData {
  const isChord = copy.subtask_type === 'chord';
  if (copy.immutable || !(isChord || isTask(copy))) return copy;
  const { header, body } = copy.kwargs;
  return { ...copy, args: [...args, ...copy.args], kwargs: { ...copy.kwargs, ...kwargs, ...(isChord && { header, body }) } };
}

/** `signature.stamp(visitor)` or `signature.stamp(**stamps)`. `append` makes a list of a stamp that is there already; default false. */
export function stamped(signature: SignatureData, stamps: StampingVisitor | Stamps, append = false): SignatureData {
  return stampedBy(checked(signature), stamps, append);
}
