/**
 * What sends a task also runs where there is no Node: bundled to one file, as Workers are, it names no module of Node's, whether it is
 * imported at once or late. One that is named there keeps the whole file from loading.
 */

import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What is made for edge runtimes. */
const SENDING = ['src/index.ts', 'src/wire/index.ts', 'src/transports/sqs-fetch/index.ts', 'src/transports/memory.ts'];

/** Files that may import what only Node has, each with why: they are loaded late, and where Node is. */
const EXCUSED = new Map<string, string>();

/** `file → module` for everything that is neither ours nor given everywhere. */
async function importsOf(entries: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  await build({
    stdin: { contents: entries.map((entry) => `export * from './${entry}';`).join('\n'), resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'silent',
    plugins: [
      {
        name: 'note what is not ours',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
            if (kind === 'entry-point') return undefined;
            found.push(`${relative(root, importer)} → ${path}`);
            return { path, external: true };
          });
        },
      },
    ],
  });
  return found;
}

describe('what sends a task', () => {
  it("imports no module of Node's, and no package", async () => {
    const imports = await importsOf(SENDING);
    expect(imports.filter((one) => !EXCUSED.has(one.split(' → ')[0]!))).toEqual([]);
  });

  it('is told apart from what needs Node', async () => {
    expect(await importsOf(['src/poller/index.ts'])).toEqual(expect.arrayContaining([expect.stringContaining(' → node:')]));
  });
});
