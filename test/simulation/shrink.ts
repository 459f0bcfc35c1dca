/** Makes a life that went wrong a small one: tasks and faults are left out for as long as the same promise is still broken (delta debugging). */

import { type Life, type LifeOptions, live } from './life.ts';

export interface Shrunk {
  readonly life: Life;
  /** Lives that were lived for it. */
  readonly tries: number;
}

type Only = NonNullable<LifeOptions['only']>;

const LONGEST_MS = 30_000;

/** @param life one with a miss; its first one is kept */
export async function shrink({ seed, workload }: Pick<LifeOptions, 'seed' | 'workload'>, life: Life): Promise<Shrunk> {
  const { rule } = life.misses[0]!;
  const endMs = performance.now() + LONGEST_MS;
  let tries = 0;
  const fails = async (only: Only): Promise<boolean> => {
    if (performance.now() > endMs) return false;
    tries += 1;
    const { misses } = await live({ seed, workload, only });
    return misses.some((miss) => miss.rule === rule);
  };
  let only: Only = { publications: new Set(life.publications), faults: new Set(life.faults.map(({ id }) => id)) };
  // Twice: with fewer faults fewer tasks are needed, and the other way about.
  for (let round = 0; round < 2; round++) {
    only = { ...only, faults: await needed(only.faults, (faults) => fails({ ...only, faults })) };
    only = { ...only, publications: await needed(only.publications, (publications) => fails({ ...only, publications })) };
  }
  return { life: await live({ seed, workload, only, records: true }), tries };
}

/** What is left when all is taken away that is not needed: in halves first, then in smaller parts, then one by one. */
async function needed(all: ReadonlySet<string>, fails: (left: ReadonlySet<string>) => Promise<boolean>): Promise<ReadonlySet<string>> {
  let rest = [...all];
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < rest.length; ) {
      const without = [...rest.slice(0, at), ...rest.slice(at + size)];
      if (await fails(new Set(without))) rest = without;
      else at += size;
    }
  }
  return new Set(rest);
}
