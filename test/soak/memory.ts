/** Memory over time: samples of the processes' resident sizes, and how much they grew in the second half. */

import { readFileSync } from 'node:fs';

export interface MemorySamples {
  sample(atMs: number): void;
  /** Megabytes; undefined where the second half is too short to tell growth from warming up. */
  figures(): { readonly meanMb: number; readonly growthMb: number } | undefined;
}

const WARM_MS = 30_000;

/** @param read megabytes now; undefined when there is nothing to be read */
export function createMemorySamples(read: () => number | undefined): MemorySamples {
  const samples: { readonly atMs: number; readonly mb: number }[] = [];
  return {
    sample(atMs) {
      const mb = read();
      if (mb !== undefined) samples.push({ atMs, mb });
    },
    figures() {
      const half = samples.slice(Math.floor(samples.length / 2));
      const [first, last] = [half[0], half.at(-1)];
      if (first === undefined || last === undefined || last.atMs - first.atMs < WARM_MS) return undefined;
      return { meanMb: mean(half.map(({ mb }) => mb)), growthMb: slopeOf(half) * (last.atMs - first.atMs) };
    },
  };
}

/** Resident megabytes of a process, on Linux; undefined when it is gone. */
export function residentMb(pid: number): number | undefined {
  try {
    const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? undefined : Number(found[1]) / 1024;
  } catch {
    return undefined;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Least squares, megabytes per millisecond. */
function slopeOf(samples: readonly { readonly atMs: number; readonly mb: number }[]): number {
  const atMean = mean(samples.map(({ atMs }) => atMs));
  const mbMean = mean(samples.map(({ mb }) => mb));
  const over = samples.reduce((sum, { atMs, mb }) => sum + (atMs - atMean) * (mb - mbMean), 0);
  const under = samples.reduce((sum, { atMs }) => sum + (atMs - atMean) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
