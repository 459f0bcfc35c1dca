/**
 * esbuild plugin: keeps the names of the app's own classes through the minifier, and only theirs. The class of an error a task throws is
 * stored as its exc_type, which Python reads; what a library calls its own is nobody's business, and costs bytes.
 */

import { readFile } from 'node:fs/promises';
import { type Plugin, transform } from 'esbuild';

/** @param filter files whose names are kept, where they have a class at all */
export function keptNames(filter: RegExp): Plugin {
  return {
    name: 'kept-names',
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!/\bclass\b/.test(source)) return undefined;
        const { code } = await transform(source, { loader: 'ts', keepNames: true, sourcefile: path, target: 'node22' });
        return { contents: code, loader: 'js' };
      });
    },
  };
}
