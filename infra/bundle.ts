/**
 * All options of the bundler, once: each function of handlers/ becomes an entry in ESM, and whatever is imported lazily
 * a chunk that costs a cold start nothing. Packing the result is infra/package.ts' business.
 */

import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** The functions that serverless.yml deploys, by their file in handlers/. */
export const functions = ['worker', 'enqueue', 'dead-letter'] as const;

export const root = resolve(import.meta.dirname, '..');

/** Bundles every function into `outdir`, which is emptied first. Paths of the answer are relative to the repository. */
export async function bundle(options: { outdir: string; minify?: boolean }): Promise<Metafile> {
  await rm(options.outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: functions.map((name) => `handlers/${name}.ts`),
    outdir: options.outdir,
    outbase: 'handlers',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node22',
    // The SDK's `main` is CommonJS, which cannot be shaken: a third more to load.
    mainFields: ['module', 'main'],
    tsconfig: 'tsconfig.json',
    minify: options.minify ?? true,
    // An error's class name is stored as its exc_type, which Python reads: it is to survive the minifier.
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

if (import.meta.main) await bundle({ outdir: resolve(root, 'build') });
