/**
 * All options of the bundler, once: each function of handlers/ becomes an entry in ESM with at most one chunk beside it, and whatever
 * is imported lazily two that cost a cold start nothing: what a send needs, and the rest. Packing the result is infra/package.ts' business.
 */

import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { asEsModules, commonJsModules } from './es-modules.ts';
import { keptNames } from './kept-names.ts';
import { lazyModules, oneLazyChunk } from './lazy-chunk.ts';

/** The functions that serverless.yml deploys, by their file in handlers/. */
export const functions = ['worker', 'enqueue', 'dead-letter'] as const;

/** What the first send of a function needs of what is imported lazily: a third of it. */
const SENDING = /^src\/(app\/(publisher|task-sender|send-tasks)|transports\/)/;

export const root = resolve(import.meta.dirname, '..');

/** What all bundles for Lambda have in common, those of the tests and of the bench too. */
export const BUNDLED = {
  absWorkingDir: root,
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
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/** Bundles every function into `outdir`, which is emptied first. Paths of the answer are relative to the repository. */
export async function bundle(options: { outdir: string; minify?: boolean }): Promise<Metafile> {
  await rm(options.outdir, { recursive: true, force: true });
  const metafiles = await Promise.all(functions.map((name) => bundleFunction(name, options)));
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  };
}

/** Three builds: the first finds what is imported lazily, the second what of that a start loads, and the third makes the chunks. */
async function bundleFunction(name: string, { outdir, minify = true }: { outdir: string; minify?: boolean }): Promise<Metafile> {
  const options: BuildOptions & { metafile: true } = {
    ...BUNDLED,
    entryPoints: [`handlers/${name}.ts`],
    outdir,
    outbase: 'handlers',
    minify,
    legalComments: 'none',
    // infra/lazy-chunk.ts means them so.
    logOverride: { 'ignored-bare-import': 'silent' },
  };
  const { metafile: found } = await build({ ...options, write: false });
  const lazy = lazyModules(found);
  const plugins = [keptNames(/[\\/]handlers[\\/][^\\/]+\.ts$/), asEsModules(commonJsModules(found), root)];
  const { metafile: trial } = await build({ ...options, write: false, plugins: [...plugins, oneLazyChunk(lazy, root)] });
  const first = { modules: SENDING, started: startedModules(trial, `handlers/${name}.ts`) };
  const { metafile } = await build({ ...options, plugins: [...plugins, oneLazyChunk(lazy, root, first)] });
  return metafile;
}

/** What the entry shares with what is imported lazily. */
function startedModules({ outputs }: Metafile, entryPoint: string): string[] {
  const entry = Object.values(outputs).find((output) => output.entryPoint === entryPoint);
  const chunks = (entry?.imports ?? []).filter(({ kind, external }) => kind === 'import-statement' && external !== true);
  return chunks.flatMap(({ path }) => Object.keys(outputs[path]?.inputs ?? {}));
}

if (import.meta.main) await bundle({ outdir: resolve(root, 'build') });
