/** Many lives on all cores: threads that load the code each for themselves and take seeds until none is left. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, Report } from './thread.ts';

export interface PoolOptions {
  /** In the order they are lived in. */
  readonly seeds: Iterable<number>;
  /** Default: all of them in turn. */
  readonly workload?: string;
  /** A deliberate bug, by its name in sabotage/table.ts. */
  readonly sabotage?: string;
  /** Default: as many as there are cores. */
  readonly threads?: number;
  /** No new lives after that: milliseconds since 1970. */
  readonly untilMs?: number;
  /** Told of each life; `true` ends it all. */
  onReport?(report: Report): unknown;
}

/** Lives handed out at a time. */
const AT_A_TIME = 4;
/** No life takes a hundredth of that: one that does goes round in circles without a step. */
const LONGEST_MS = 60_000;

export function* seedsFrom(from: number, count: number): Generator<number> {
  for (let seed = from; seed < from + count; seed++) yield seed;
}

/** Lives all of them. Rejects when a thread dies, or is stuck in a life. */
export async function liveAll(options: PoolOptions): Promise<void> {
  const { workload, sabotage, untilMs = Number.POSITIVE_INFINITY } = options;
  const seeds = options.seeds[Symbol.iterator]();
  let isEnough = false;
  const next = (): readonly number[] => {
    const some: number[] = [];
    while (some.length < AT_A_TIME && !isEnough && Date.now() <= untilMs) {
      const { done, value } = seeds.next();
      if (done === true) break;
      some.push(value);
    }
    return some;
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./thread.ts', import.meta.url), {
        workerData: { ...(workload !== undefined && { workload }), ...(sabotage !== undefined && { sabotage }) } satisfies Job,
        stdout: false,
      });
      let watch: NodeJS.Timeout | undefined;
      const stuck = (): void => {
        reject(new Error(`A life of the simulation takes longer than ${LONGEST_MS / 1000} s.`));
        void worker.terminate();
      };
      worker.on('message', (message: Report | 'ready') => {
        clearTimeout(watch);
        watch = setTimeout(stuck, LONGEST_MS);
        if (message === 'ready') return worker.postMessage(next());
        if (isEnough) return;
        isEnough = options.onReport?.(message) === true;
        if (isEnough) void worker.terminate();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        clearTimeout(watch);
        if (code === 0 || isEnough) resolve();
        else reject(new Error(`A thread of the simulation ended with ${code}.`));
      });
    });
  await Promise.all(Array.from({ length: options.threads ?? availableParallelism() }, work));
}
