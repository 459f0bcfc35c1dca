/** Samples to figures: medians, ratios within a round, and the noise of the machine. Pure. */

/** What one contender needed, in the unit of its table. */
export interface Row {
  readonly name: string;
  /** Median of the rounds, and the best and the worst round. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Against the first contender: median of the ratios within a round, the smallest and the largest. */
  readonly ratio: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

/** How far the first contender is from itself, measured twice in each round: a difference smaller than that says nothing. */
export interface Noise {
  readonly ratio: number;
  readonly minRatio: number;
  readonly maxRatio: number;
}

/** Sums up samples, round by round beside those of the base. */
export function toRow(name: string, samples: readonly number[], base: readonly number[]): Row {
  return { name, value: median(samples), min: Math.min(...samples), max: Math.max(...samples), ...ratiosOf(samples, base) };
}

/** @param again samples of the base that were taken a second time, in the same rounds */
export function noiseOf(again: readonly number[], base: readonly number[]): Noise {
  return ratiosOf(again, base);
}

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function ratiosOf(samples: readonly number[], base: readonly number[]): Noise {
  if (samples.length !== base.length) throw new Error(`${samples.length} rounds cannot be compared with ${base.length}.`);
  const ratios = samples.map((sample, round) => sample / base[round]!);
  return { ratio: median(ratios), minRatio: Math.min(...ratios), maxRatio: Math.max(...ratios) };
}
