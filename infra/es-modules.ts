/**
 * esbuild plugin: a package's CommonJS file is made an ES module, with the little that CommonJS takes inside it. Left as it is, esbuild
 * keeps that in a chunk which every entry imports, a file more to open at a cold start that needs none of it.
 */

import { resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** The CommonJS files that ES modules import, out of a first build's metafile; those that they require come along. */
export function commonJsModules({ inputs }: Metafile): string[] {
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const found = imports.filter(({ kind, path }) => kind !== 'require-call' && inputs[path]?.format === 'cjs');
  return [...new Set(found.map(({ path }) => path))].sort();
}

/** Their `module.exports` is the default export, as it is in Node. */
export function asEsModules(modules: readonly string[], root: string): Plugin {
  const files = new Set(modules.map((path) => resolve(root, path)));
  return {
    name: 'es-modules',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]node_modules[\\/]/ }, async ({ path }) => {
        if (!files.has(path)) return undefined;
        const { outputFiles } = await build({ entryPoints: [path], bundle: true, format: 'esm', platform: 'node', write: false });
        return { contents: outputFiles[0]?.text ?? '' };
      });
    },
  };
}
