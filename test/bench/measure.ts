/**
 * Times contenders against each other: interleaved rounds (A B C, A B C, …), each long enough for the clock, so that whatever
 * slows the machine down meets all of them. Ratios are taken within a round, and the median of the rounds is what counts.
 * Time is what this thread spent on a processor: nothing here waits, and neighbours on the machine do not count.
 */

/** Milliseconds of processor time that this thread has used. */
export function threadMs(): number {
  // Linux books a running thread's time at clock ticks, 4 ms apart; asking for the whole process makes it book at once.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export interface Contender {
  readonly name: string;
  /** One operation; awaited only when it is a promise. */
  run(): unknown;
}

export interface Timing {
  readonly name: string;
  /** Microseconds of one operation, median of the rounds, and the fastest and the slowest round. */
  readonly us: number;
  readonly minUs: number;
  readonly maxUs: number;
  /** Against the first contender: median of the ratios within a round, the smallest and the largest. */
  readonly ratio: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

export interface MeasureOptions {
  /** Default 15. */
  readonly rounds?: number;
  /** Shortest duration of a contender's share of a round; default 30. */
  readonly roundMs?: number;
}

/** Measures all contenders; the first is what the others are compared with. */
export async function measure(contenders: readonly Contender[], options: MeasureOptions = {}): Promise<Timing[]> {
  const { rounds = 15, roundMs = 30 } = options;
  const lanes = [];
  for (const contender of contenders) lanes.push({ contender, repeats: await calibrate(contender, roundMs), samples: [] as number[] });
  for (let round = 0; round < rounds; round++) {
    for (const { contender, repeats, samples } of lanes) samples.push((await time(contender, repeats)) / repeats);
  }
  const base = lanes[0]!.samples;
  return lanes.map(({ contender, samples }) => summarize(contender.name, samples, base));
}

/** Sums up samples in milliseconds, round by round beside those of the base. */
export function summarize(name: string, samples: readonly number[], base: readonly number[]): Timing {
  const ratios = samples.map((sample, round) => sample / base[round]!);
  return {
    name,
    us: median(samples) * 1000,
    minUs: Math.min(...samples) * 1000,
    maxUs: Math.max(...samples) * 1000,
    ratio: median(ratios),
    minRatio: Math.min(...ratios),
    maxRatio: Math.max(...ratios),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Warms up for a few rounds' time, and finds how often an operation fits into one. */
async function calibrate(contender: Contender, roundMs: number): Promise<number> {
  let repeats = 16;
  for (let warmMs = 0; ; ) {
    const ms = await time(contender, repeats);
    warmMs += ms;
    if (ms >= roundMs && warmMs >= 5 * roundMs) return Math.ceil((repeats * roundMs * 1.1) / ms);
    if (ms < roundMs) repeats *= 2;
  }
}

async function time(contender: Contender, repeats: number): Promise<number> {
  const start = threadMs();
  for (let turn = 0; turn < repeats; turn++) {
    const result = contender.run();
    if (result instanceof Promise) await result;
  }
  return threadMs() - start;
}
