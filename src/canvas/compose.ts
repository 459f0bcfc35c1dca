/** Composing signatures (celery.canvas: `|`, link, clone, set, stamp; Task.replace). Everything gives a new signature; nothing given is changed. */

import type { SignatureData } from '../wire/message.ts';
import { link, linkError, setImmutable } from './links.ts';
import { readNode, readPart, writeNode } from './node-data.ts';
import { cloneWith } from './nodes.ts';
import { chainOf, pipeNodes } from './piping.ts';
import type { WireOptions } from './plan.ts';
import { type StampingVisitor, type Stamps, stampNode } from './stamping.ts';

export type { StampingVisitor, Stamps } from './stamping.ts';

export interface LinkSettings {
  /** Celery's setting task_allow_error_cb_on_chord_header; default false. */
  readonly errbacksOnChordHeader?: boolean;
}

/** `left | right`. @throws ImproperlyConfigured for a chord without a body, EncodeError for a malformed signature */
export function pipe(left: SignatureData, right: SignatureData, { errbacksOnChordHeader = false }: LinkSettings = {}): SignatureData {
  return writeNode(pipeNodes(readPart(left), readPart(right), errbacksOnChordHeader));
}

/** `chain([...])`: all of them piped, in one pass. No signatures give an empty chain; one group alone is itself. */
export function chained(signatures: readonly SignatureData[], { errbacksOnChordHeader = false }: LinkSettings = {}): SignatureData {
  return writeNode(chainOf(signatures.map(readPart), errbacksOnChordHeader));
}

/** `signature.link(callback)`: a callback that is linked already is not linked again. @throws ImproperlyConfigured for an empty group */
export function linked(signature: SignatureData, callback: SignatureData): SignatureData {
  const node = readNode(signature);
  link(node, asPart(callback));
  return writeNode(node);
}

/** `signature.link_error(errback)`: an errback that is linked already is not linked again. */
export function linkedError(
  signature: SignatureData,
  errback: SignatureData,
  { errbacksOnChordHeader = false }: LinkSettings = {},
): SignatureData {
  const node = readNode(signature);
  linkError(node, asPart(errback), errbacksOnChordHeader);
  return writeNode(node);
}

/** A signature that goes into another as it is, once looked at: a map as the plain task that it is on the wire. */
function asPart(signature: SignatureData): SignatureData {
  const part = readPart(signature);
  return part.kind === 'task' ? writeNode(part) : signature;
}

/** What `withCall` adds. */
export interface PartialCall {
  /** Put in front. A chain and a group have no arguments and drop them, as in Celery. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Put over the signature's own, with no exception. */
  readonly options?: WireOptions;
  readonly immutable?: boolean;
}

/** `signature.clone(args, kwargs).set(immutable, **options)`; without arguments `signature.set(…)` alone. */
export function withCall(signature: SignatureData, { args, kwargs, options, immutable }: PartialCall): SignatureData {
  const given = readNode(signature);
  const node = args === undefined && kwargs === undefined ? given : cloneWith(given, { args: args ?? [], kwargs: kwargs ?? {} });
  if (immutable !== undefined) setImmutable(node, immutable);
  node.options = { ...node.options, ...options };
  return writeNode(node);
}

/** `signature.stamp(visitor)` or `signature.stamp(**stamps)`. `append` makes a list of a stamp that is there already; default false. */
export function stamped(signature: SignatureData, stamps: StampingVisitor | Stamps, append = false): SignatureData {
  const node = readNode(signature);
  if (isVisitor(stamps)) stampNode(node, { visitor: stamps, append }, {});
  else stampNode(node, { visitor: undefined, append }, stamps);
  return writeNode(node);
}

function isVisitor(stamps: StampingVisitor | Stamps): stamps is StampingVisitor {
  return typeof stamps['onSignature' as keyof typeof stamps] === 'function';
}
