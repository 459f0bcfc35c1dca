/**
 * The budgets: what a cold start of the worker loads, exactly, and what a record, a message and a start may cost, as ratios against
 * doing the same by hand. Times are test/bench's; the machine may be noisy, so each ratio has a few tries and the best one counts.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, root } from '../../infra/bundle.ts';
import { reachable } from '../../infra/package.ts';
import { readReport } from '../bench/report.ts';
import { verdictsOf } from '../bench/table.ts';
import { TARGETS, type Target } from '../bench/targets.ts';

/** Bytes of the worker's entry and of the chunks it imports at once. */
const STATIC_BYTES = 79 * 1024;
/** Node's modules that are loaded with the worker. */
const STATIC_BUILT_INS = ['node:timers'];
/** Runs of the bench that a ratio has to be met in one of. */
const TRIES = 8;
/** No try is begun after that: a target that is missed is to be told as such, and not as a time-out. */
const LONGEST_MS = 120_000;
/** A machine is shared, and its noise is about that; `npm run bench` tells how the targets as they are stand, and fails for none. */
const ROOM = 1.1;

describe('what a cold start of the worker loads', () => {
  let outdir: string;
  let outputs: Metafile['outputs'];
  let loaded: string[];

  beforeAll(async () => {
    outdir = await mkdtemp(join(tmpdir(), 'celeriac-budget-'));
    outputs = (await bundle({ outdir })).outputs;
    loaded = reachable(outputs, relative(root, join(outdir, 'worker.mjs')), { lazy: false });
  }, 60_000);

  afterAll(() => rm(outdir, { recursive: true, force: true }));

  it(`is at most ${STATIC_BYTES} bytes`, () => {
    expect(loaded.reduce((sum, path) => sum + outputs[path]!.bytes, 0)).toBeLessThanOrEqual(STATIC_BYTES);
  });

  it('comes from this repository and middy alone', () => {
    const inputs = loaded.flatMap((path) => Object.keys(outputs[path]!.inputs));
    expect(inputs.filter((path) => !/^(src|handlers|node_modules\/@middy\/core)\//.test(path))).toEqual([]);
  });

  it('opens no other modules of Node than these', () => {
    const imports = loaded.flatMap((path) => outputs[path]!.imports);
    const builtIns = imports.filter(({ external, kind }) => external && kind === 'import-statement').map(({ path }) => path);
    expect([...new Set(builtIns)].sort()).toEqual(STATIC_BUILT_INS);
  });
});

describe('what it may cost', () => {
  const best = new Map<Target, number>();
  const ratioOf = (target: Target): number => best.get(target) ?? Number.POSITIVE_INFINITY;

  /** Runs the bench for one question, and keeps the best ratio of each target. */
  async function ask(question: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'celeriac-bench-'));
    try {
      const file = join(directory, 'tables.json');
      const args = [join(root, 'test/bench/run.ts'), question, '--targets-only', '--json', file];
      await promisify(execFile)(process.execPath, ['--no-warnings', ...args], { cwd: root });
      for (const table of readReport(await readFile(file, 'utf8')).tables) {
        for (const { target, ratio } of verdictsOf(table)) best.set(target, Math.min(ratio, ratioOf(target)));
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  it.each(TARGETS.map((target) => [`${target.table}: ${target.row}`, target] as const))(
    '%s stays within its ratio',
    async (_name, target) => {
      const question = target.table.slice(0, target.table.indexOf('/'));
      const most = target.most * ROOM;
      const untilMs = Date.now() + LONGEST_MS;
      for (let tries = 0; tries < TRIES && ratioOf(target) > most && Date.now() < untilMs; tries++) await ask(question);
      expect(ratioOf(target)).toBeLessThanOrEqual(most);
    },
    240_000,
  );
});
