import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, functions, root } from '../../infra/bundle.ts';
import { keptNames } from '../../infra/kept-names.ts';
import { reachable, writeArtifacts } from '../../infra/package.ts';
import { packageCopy } from '../support/packaging.ts';

/** Bytes of the worker's entry, and of all that a cold start has to read: the entry and the one chunk it shares with what is lazy. */
const ENTRY_BYTES = 40 * 1024;
const STATIC_BYTES = 62 * 1024;

let outdir: string;
let outputs: Metafile['outputs'];

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'celeriac-bundle-'));
  const metafile = await bundle({ outdir });
  await writeArtifacts(metafile, outdir);
  outputs = metafile.outputs;
}, 60_000);

afterAll(() => rm(outdir, { recursive: true, force: true }));

const entryOf = (name: string): string => relative(root, join(outdir, `${name}.mjs`));
const eager = (name: string): string[] => reachable(outputs, entryOf(name), { lazy: false });
const inputsOf = (paths: readonly string[]): string[] => paths.flatMap((path) => Object.keys(outputs[path]!.inputs));
const bytesOf = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + outputs[path]!.bytes, 0);

/** Everything these outputs import from Node when they are loaded. */
function builtinsOf(paths: readonly string[]): string[] {
  const imports = paths.flatMap((path) => outputs[path]!.imports);
  return [...new Set(imports.filter(({ external, kind }) => external && kind !== 'dynamic-import').map(({ path }) => path))].sort();
}

describe('what a cold start of the worker loads', () => {
  it('is an entry of at most 40 KB and one chunk beside it', () => {
    console.log(`worker: ${bytesOf(eager('worker'))} bytes at the start, built-ins ${builtinsOf(eager('worker')).join(' ')}`);
    expect(bytesOf([entryOf('worker')])).toBeLessThanOrEqual(ENTRY_BYTES);
    expect(bytesOf(eager('worker'))).toBeLessThanOrEqual(STATIC_BYTES);
    expect(eager('worker')).toHaveLength(2);
  });

  it.each(functions)('has no part of the AWS SDK, nor anything like it (%s)', (name) => {
    const packages = inputsOf(eager(name)).filter((input) => input.includes('node_modules/'));
    expect(packages.filter((input) => !input.startsWith('node_modules/@middy/core/'))).toEqual([]);
  });

  it.each(functions)('opens no network module of Node, by any name (%s)', (name) => {
    expect(builtinsOf(eager(name)).filter((path) => /^(node:)?(https?2?|undici|net|tls|dgram|zlib)$/.test(path))).toEqual([]);
  });

  it('needs nothing that is not in the bundle but Node itself', () => {
    for (const path of builtinsOf(Object.keys(outputs))) expect(process.getBuiltinModule(path), path).toBeDefined();
  });
});

describe('the SDK', () => {
  it('is in chunks that are loaded when something is first sent', () => {
    const all = reachable(outputs, entryOf('worker'), { lazy: true });
    expect(inputsOf(all).some((input) => input.includes('@aws-sdk/client-sqs/'))).toBe(true);
  });

  it('comes from its ES modules', () => {
    const files = inputsOf(Object.keys(outputs)).filter((input) => input.includes('@aws-sdk/client-sqs/'));
    expect(files.filter((input) => input.includes('dist-cjs'))).toEqual([]);
  });
});

describe('the artefacts', () => {
  const zipOf = (name: string, directory = outdir) => readFile(join(directory, `${name}.zip`));

  it.each(functions)('have the handler where Lambda looks for it (%s)', async (name) => {
    const files = unzipSync(await zipOf(name));
    expect(Object.keys(files)).toContain(`${name}.mjs`);
    expect(strFromU8(files[`${name}.mjs`]!)).toMatch(/\bas handler\b/);
  });

  it.each(functions)('have every chunk that is reached, and none that is not (%s)', async (name) => {
    const wanted = reachable(outputs, entryOf(name), { lazy: true }).map((path) => relative(outdir, join(root, path)));
    expect(Object.keys(unzipSync(await zipOf(name))).sort()).toEqual(wanted.sort());
  });

  it('are the same, byte for byte, when built again elsewhere', async () => {
    const again = await mkdtemp(join(tmpdir(), 'celeriac-again-'));
    try {
      await writeArtifacts(await bundle({ outdir: again }), again);
      for (const name of functions) expect(digest(await zipOf(name, again)), name).toBe(digest(await zipOf(name)));
    } finally {
      await rm(again, { recursive: true, force: true });
    }
  });

  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  it.each(functions)('load, and have a handler of no more than two parameters (%s)', async (name) => {
    const script = `const { handler } = await import(${JSON.stringify(join(outdir, `${name}.mjs`))}); process.stdout.write(String(handler.length));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(Number(stdout)).toBeLessThanOrEqual(2);
  });

  it('are missed when they are not there', async () => {
    const options = { serviceDir: join(outdir, 'copy'), buildDir: join(outdir, 'nowhere') };
    await expect(packageCopy(options)).rejects.toThrow('Cannot access package artifact');
  }, 60_000);
});

describe('names', () => {
  it('of the app’s own classes survive the minifier, for an error’s is stored as its exc_type', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'celeriac-names-'));
    try {
      const entry = join(directory, 'handlers', 'own.ts');
      await mkdir(join(directory, 'handlers'));
      await writeFile(entry, 'class PaymentRefused extends Error {}\nexport const made = new PaymentRefused();\n');
      const plugins = [keptNames(/[\\/]handlers[\\/][^\\/]+\.ts$/)];
      const outfile = join(directory, 'own.mjs');
      await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', minify: true, plugins });
      const { made } = (await import(outfile)) as { made: object };
      expect(made.constructor.name).toBe('PaymentRefused');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
