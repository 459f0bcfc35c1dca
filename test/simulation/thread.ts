/** One thread of a pool: sabotages the code where asked to, loads it, and lives the lives it is handed. */

import { parentPort, workerData } from 'node:worker_threads';
import type { Fault } from './faults.ts';
import type { Miss, Sums } from './life.ts';

/** What a thread is made with. */
export interface Job {
  readonly workload?: string;
  /** A deliberate bug, by its name in sabotage/table.ts. */
  readonly sabotage?: string;
}

/** How one life went. */
export interface Report {
  readonly seed: number;
  readonly workload: string;
  readonly hash: string;
  readonly misses: readonly Miss[];
  readonly faults: readonly Pick<Fault, 'kind' | 'point'>[];
  readonly sums: Sums;
}

const { workload: name, sabotage } = workerData as Job;
// Nothing of the code is loaded before: what a sabotage changes it changes in all that comes after.
if (sabotage !== undefined) (await import('./sabotage/seam.ts')).sabotage(sabotage);
const { preload } = await import('./preload.ts');
await preload();
const { live } = await import('./life.ts');
const { workloadOf } = await import('./workloads/workloads.ts');

parentPort!.on('message', (seeds: readonly number[]) => {
  if (seeds.length === 0) process.exit(0);
  void liveSome(seeds);
});
parentPort!.postMessage('ready');

async function liveSome(seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const { workload, hash, misses, faults, sums } = await live({ seed, workload: workloadOf(seed, name) });
    parentPort!.postMessage({
      seed,
      workload,
      hash,
      misses,
      faults: faults.map(({ kind, point }) => ({ kind, point })),
      sums,
    } satisfies Report);
  }
  parentPort!.postMessage('ready');
}
