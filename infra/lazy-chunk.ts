/**
 * esbuild plugin: everything of our own that is imported lazily becomes one chunk. Each chunk that the entry shares with a lazy one is
 * a file more to open at a cold start (a third of a millisecond), and every further lazy import splits what is shared once more.
 */

import { resolve } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

const NAMESPACE = 'lazy-chunk';

/** Our own modules that some `import()` names, out of a first build's metafile; packages stay chunks of their own. */
export function lazyModules(metafile: Metafile): string[] {
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const own = imports.filter(({ kind, external, path }) => kind === 'dynamic-import' && !external && !path.includes('node_modules/'));
  return [...new Set(own.map(({ path }) => path))].sort();
}

/** Turns each `import()` of one of the modules into an import of them all. Their exports must have different names. */
export function oneLazyChunk(modules: readonly string[], root: string): Plugin {
  const files = new Set(modules.map((path) => resolve(root, path)));
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && files.has(resolve(resolveDir, path)) ? { path: 'lazy', namespace: NAMESPACE } : undefined,
      );
      build.onLoad({ filter: /./, namespace: NAMESPACE }, () => ({
        contents: [...files].map((file) => `export * from ${JSON.stringify(file)};`).join('\n'),
        resolveDir: root,
      }));
    },
  };
}
