/**
 * Simulated lives from the command line: `node test/simulation/run.ts --seeds 2000 --matrix`. What the options mean is docs/simulation.md.
 * Ends with 1 when a promise was broken.
 */

import { parseArgs } from 'node:util';
import type { Life, Sums } from './life.ts';
import { Matrix, POINTS } from './matrix.ts';
import { liveAll, seedsFrom } from './pool.ts';
import type { Report } from './thread.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workload: { type: 'string' },
    minutes: { type: 'string' },
    threads: { type: 'string' },
    sabotage: { type: 'string' },
    matrix: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
  },
});

/** Lives that are made small and printed; of the others the seed alone. */
const MOST_SHOWN = 3;

/** One life with all that happens in it. */
async function one(seed: number): Promise<boolean> {
  const { live, workloadOf } = await loaded();
  const workload = workloadOf(seed, values.workload);
  const life = await live({ seed, workload, records: true });
  print(life);
  console.log(`\n${summary(life)}`);
  if (life.misses.length > 0 && !values.whole) await printShrunk(life);
  return life.misses.length === 0;
}

async function many(): Promise<boolean> {
  const startMs = performance.now();
  const matrix = new Matrix();
  const sums = new Map<string, number>();
  const failed: Report[] = [];
  const add = (name: string, count: number): void => void sums.set(name, (sums.get(name) ?? 0) + count);
  await liveAll({
    seeds: seedsFrom(Number(values.from), values.minutes === undefined ? Number(values.seeds) : Number.MAX_SAFE_INTEGER),
    ...(values.minutes !== undefined && { untilMs: Date.now() + Number(values.minutes) * 60_000 }),
    ...(values.workload !== undefined && { workload: values.workload }),
    ...(values.threads !== undefined && { threads: Number(values.threads) }),
    ...(values.sabotage !== undefined && { sabotage: values.sabotage }),
    onReport(report) {
      add('seeds', 1);
      for (const [name, count] of Object.entries(report.sums) as [keyof Sums, number][]) add(name, count);
      add('faults', report.faults.length);
      matrix.add(report.faults);
      if (report.misses.length === 0) return;
      add('misses', report.misses.length);
      failed.push(report);
      console.log(`seed ${report.seed} (${report.workload}): ${report.misses[0]!.rule}: ${report.misses[0]!.what}`);
    },
  });
  if (values.sabotage === undefined) await explain(failed);
  if (values.matrix) console.log(`\n${matrix}`);
  const zeros = values.matrix ? matrix.zeros(POINTS) : [];
  if (zeros.length > 0) console.log(`\nnever happened: ${zeros.join(', ')}`);
  console.log(`\nfaults: ${[...matrix.byKind].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  const {
    seeds = 0,
    tasks = 0,
    invocations = 0,
    calls = 0,
    faults = 0,
    kills = 0,
    freezes = 0,
    duplicates = 0,
    misses = 0,
  } = Object.fromEntries(sums);
  const seconds = (performance.now() - startMs) / 1000;
  console.log(
    `${seeds} seeds, ${tasks} tasks, ${invocations} invocations, ${calls} calls, ${faults} faults, ${kills} kills, ${freezes} freezes, ${duplicates} deliveries again, ${misses} misses in ${seconds.toFixed(1)} s`,
  );
  return misses === 0 && zeros.length === 0;
}

async function explain(failed: readonly Report[]): Promise<void> {
  if (failed.length === 0) return;
  const { live, workloadOf } = await loaded();
  for (const { seed, workload } of [...failed].sort((a, b) => a.faults.length - b.faults.length).slice(0, MOST_SHOWN)) {
    await printShrunk(await live({ seed, workload: workloadOf(seed, workload) }));
  }
}

async function printShrunk(life: Life): Promise<void> {
  if (life.misses.length === 0) {
    console.log(
      `\nseed ${life.seed} (${life.workload}) breaks nothing when it is lived again: the code was changed meanwhile, or its course is not the seed's.`,
    );
    return;
  }
  const { workloadOf } = await loaded();
  const { shrink } = await import('./shrink.ts');
  const { life: small, tries } = await shrink({ seed: life.seed, workload: workloadOf(life.seed, life.workload) }, life);
  console.log(`\nseed ${life.seed} made small in ${tries} lives: ${small.publications.length} publications, ${small.faults.length} faults`);
  print(small);
  console.log(`replay the whole of it: node test/simulation/run.ts --seed ${life.seed} --workload ${life.workload}`);
}

function print({ lines, startMs, misses }: Life): void {
  for (const { atMs, who, what } of lines) console.log(`${((atMs - startMs) / 1000).toFixed(3).padStart(12)}  ${who.padEnd(18)}${what}`);
  for (const { rule, what } of misses) console.log(`MISS ${rule}: ${what}`);
}

const summary = ({ seed, workload, hash, faults, misses, sums }: Life): string =>
  `seed ${seed} (${workload}), trace ${hash}: ${sums.tasks} tasks, ${sums.runs} runs, ${sums.invocations} invocations, ${sums.calls} calls, ${faults.length} faults, ${misses.length} misses`;

async function loaded() {
  const { preload } = await import('./preload.ts');
  await preload();
  return { ...(await import('./life.ts')), ...(await import('./workloads/workloads.ts')) };
}

/** Every sabotage there is, each until it is caught. */
async function sabotaged(): Promise<boolean> {
  const { catchAll } = await import('./sabotages.ts');
  return await catchAll({ from: Number(values.from), count: values.seeds === '200' ? 500 : Number(values.seeds) });
}

const run = values.seed !== undefined ? one(Number(values.seed)) : values.sabotage === 'all' ? sabotaged() : many();
process.exitCode = (await run) ? 0 : 1;
