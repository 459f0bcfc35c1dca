/**
 * Times contenders against each other: interleaved rounds (A B C A, A B C A, …), each long enough for the clock, so that whatever
 * slows the machine down meets all of them; the first is measured twice in a round, which shows how far it is from itself. Ratios are
 * taken within a round, and the median of the rounds is what counts. Time is what this thread spent on a processor: nothing here
 * waits, and neighbours on the machine do not count.
 */

import { type Noise, noiseOf, type Row, toRow } from './statistics.ts';

/** Milliseconds of processor time that this thread has used. */
export function threadMs(): number {
  // Linux books a running thread's time at clock ticks, 4 ms apart; asking for the whole process makes it book at once.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export interface Contender {
  readonly name: string;
  /** One run; awaited only when it is a promise. */
  run(): unknown;
  /** Operations of a run, of which one is told; default 1. */
  readonly operations?: number;
}

export interface MeasureOptions {
  /** Default 7. */
  readonly rounds?: number | undefined;
  /** Shortest duration of a contender's share of a round; default 20. */
  readonly roundMs?: number | undefined;
}

export interface Measured {
  /** In microseconds an operation. */
  readonly rows: readonly Row[];
  readonly noise: Noise;
}

/** Measures all contenders; the first is what the others are compared with. */
export async function measure(contenders: readonly [Contender, ...Contender[]], options: MeasureOptions = {}): Promise<Measured> {
  const { rounds = 7, roundMs = 20 } = options;
  const lanes = [];
  for (const contender of contenders) lanes.push({ contender, repeats: await calibrate(contender, roundMs), samples: [] as number[] });
  const first = lanes[0]!;
  const again = { ...first, samples: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const { contender, repeats, samples } of [...lanes, again]) samples.push(await microseconds(contender, repeats));
  }
  return {
    rows: lanes.map(({ contender, samples }) => toRow(contender.name, samples, first.samples)),
    noise: noiseOf(again.samples, first.samples),
  };
}

/** Warms up for a few rounds' time, and finds how often a run fits into one. */
async function calibrate(contender: Contender, roundMs: number): Promise<number> {
  let repeats = 1;
  for (let warmMs = 0; ; ) {
    const ms = await time(contender, repeats);
    warmMs += ms;
    if (ms >= roundMs && warmMs >= 5 * roundMs) return Math.ceil((repeats * roundMs * 1.1) / ms);
    if (ms < roundMs) repeats *= 2;
  }
}

async function microseconds(contender: Contender, repeats: number): Promise<number> {
  return ((await time(contender, repeats)) * 1000) / (repeats * (contender.operations ?? 1));
}

async function time(contender: Contender, repeats: number): Promise<number> {
  const start = threadMs();
  for (let turn = 0; turn < repeats; turn++) {
    const result = contender.run();
    if (result instanceof Promise) await result;
  }
  return threadMs() - start;
}
