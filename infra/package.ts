/**
 * `npm run package`: the bundle, one zip a function with just the chunks it can reach, and the CloudFormation template
 * around them. Needs no network and no credentials; the same sources give the same zips, byte for byte, but for a compile cache. `--compile-cache <node>` packs
 * V8's compile cache as well, made by that Node.js.
 */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { bundle, functions, root } from './bundle.ts';
import { withCompileCache } from './compile-cache.ts';

/** The outputs that are loaded with `entry`, itself included; with `lazy` also those an `import()` may load later. */
export function reachable(outputs: Metafile['outputs'], entry: string, options: { lazy: boolean }): string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const next of outputs[path]?.imports ?? []) {
      if (!next.external && (options.lazy || next.kind !== 'dynamic-import')) seen.add(next.path);
    }
  }
  return [...seen];
}

/**
 * Writes `<function>.zip` into `outdir` for each function of the bundle there. With `compileCache`, a Node.js, each has what that Node
 * makes of its files as well.
 */
export async function writeArtifacts(
  metafile: Metafile,
  outdir: string,
  options: { compileCache?: string | undefined } = {},
): Promise<void> {
  for (const name of functions) {
    const entry = relative(root, join(outdir, `${name}.mjs`));
    const files = new Map<string, Uint8Array>();
    for (const path of reachable(metafile.outputs, entry, { lazy: true }).sort()) {
      const file = resolve(root, path);
      files.set(relative(outdir, file), await readFile(file));
    }
    const packed = options.compileCache === undefined ? files : await withCompileCache(name, files, options.compileCache);
    const zippable: Zippable = Object.fromEntries(Array.from(packed, ([path, bytes]) => [path, [bytes, fixed]]));
    await writeFile(join(outdir, `${name}.zip`), zipSync(zippable));
  }
}

/** Dates and modes that do not depend on the machine; a zip has the local time, so this is one too. */
const fixed = { mtime: new Date(1980, 0, 1), os: 3, attrs: (0o100644 << 16) >>> 0, level: 9 } as const;

/**
 * Runs `osls package` on the zips of `buildDir`, which leaves the templates in `.serverless` beside serverless.yml: the one here, or
 * its copy in `serviceDir`. What osls has to say against it is the error.
 */
export async function writeTemplate(options: { buildDir: string; serviceDir?: string; params?: Record<string, string> }): Promise<void> {
  const params = Object.entries({ ...options.params, buildDir: options.buildDir }).map(([name, value]) => `--param=${name}=${value}`);
  const args = [join(root, 'node_modules/osls/bin/serverless.js'), 'package', ...params];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: options.serviceDir ?? root });
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`osls package failed.\n${stderr}${stdout}`, { cause });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'compile-cache': { type: 'string' } } });
  const buildDir = resolve(root, 'build');
  await writeArtifacts(await bundle({ outdir: buildDir }), buildDir, { compileCache: values['compile-cache'] });
  await writeTemplate({ buildDir });
  console.log(`packaged: ${functions.map((name) => `build/${name}.zip`).join(', ')} and the templates in .serverless/`);
}
