/** How many hostile records a fuzzing test tries, and the property that all of them run. */

import fc from 'fast-check';
import { expect } from 'vitest';
import type { SqsRecord } from '../../src/lambda/event.ts';
import { createHostileWorld, type Fate, type HostileOptions, type HostileWorld } from './hostile-world.ts';

/** Hostile records of all fuzzing tests together; CELERIAC_FUZZ_RUNS says otherwise. */
const RECORDS = Number(process.env['CELERIAC_FUZZ_RUNS'] ?? 100_000);
/** A worker keeps results; after so many batches a new one begins with none. */
const BATCHES_PER_WORLD = 200;
/** Hostile records of a batch, 5 on the mean. */
const MOST = 9;

/** What the records of one test came to. */
export interface Tally {
  readonly fates: Readonly<Record<Fate, number>>;
  /** Codes of the verdicts. */
  readonly codes: ReadonlySet<string>;
}

/** False where too few are asked for to say anything of how often an end is met. */
export const ARE_MANY: boolean = RECORDS >= 50_000;

/**
 * Runs `share` of all records in batches of 1 to 10, a good one among them wherever there is room, and finds each ended in one way and
 * the good one succeeded; `place` is where that one comes from. A failure tells its seed and the smallest batch that shows it.
 */
export async function fuzzBatches<T>(
  share: number,
  hostile: fc.Arbitrary<T>,
  toRecord: (value: T) => SqsRecord,
  { place: at = {}, ...options }: HostileOptions & { readonly place?: Parameters<HostileWorld['good']>[0] } = {},
): Promise<Tally> {
  const counts = { acknowledged: 0, returned: 0, quarantined: 0 };
  const codes = new Set<string>();
  const batches = fc.tuple(fc.array(hostile, { minLength: 1, maxLength: MOST, size: 'max' }), fc.nat(MOST));
  let world: HostileWorld | undefined;
  let batch = 0;
  await fc.assert(
    fc.asyncProperty(batches, async ([values, place]) => {
      if (world === undefined || batch++ % BATCHES_PER_WORLD === 0) world = createHostileWorld(options);
      const good = world.good(at);
      const fates = await world.run(values.map(toRecord).toSpliced(place, 0, good));
      for (const fate of fates.values()) counts[fate] += 1;
      for (const code of world.codes()) codes.add(code);
      if (fates.get(good.messageId) !== 'acknowledged') expect.fail(`the good record was ${fates.get(good.messageId)}`);
      if ((await world.stateOf(good)) !== 'SUCCESS') expect.fail(`the good record's state is ${await world.stateOf(good)}`);
    }),
    { numRuns: Math.ceil((RECORDS * share) / ((MOST + 1) / 2)) },
  );
  return { fates: counts, codes };
}
