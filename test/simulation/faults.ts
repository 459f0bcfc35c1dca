/**
 * The weather of a life: which of its calls go wrong, and how. A call's fate hangs on the seed, on what is called with which key and on how
 * often that was called before, and on nothing else: the same call has the same fate when other tasks and other faults are left out.
 */

import { hashOf } from './random.ts';

export type FaultKind =
  /** Refused at once, as too much is asked. */
  | 'throttled'
  /** An entry of a batch that is taken for its sender's fault. */
  | 'refused'
  /** A 500, and nothing was done. */
  | 'failed'
  /** No answer, and nothing was done. */
  | 'unreached'
  /** A 500, but it was done. */
  | 'done, then failed'
  /** No answer, but it was done. */
  | 'reply lost'
  /** No answer, and it is done when nobody waits for it any more. */
  | 'done late'
  | 'slow'
  /** The process ends, the request was never sent. */
  | 'killed'
  /** The process ends, the request is on its way. */
  | 'killed, done'
  /** The process stands still, and so does its request. */
  | 'frozen'
  /** The process stands still and the request is done. */
  | 'frozen, done'
  | 'out of memory';

const READ: readonly FaultKind[] = ['throttled', 'failed', 'unreached', 'slow', 'slow', 'killed', 'frozen'];
const WRITE: readonly FaultKind[] = [...READ, 'done, then failed', 'reply lost', 'done late', 'killed, done', 'frozen, done'];

/** What can go wrong where; every other point is a write. */
const KINDS: ReadonlyMap<string, readonly FaultKind[]> = new Map([
  ['lambda.invoke', ['throttled', 'failed', 'slow']],
  ['handler.start', ['killed', 'slow', 'frozen']],
  ['handler.answer', ['killed', 'slow', 'frozen']],
  ['task.run', ['killed', 'slow', 'frozen', 'frozen', 'frozen', 'out of memory']],
  ['mapping.delete', ['failed', 'slow']],
  // Parts of a request that fail alone.
  ['sqs.entry', ['failed', 'refused']],
  ['sqs.entry(quarantine)', ['failed', 'refused']],
  ['dynamodb.entry', ['throttled']],
]);

export const kindsAt = (point: string): readonly FaultKind[] =>
  KINDS.get(point) ?? (/^\w+\.(Get|BatchGet|List|Query|Describe)/.test(point) ? READ : WRITE);

/** Points that few calls go through are hit more often, so that all of them are. */
const WEIGHTS: readonly (readonly [points: RegExp, weight: number])[] = [
  [/BatchWrite|UpdateItem\(group|GetItem\(chord/, 24],
  [/quarantine|dynamodb.entry|BatchGetItem\((result|attempt)|GetItem\(group|DeleteMessage|Visibility|s3/, 12],
  [/chord|group|scheduler|GetItem\((claim|result)/, 5],
  // What stands still within a run may be overtaken, and what is slow right before it may come too late.
  [/task.run/, 8],
  [/\(revoked/, 4],
  [/^(lambda|handler|mapping)|\(attempt/, 2],
];
/** However heavy a point is, as much of it goes right. */
const MOST_SHARE = 0.5;

const weightOf = (point: string): number => WEIGHTS.find(([points]) => points.test(point))?.[1] ?? 1;

export interface Fault {
  /** Which call: point, key and how often it was made before. */
  readonly id: string;
  readonly number: number;
  readonly kind: FaultKind;
  readonly point: string;
  readonly atMs: number;
}

export interface WeatherOptions {
  readonly seed: number;
  /** Share of the calls that go wrong. */
  readonly share: number;
  /** Faults in one life: weather passes, or nothing would ever end. */
  readonly most: number;
  /** The only faults that happen, by id; default: all that fall. */
  readonly only?: ReadonlySet<string>;
}

/** A call's fate: a fault or none, and numbers from 0 to 1 for its times. */
export interface Fate {
  readonly kind: FaultKind | undefined;
  readonly there: number;
  readonly back: number;
}

export class Weather {
  readonly faults: Fault[] = [];
  isOver = false;
  readonly #options: WeatherOptions;
  readonly #seen = new Map<string, number>();

  constructor(options: WeatherOptions) {
    this.#options = options;
  }

  fate(point: string, key: string, nowMs: number): Fate {
    const { seed, share, most, only } = this.#options;
    const call = `${point} ${key}`;
    const before = this.#seen.get(call) ?? 0;
    this.#seen.set(call, before + 1);
    const first = hashOf(call, hashOf(String(before), seed));
    const second = hashOf('times', first);
    const fair = { kind: undefined, there: (second & 0xffff) / 0x10000, back: (second >>> 16) / 0x10000 };
    if (this.isOver || this.faults.length >= most || first / 2 ** 32 >= Math.min(MOST_SHARE, share * weightOf(point))) return fair;
    const id = `${call} ${before}`;
    if (only?.has(id) === false) return fair;
    const kinds = kindsAt(point);
    const kind = kinds[hashOf('kind', first) % kinds.length]!;
    this.faults.push({ id, number: this.faults.length + 1, kind, point, atMs: nowMs });
    return { ...fair, kind };
  }
}
