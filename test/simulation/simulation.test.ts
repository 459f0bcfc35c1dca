/** Some dozens of lives, in threads of plain Node. `npm run simulate` lives as many as are asked for. */

import { describe, expect, it } from 'vitest';
import { kindsAt } from './faults.ts';
import { Matrix } from './matrix.ts';
import { liveAll, type PoolOptions, seedsFrom } from './pool.ts';
import type { Report } from './thread.ts';

async function reportsOf(options: PoolOptions): Promise<readonly Report[]> {
  const reports: Report[] = [];
  await liveAll({ ...options, onReport: (report) => void reports.push(report) });
  return reports.sort((a, b) => a.seed - b.seed);
}

const hashes = (reports: readonly Report[]): readonly string[] => reports.map(({ seed, hash }) => `${seed} ${hash}`);

describe('simulated lives', () => {
  it('break no promise', async () => {
    const reports = await reportsOf({ seeds: seedsFrom(1, 80), threads: 2 });
    expect(reports.flatMap(({ seed, workload, misses }) => misses.map(({ rule, what }) => `${seed} ${workload} ${rule}: ${what}`))).toEqual(
      [],
    );
    expect(reports.reduce((sum, { sums }) => sum + sums.tasks, 0)).toBeGreaterThan(1000);
    expect(reports.some(({ sums }) => sums.kills > 0 && sums.freezes > 0 && sums.timeOuts > 0)).toBe(true);
  }, 120_000);

  it('are the same for the same seed, whatever was lived before in their thread', async () => {
    const [once, again] = [
      await reportsOf({ seeds: seedsFrom(201, 20), threads: 1 }),
      await reportsOf({ seeds: seedsFrom(195, 26), threads: 1 }),
    ];
    expect(hashes(again.slice(6))).toEqual(hashes(once));
    expect(new Set(hashes(once)).size).toBe(20);
  }, 120_000);
});

describe('the matrix of faults', () => {
  it('says what could have happened and did not', () => {
    const matrix = new Matrix();
    matrix.add([{ kind: 'killed', point: 'handler.start' }]);
    expect(matrix.zeros()).toEqual(kindsAt('handler.start').flatMap((kind) => (kind === 'killed' ? [] : [`handler.start — ${kind}`])));
    expect(matrix.zeros(['mapping.delete'])).toEqual(['mapping.delete — failed', 'mapping.delete — slow']);
    expect(String(matrix)).toContain('handler.start');
  });
});
