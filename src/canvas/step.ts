/**
 * What the compiler knows of signatures when they are composed: what is open at the front, what comes out, and what the next one is
 * given. It travels in one member under a unique symbol that is not there at run time.
 */

import { ImproperlyConfigured } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import type { SignatureData } from '../wire/message.ts';

/** Positional arguments. */
export type Args = readonly unknown[];

/** Any signature, whatever it takes and gives. */
export interface AnySignature {
  toData(): SignatureData;
}

/** Names for the compiler alone. */
export declare const carried: unique symbol;
export declare const members: unique symbol;

/** A signature as others see it: `Open` is what it takes, `R` its result, `H` what sending it gives. */
export interface Step<in Open extends Args, out R, out H> extends AnySignature {
  readonly [carried]: { readonly takes: (args: Open) => void; readonly gives: R; readonly handle: H };
}
export type AnyStep = Step<never, unknown, unknown>;

/** What tells a group from other signatures. */
export interface Gathering<out Rs extends Args> {
  readonly [members]: Rs;
}

// ── arguments ───────────────────────────────────────────────────────────────

/** The arguments without the first one; never where there is none, or only a rest. */
type Tail<A extends Args> = A extends readonly []
  ? never
  : A[number][] extends A
    ? never
    : A extends readonly [first?: unknown, ...rest: infer T]
      ? T
      : never;

/** The ends of an argument tuple: what `s()` may be given, the front staying open for a chain to fill. */
export type Suffixes<A extends Args> = A | ([Tail<A>] extends [never] ? never : Suffixes<Tail<A>>);

/** The front of `A` that stays open once `T` has been given for its end; a union where arguments may be left out. */
export type Lead<A extends Args, T extends Args, Front extends Args = []> =
  | (T extends Readonly<A> ? (A[number][] extends A ? (Front extends [] ? A : [...Front, ...A]) : Front) : never)
  | ([Tail<A>] extends [never] ? never : Lead<Tail<A>, T, [...Front, Required<A>[0]]>);

/** How arguments are handed over: nothing need be said where nothing is open. */
export type CallOf<Open extends Args, Options> = [] extends Open ? [args?: Open, options?: Options] : [args: Open, options?: Options];

// ── results ─────────────────────────────────────────────────────────────────

/** A result after its way through JSON: what is not there is null. */
export type Sent<R> = R extends void ? null : R;

export type OpenOf<S> = S extends Step<infer Open, unknown, unknown> ? Open : never;
export type ResultOf<S> = S extends Step<never, infer R, unknown> ? R : never;
export type HandleOf<S> = S extends Step<never, unknown, infer H> ? H : never;

/** What a step of a chain comes to, and how it is waited for: a group of one is that one (celery.canvas.maybe_unroll_group). */
type Given<S> = S extends Gathering<infer Rs> ? (Rs extends readonly [infer One] ? One : Rs) : Sent<ResultOf<S>>;
type HandleAfter<S> = S extends Gathering<readonly [infer One]> ? AsyncResult<One> : HandleOf<S>;

// ── chains ──────────────────────────────────────────────────────────────────

/** Marks the first step of a chain, which is given whatever the chain is called with. */
declare const nothing: unique symbol;

/** What a step has to be when it is given `Previous`. */
type Taking<Previous> = [Previous] extends [typeof nothing] ? unknown : Step<[previousResult: Previous], unknown, unknown>;

/** Each step, and what it has to be after the one before it, the first one after `Start`. Steps not known one by one are not checked. */
export type Following<S extends Args, Start = typeof nothing> = number extends S['length']
  ? S
  : FollowingOf<S, readonly [Start, ...{ readonly [I in keyof S]: Given<S[I]> }]>;
type FollowingOf<S extends Args, Before extends Args> = {
  readonly [I in keyof S]: S[I] & (I extends keyof Before ? Taking<Before[I]> : never);
};

type First<S extends Args> = S extends readonly [infer F, ...unknown[]] ? F : S[number];
type Last<S extends Args> = S extends readonly [...unknown[], infer L] ? L : S[number];

export type OpenOfFirst<S extends Args> = OpenOf<First<S>>;
export type ResultOfLast<S extends Args> = Given<Last<S>>;
export type HandleOfLast<S extends Args> = HandleAfter<Last<S>>;

// ── groups ──────────────────────────────────────────────────────────────────

/** A group within a group is flattened; its order may change where the group is a chord's header. */
type Flattened<S> = S extends Gathering<infer Rs> ? { [I in keyof Rs]: Rs[number] } : [Sent<ResultOf<S>>];

type Gathered<S extends Args, Done extends Args = []> = S extends readonly [infer M, ...infer Rest]
  ? Gathered<Rest, [...Done, ...Flattened<M>]>
  : Done;

/** The results of members, in their order. */
export type ResultsOf<S extends Args> = number extends S['length'] ? Flattened<S[number]>[number][] : Gathered<S>;

/** Every member is given the same: what all of them take. */
export type OpenOfAll<S extends Args> = [S[number]] extends [Step<infer Open, unknown, unknown>] ? Open : never;

// ── at run time ─────────────────────────────────────────────────────────────

/** A signature as data. @throws ImproperlyConfigured for what is none */
export function dataOf(value: unknown, where: string): SignatureData {
  if (typeof (value as Partial<AnySignature> | null | undefined)?.toData === 'function') return (value as AnySignature).toData();
  const found =
    typeof value === 'function'
      ? `the task '${value.name}': call its s()`
      : Array.isArray(value)
        ? 'an array: spread it, like chain(...steps)'
        : `${value === null ? 'null' : `a value of type ${typeof value}`}`;
  throw new ImproperlyConfigured(`${where} takes signatures, like add.s(2, 2); found ${found}.`);
}
