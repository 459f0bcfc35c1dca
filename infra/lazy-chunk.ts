/**
 * esbuild plugin: everything of our own that is imported lazily becomes one chunk. Each chunk that the entry shares with a lazy one is
 * a file more to open at a cold start (a third of a millisecond), and every further lazy import splits what is shared once more. What a
 * first send needs may be a chunk of its own, so that it does not wait for the rest.
 */

import { resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const NAMESPACE = 'lazy-chunk';

/** Our own modules that some `import()` names, out of a first build's metafile; packages stay chunks of their own. */
export function lazyModules(metafile: Metafile): string[] {
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const own = imports.filter(({ kind, external, path }) => kind === 'dynamic-import' && !external && !path.includes('node_modules/'));
  return [...new Set(own.map(({ path }) => path))].sort();
}

/** What is imported lazily before the rest of it, in a chunk of its own. */
export interface FirstChunk {
  /** Its modules, by their path in the repository. */
  readonly modules: RegExp;
  /** What a start loads of all that is imported lazily. Without it those of the two chunks would be two files of the start. */
  readonly started: readonly string[];
}

/**
 * Turns each `import()` of one of the modules into an import of them all, or, of one in the first chunk, into an import of that. Fails where
 * two of them export the same name.
 */
export function oneLazyChunk(modules: readonly string[], root: string, first?: FirstChunk): Plugin {
  const files = modules.map((path) => resolve(root, path));
  const firstFiles = modules.filter((path) => first?.modules.test(path)).map((path) => resolve(root, path));
  return {
    name: NAMESPACE,
    setup(build) {
      // By a path, or by a name that package.json exports.
      build.onResolve({ filter: /^(\.|celeriac\/)/ }, async ({ kind, path, resolveDir, importer, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === NAMESPACE) return undefined;
        const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: NAMESPACE });
        if (!files.includes(found.path)) return undefined;
        return { path: firstFiles.includes(found.path) ? 'first' : 'lazy', namespace: NAMESPACE };
      });
      build.onLoad({ filter: /^first$/, namespace: NAMESPACE }, () => {
        // A bare import adds nothing of a file without effects, and has esbuild count it as shared.
        const started = (first?.started ?? []).map((path) => `import ${JSON.stringify(resolve(root, path))};\n`);
        return { contents: started.join('') + exportsOfAll(firstFiles), resolveDir: root };
      });
      build.onLoad({ filter: /^lazy$/, namespace: NAMESPACE }, async () => {
        const errors = await lostNames(files, root);
        return errors.length > 0 ? { errors } : { contents: exportsOfAll(files), resolveDir: root };
      });
    },
  };
}

const exportsOfAll = (files: readonly string[]): string => files.map((file) => `export * from ${JSON.stringify(file)};`).join('\n');

/** What `export *` of all of them leaves out without a word: a name that is two things. One thing may be exported by two of them. */
async function lostNames(files: readonly string[], absWorkingDir: string): Promise<{ text: string }[]> {
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
  const found = [...owners].map(async ([name, from]) => {
    const isLost = from.length > 1 && !(await isOneThing(name, files, absWorkingDir));
    return isLost ? [{ text: `'${name}' is exported by ${from.join(' and ')}, which are one lazy chunk: rename one of them` }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Asked by importing it: what is two things cannot be. */
async function isOneThing(name: string, files: readonly string[], absWorkingDir: string): Promise<boolean> {
  const all: Plugin = {
    name: 'all',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^all$/ }, () => ({ path: 'all', namespace: 'all' }));
      onLoad({ filter: /./, namespace: 'all' }, () => ({ contents: exportsOfAll(files), resolveDir: absWorkingDir }));
    },
  };
  const stdin = { contents: `export { ${name} } from 'all';`, resolveDir: absWorkingDir };
  const options: BuildOptions = { bundle: true, packages: 'external', platform: 'node', format: 'esm', write: false, logLevel: 'silent' };
  return build({ ...options, absWorkingDir, stdin, plugins: [all] }).then(
    () => true,
    () => false,
  );
}
