/** What the simulator is worth: deliberate faults, and how many lives each takes to be caught. */

import { availableParallelism } from 'node:os';
import { liveAll, seedsFrom } from './pool.ts';
import { SABOTAGES, type Sabotage } from './sabotage/table.ts';

export interface Seeds {
  readonly from: number;
  readonly count: number;
  /** Sabotages at a time. */
  readonly threads?: number;
}

interface Caught {
  /** It took so many lives. */
  readonly lives: number;
  readonly seed: number;
  readonly workload: string;
  readonly rule: string;
}

/** Whether a life breaks a promise by itself, without a fault in the code. */
type IsBroken = (seed: number) => Promise<boolean>;

/** Lives each sabotage until a life breaks a promise that it keeps without; prints which, and answers whether all were caught. */
export async function catchAll({ from, count, threads = availableParallelism() }: Seeds): Promise<boolean> {
  const startMs = performance.now();
  const isBroken = await lifeAlone();
  const left = SABOTAGES.values();
  let [caught, lives] = [0, 0];
  const width = Math.max(...SABOTAGES.map(({ name }) => name.length));
  const line = (name: string, promise: string, life: string, rest: string): void =>
    console.log(`${name.padEnd(width)}  ${promise.padStart(7)}  ${life.padStart(4)}  ${rest}`);
  line('fault', 'promise', 'life', 'caught by');
  const work = async (): Promise<void> => {
    for (const one of left) {
      const found = await catchOne(one, [...seedsFrom(from, count)], isBroken);
      if ('rule' in found) caught += 1;
      lives += found.lives;
      const how = 'rule' in found ? `${found.rule} (seed ${found.seed}, ${found.workload})` : `NOT CAUGHT${found.why}`;
      line(one.name, String(one.promise), String(found.lives), how);
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${caught} of ${SABOTAGES.length} deliberate faults caught, in ${lives} lives in all, in ${seconds} s`);
  return caught === SABOTAGES.length;
}

/** Those of the workloads where it should show come first; all of them come. */
async function catchOne(
  { name, shows, by }: Sabotage,
  seeds: readonly number[],
  isBroken: IsBroken,
): Promise<Caught | { readonly lives: number; readonly why: string }> {
  const { workloadOf } = await import('./workloads/workloads.ts');
  const isEarly = (seed: number): boolean => shows.includes(workloadOf(seed).name);
  const ordered = [...seeds.filter(isEarly), ...seeds.filter((seed) => !isEarly(seed))];
  const others = new Set<string>();
  let lives = 0;
  let why = '';
  let found: Caught | undefined;
  while (found === undefined && lives < ordered.length) {
    let last: Caught | undefined;
    try {
      await liveAll({
        seeds: ordered.slice(lives),
        sabotage: name,
        threads: 1,
        onReport({ seed, workload, misses }) {
          lives += 1;
          const miss = misses.find(({ rule }) => by.includes(rule));
          for (const { rule } of misses) others.add(rule);
          if (miss !== undefined) last = { lives, seed, workload, rule: miss.rule };
          return last !== undefined;
        },
      });
    } catch (error) {
      why += `: ${error instanceof Error ? error.message.slice(0, 100) : String(error)}`;
      break;
    }
    if (last !== undefined && !(await isBroken(last.seed))) found = last;
  }
  return found ?? { lives, why: `${others.size === 0 ? '' : `, but ${[...others].join(', ')}`}${why}` };
}

/** Lived here, with the code as it is, one at a time: a life has the clock and the chance of the whole thread. */
async function lifeAlone(): Promise<IsBroken> {
  const { preload } = await import('./preload.ts');
  await preload();
  const { live } = await import('./life.ts');
  const { workloadOf } = await import('./workloads/workloads.ts');
  let before: Promise<unknown> = Promise.resolve();
  return (seed) => {
    const now = before.then(async () => (await live({ seed, workload: workloadOf(seed) })).misses.length > 0);
    before = now;
    return now;
  };
}
