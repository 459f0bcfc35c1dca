/**
 * V8's compile cache, for `npm run package -- --compile-cache <node>`: what compiling a function's files came to, packed beside them, and
 * an entry that has Node take it (docs/decisions/0041-a-compile-cache-is-an-option.md).
 */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The files of a zip, by their path in it. */
export type Files = ReadonlyMap<string, Uint8Array>;

const CACHE = 'compile-cache';

/**
 * The files with a cache of them all. The entry `<name>.mjs` becomes `<name>.main.mjs`, and another takes its place.
 *
 * @param node the Node.js that Lambda runs, of the same version and for the same processor; V8 refuses the cache of any other
 */
export async function withCompileCache(name: string, files: Files, node: string): Promise<Files> {
  const root = await mkdtemp(join(tmpdir(), 'celeriac-cache-'));
  try {
    const main = files.get(`${name}.mjs`);
    if (main === undefined) throw new Error(`The files of ${name} have no ${name}.mjs.`);
    const packed = new Map([...files, [`${name}.main.mjs`, main], [`${name}.mjs`, Buffer.from(entryText(name))]]);
    // The cache tells files by their way from its directory: it is made where these lie as they do on Lambda.
    const task = join(root, 'var/task');
    for (const [path, bytes] of packed) {
      await mkdir(dirname(join(task, path)), { recursive: true });
      await writeFile(join(task, path), bytes);
    }
    const compiled = [...packed.keys()].filter((path) => path.endsWith('.mjs') && path !== `${name}.mjs`);
    const args = [
      '--input-type=module',
      '--eval',
      makingText(
        join(root, 'tmp'),
        compiled.map((path) => join(task, path)),
      ),
    ];
    const { stdout } = await promisify(execFile)(node, args);
    // What the handlers print while they are imported comes before it.
    const made = stdout.slice(stdout.lastIndexOf('\n') + 1);
    for (const file of await readdir(made)) packed.set(`${CACHE}/${file}`, await readFile(join(made, file)));
    return packed;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/**
 * Node looks for a cache in a directory that is named by its version, the processor's features and the user, none of which is known here:
 * that directory is made a link to what was packed. Where the cache is another Node's, V8 refuses it and compiles.
 */
const entryText = (name: string): string => `if (process.env.LAMBDA_TASK_ROOT) {
  try {
    const { enableCompileCache, getCompileCacheDir } = process.getBuiltinModule('node:module');
    enableCompileCache({ directory: \`\${process.env.TMPDIR || '/tmp'}/${CACHE}\`, portable: true });
    const directory = getCompileCacheDir();
    const { rmdirSync, symlinkSync } = process.getBuiltinModule('node:fs');
    rmdirSync(directory);
    symlinkSync(\`\${process.env.LAMBDA_TASK_ROOT}/${CACHE}\`, directory);
  } catch {
    // Without a cache all is as it would be; after a restart the link is there already.
  }
}
export const { handler } = await import('./${name}.main.mjs');
`;

/** Imports every file, lazy ones too, prints where the cache of them is, and ends, whatever they have left running. */
const makingText = (temporary: string, paths: readonly string[]): string => `
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from 'node:module';
enableCompileCache({ directory: ${JSON.stringify(join(temporary, CACHE))}, portable: true });
for (const path of ${JSON.stringify(paths)}) await import(path);
flushCompileCache();
process.stdout.write('\\n' + getCompileCacheDir(), () => process.exit());
`;
