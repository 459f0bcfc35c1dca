/** Bundles for tests of Lambda: the smallest there is, one module with a handler, and one of a worker of the tests. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED } from '../../infra/bundle.ts';

export interface Bundle {
  readonly bundleDir: string;
  remove(): Promise<void>;
}

/** Writes `source` as `worker.mjs`, or under the name given. */
export async function writeBundle(source: string, file = 'worker.mjs'): Promise<Bundle> {
  const bundleDir = await mkdtemp(join(tmpdir(), 'celeriac-bundle-'));
  await writeFile(join(bundleDir, file), source);
  return { bundleDir, remove: () => rm(bundleDir, { recursive: true, force: true }) };
}

/** Bundles a module of the tests, with all that it imports, as `worker.mjs`; `entry` is a path in the repository. */
export async function buildWorker(entry: string, outdir: string): Promise<void> {
  await build({ ...BUNDLED, entryPoints: { worker: entry }, outdir });
}
