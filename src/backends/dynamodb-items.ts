/**
 * What an item of a result table holds (celery.backends.dynamodb): `id`, `result` and `timestamp`, which Celery reads, `ttl` where
 * something expires, and attributes of our own that Celery ignores.
 */

import type { Clock } from '../clock.ts';
import { EncodeError } from '../errors.ts';
import type { Keeping } from './backend.ts';

/** As the SDK spells it; one of them is there. */
export interface Attribute {
  readonly S?: string;
  readonly N?: string;
  readonly B?: Uint8Array;
  readonly SS?: readonly string[];
  readonly BOOL?: boolean;
}
export type Item = Readonly<Record<string, Attribute>>;

/** Attributes of Celery's. */
export const RESULT = 'result';
export const TIMESTAMP = 'timestamp';
export const TTL = 'ttl';
export const CHORD_COUNT = 'chord_count';
/** Attributes of ours. The state, so that a SUCCESS is known without reading the document: */
export const STATUS = 'status';
/** The digest of a document that is kept elsewhere: */
export const LARGE_RESULT = 'large_result_sha256';

/** What one item may take, names included. */
const ITEM_BYTES = 409_600;
/** More than the names and values of everything but `id` and `result`. */
const OTHER_BYTES = 400;

export interface Expiry {
  /** `ttl` for something stored now, or nothing. */
  ttl(keeping: Keeping | undefined): Item;
  /** The moment so many seconds from now. */
  after(seconds: number): Attribute;
  /** The moment for conditions on `ttl`. */
  now(): Attribute;
  /** `timestamp`, as Celery writes it. */
  stamp(): Item;
  /** An item that has expired is not there, though DynamoDB may take days to remove it. */
  living(item: Item | undefined): Item | undefined;
}

/** @param ttlSeconds for everything, or null for nothing; undefined leaves it to what is stored */
export function createExpiry(ttlSeconds: number | null | undefined, clock: Clock): Expiry {
  const nowSeconds = (): number => clock.now() / 1000;
  const after = (seconds: number): Attribute => numeric(Math.ceil(nowSeconds() + seconds));
  return {
    ttl(keeping) {
      const seconds = ttlSeconds === undefined ? (keeping?.expiresSeconds ?? null) : ttlSeconds;
      return seconds === null ? {} : { [TTL]: after(seconds) };
    },
    after,
    now: () => numeric(nowSeconds()),
    stamp: () => ({ [TIMESTAMP]: numeric(nowSeconds()) }),
    living: (item) => (item !== undefined && numberOf(item, TTL, Number.POSITIVE_INFINITY) <= nowSeconds() ? undefined : item),
  };
}

export const numeric = (value: number): Attribute => ({ N: String(value) });

export function numberOf(item: Item, name: string, otherwise: number): number {
  const value = item[name]?.N;
  return value === undefined ? otherwise : Number(value);
}

/** Whether DynamoDB takes an item with this key and this `result`. */
export function fits(id: string, result: Uint8Array): boolean {
  return Buffer.byteLength(id) + result.byteLength + OTHER_BYTES <= ITEM_BYTES;
}

/** No failure of the store, which may go better later: it can never be kept, and is the task's own failure. @param advice what to do, as a sentence's end */
export function tooLarge(what: string, result: Uint8Array, advice: string): EncodeError {
  return new EncodeError(`${what} takes ${result.byteLength} bytes, and an item of DynamoDB at most ${ITEM_BYTES} in all; ${advice}.`, {
    path: 'result',
  });
}
