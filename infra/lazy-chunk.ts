/**
 * esbuild plugin: everything of our own that is imported lazily becomes one chunk. Each chunk that the entry shares with a lazy one is
 * a file more to open at a cold start (a third of a millisecond), and every further lazy import splits what is shared once more.
 */

import { resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const NAMESPACE = 'lazy-chunk';

/** Our own modules that some `import()` names, out of a first build's metafile; packages stay chunks of their own. */
export function lazyModules(metafile: Metafile): string[] {
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const own = imports.filter(({ kind, external, path }) => kind === 'dynamic-import' && !external && !path.includes('node_modules/'));
  return [...new Set(own.map(({ path }) => path))].sort();
}

/** Turns each `import()` of one of the modules into an import of them all. Fails where two of them export the same name. */
export function oneLazyChunk(modules: readonly string[], root: string): Plugin {
  const files = new Set(modules.map((path) => resolve(root, path)));
  return {
    name: NAMESPACE,
    setup(build) {
      // By a path, or by a name that package.json exports.
      build.onResolve({ filter: /^(\.|celeriac\/)/ }, async ({ kind, path, resolveDir, importer, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === NAMESPACE) return undefined;
        const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: NAMESPACE });
        return files.has(found.path) ? { path: 'lazy', namespace: NAMESPACE } : undefined;
      });
      build.onLoad({ filter: /./, namespace: NAMESPACE }, async () => {
        const errors = await sharedNames([...files], root);
        if (errors.length > 0) return { errors };
        return { contents: [...files].map((file) => `export * from ${JSON.stringify(file)};`).join('\n'), resolveDir: root };
      });
    },
  };
}

/** What `export *` of all of them would leave out without a word. */
async function sharedNames(files: readonly string[], absWorkingDir: string): Promise<{ text: string }[]> {
  const { metafile } = await build({
    absWorkingDir,
    entryPoints: [...files],
    outdir: '/',
    write: false,
    metafile: true,
    format: 'esm',
    logLevel: 'silent',
  });
  const owners = new Map<string, string[]>();
  for (const { exports, entryPoint = '' } of Object.values(metafile.outputs)) {
    for (const name of exports) owners.set(name, [...(owners.get(name) ?? []), entryPoint]);
  }
  return [...owners].flatMap(([name, from]) =>
    from.length > 1 ? [{ text: `'${name}' is exported by ${from.join(' and ')}, which are one lazy chunk: rename one of them` }] : [],
  );
}
