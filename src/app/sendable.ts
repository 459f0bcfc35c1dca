/** Which values cross the wire, said to the compiler. wire/json says it again at run time, naming the value. */

import type { Decimal, PyDate, PyTime, Uuid } from '../wire/values.ts';

type Scalar = string | number | bigint | boolean | null | Date | Uint8Array | Decimal | PyDate | PyTime | Uuid;

/** never when every value of T can cross the wire; otherwise the offending part. */
export type Unsendable<T> = unknown extends T
  ? never
  : T extends Scalar
    ? never
    : T extends (...args: never) => unknown
      ? T
      : T extends symbol | undefined | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Promise<unknown>
        ? T
        : T extends readonly unknown[]
          ? Unsendable<Required<T>[number]>
          : T extends object
            ? { [K in keyof T]-?: Unsendable<Exclude<T[K], undefined>> }[keyof T]
            : never;

/** Nothing to pass when all arguments can be sent; else an argument nobody can give, whose type names the culprit. */
export type SendableCheck<A extends readonly unknown[]> = [Unsendable<A>] extends [never]
  ? []
  : [error: { readonly cannotBeSent: Unsendable<A> }];
