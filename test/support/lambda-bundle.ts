/** Builds the smallest of bundles in a temporary folder: one module with a handler. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
