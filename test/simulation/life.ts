/** One life from one seed: a world, a workload, its weather; lived until all is at rest, and then judged. */

import { type Fault, Weather } from './faults.ts';
import { replaceGlobals, running } from './globals.ts';
import { Kernel, type Line } from './kernel.ts';
import { between, chance, pick, type Random, streamOf } from './random.ts';
import { judgeEnd, judgeJudgement, judgePublished, judgeStart, type Missed } from './rules.ts';
import type { Publication, Sent, Workload } from './workloads/publication.ts';
import { type Climate, createWorld, type World } from './world.ts';

export interface LifeOptions {
  readonly seed: number;
  readonly workload: Workload;
  /** The only publications and faults there are, by label and id; default: all. */
  readonly only?: { readonly publications: ReadonlySet<string>; readonly faults: ReadonlySet<string> };
  /** Keeps every line of what happens. Default false. */
  readonly records?: boolean;
}

export interface Miss {
  readonly rule: string;
  readonly what: string;
  readonly atMs: number;
}

export interface Life {
  readonly seed: number;
  readonly workload: string;
  /** The same for the same seed, whatever it is lived beside. */
  readonly hash: string;
  readonly misses: readonly Miss[];
  readonly faults: readonly Fault[];
  readonly publications: readonly string[];
  readonly lines: readonly Line[];
  readonly startMs: number;
  readonly sums: Sums;
}

export interface Sums {
  readonly tasks: number;
  readonly messages: number;
  readonly runs: number;
  readonly invocations: number;
  readonly timeOuts: number;
  readonly calls: number;
  readonly kills: number;
  readonly freezes: number;
  readonly duplicates: number;
  readonly buried: number;
  readonly steps: number;
}

const NOON = Date.parse('2030-01-02T12:00:00.000Z');
/** More than any life has had; beyond that something goes round in circles. */
const MOST_STEPS = 60_000;

export async function live(options: LifeOptions): Promise<Life> {
  const { seed, workload } = options;
  // Out of whatever called: in the callback of a message a tick would come before the microtasks.
  await undefined;
  const kernel = new Kernel(NOON, options.records === true);
  const chosen = streamOf(seed, 'climate');
  const weather = new Weather({ seed, ...weatherOf(chosen), ...(options.only && { only: options.only.faults }) });
  const onEnd = [replaceGlobals(kernel, streamOf(seed, 'process'))];
  try {
    const misses: Miss[] = [];
    const miss = (rule: string, what: string): void => {
      misses.push({ rule, what, atMs: kernel.nowMs });
      kernel.note('MISS', `${rule}: ${what}`);
    };
    const unheard = (error: unknown): void =>
      miss('no rejection unheard', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    process.on('unhandledRejection', unheard);
    onEnd.push(() => void process.off('unhandledRejection', unheard));
    const climate = climateOf(chosen, workload);
    const world: World = createWorld({
      kernel,
      weather,
      seed,
      climate,
      app: workload.app,
      isIdempotent: workload.idempotent,
      isSealed: workload.isSealed === true,
      miss,
      judged: (judgement, book, isScheduled) => judgeJudgement(judgement, book, isScheduled, miss),
      started: (run, self, process) => judgeStart({ run, self, process, book: world.book, workload, climate, miss }),
    });
    const plan = workload.plan(streamOf(seed, 'plan')).filter(({ label }) => options.only?.publications.has(label) !== false);
    const sent = publish(plan, kernel, world, miss);
    while (kernel.steps < MOST_STEPS && (await kernel.step())) if (misses.length > 20) break;
    if (kernel.steps >= MOST_STEPS) miss('comes to rest', `${MOST_STEPS} events, and it goes on`);
    else if (!world.isAtRest()) miss('comes to rest', 'nothing happens any more, and something is left');
    judgeEnd(plan, sent, workload.idempotent, world.book, miss);
    return {
      seed,
      workload: workload.name,
      hash: (kernel.hash >>> 0).toString(16).padStart(8, '0'),
      misses,
      faults: weather.faults,
      publications: plan.map(({ label }) => label),
      lines: kernel.lines ?? [],
      startMs: NOON,
      sums: sumsOf(world, kernel),
    };
  } finally {
    for (const end of onEnd) end();
  }
}

function weatherOf(random: Random): { share: number; most: number } {
  return pick(random, [
    { share: 0, most: 0 },
    { share: 0.004, most: 3 },
    { share: 0.01, most: 8 },
    { share: 0.03, most: 15 },
    { share: 0.08, most: 25 },
  ]);
}

function climateOf(random: Random, { hasScheduler }: Workload): Climate {
  return {
    timeoutMs: pick(random, [15_000, 30_000, 60_000]),
    concurrency: between(random, 2, 5),
    batchSize: pick(random, [1, 5, 10, 10]),
    windowMs: pick(random, [0, 0, 1000, 5000]),
    maxReceiveCount: pick(random, [5, 10, 10]),
    duplicates: pick(random, [0, 0.03, 0.15]),
    reorder: chance(random, 0.7),
    skewMs: pick(random, [0, 1000, 120_000]),
    hasScheduler: hasScheduler ?? chance(random, 0.5),
    atOnce: pick(random, [1, 3, 10, 10]),
  };
}

/** Has all of it published at its time; what follows another of its group waits for that. */
function publish(plan: readonly Publication[], kernel: Kernel, world: World, miss: Missed): ReadonlyMap<string, Sent | 'accepted'> {
  const sent = new Map<string, Sent | 'accepted'>();
  const ended = new Set<string>();
  const waiting = new Map<string, () => void>();
  const labels = new Set(plan.map(({ label }) => label));
  const end = (label: string): void => {
    ended.add(label);
    waiting.get(label)?.();
  };
  for (const publication of plan) {
    const { label, atMs, after } = publication;
    const begin = (): void => {
      const client = world.client();
      const invocation = client.invocation(label);
      kernel.note(client.process.name, `publishes ${label}`);
      // A publisher that dies says nothing more: those behind it do not wait for ever.
      kernel.after(900_000, () => ended.has(label) || end(label));
      void running.run(invocation, async () => {
        try {
          const result = await publication.send(client.tasks, client.sendRaw);
          sent.set(label, result ?? 'accepted');
          judgePublished(result, world, miss);
        } catch (error) {
          kernel.note(client.process.name, `did not publish ${label}: ${error instanceof Error ? error.message : String(error)}`);
        }
        end(label);
      });
    };
    kernel.after(atMs, () => (after === undefined || ended.has(after) || !labels.has(after) ? begin() : waiting.set(after, begin)));
  }
  return sent;
}

function sumsOf({ book, lambda, counts }: World, { steps }: Kernel): Sums {
  let runs = 0;
  let buried = 0;
  let duplicates = 0;
  for (const task of book.tasks.values()) {
    runs += task.runs.length;
    if (task.buried.size > 0) buried += 1;
  }
  for (const { receives } of book.messages.values()) duplicates += Math.max(0, receives - 1);
  return {
    tasks: book.tasks.size,
    messages: book.messages.size,
    runs,
    invocations: lambda.counts.invocations,
    timeOuts: lambda.counts.timeOuts,
    calls: counts.calls,
    kills: counts.kills,
    freezes: counts.freezes,
    duplicates,
    buried,
    steps,
  };
}
