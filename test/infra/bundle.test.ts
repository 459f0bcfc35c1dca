import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, functions, root } from '../../infra/bundle.ts';
import { asEsModules, commonJsModules } from '../../infra/es-modules.ts';
import { keptNames } from '../../infra/kept-names.ts';
import { oneLazyChunk } from '../../infra/lazy-chunk.ts';
import { reachable, writeArtifacts } from '../../infra/package.ts';
import { packageCopy } from '../support/packaging.ts';

/** Bytes of the worker's entry, and of all that a cold start has to read: the entry and the one chunk it shares with what is lazy. */
const ENTRY_BYTES = 30 * 1024;
const STATIC_BYTES = 79 * 1024;
/** Bytes of what a first send has to read besides, the AWS SDK aside. */
const FIRST_SEND_BYTES = 62 * 1024;

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
  it('is an entry of at most 30 KB and one chunk beside it', () => {
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

  it('is no more when tables, a bucket and schedules are configured', async () => {
    const alone = await mkdtemp(join(tmpdir(), 'celeriac-alone-'));
    try {
      for (const path of eager('worker')) await cp(join(root, path), join(alone, relative(outdir, join(root, path))));
      const environment = {
        RESULTS_TABLE: 'celery',
        LEDGER_TABLE: 'celery-ledger',
        LARGE_MESSAGES_BUCKET: 'large',
        SCHEDULE_GROUP: 'celeriac',
        SCHEDULE_ROLE_ARN: 'arn:aws:iam::000000000000:role/schedule',
        CELERY_QUEUE_ARN: 'arn:aws:sqs:eu-central-1:000000000000:celery',
      };
      const script = `const { handler } = await import(${JSON.stringify(join(alone, 'worker.mjs'))}); process.stdout.write(typeof handler);`;
      const args = ['--input-type=module', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...environment } });
      expect(stdout).toBe('function');
    } finally {
      await rm(alone, { recursive: true, force: true });
    }
  });

  it.each(['worker', 'enqueue'])(
    'has what a first send needs beside it, in at most 62 KB, and nothing of results, tables or workers (%s)',
    (name) => {
      const first = reachable(outputs, entryOf(name), { lazy: true }).filter((path) => basename(path).startsWith('first-'));
      expect(first).toHaveLength(1);
      const loaded = reachable(outputs, first[0]!, { lazy: false }).filter((path) => !eager(name).includes(path));
      expect(bytesOf(loaded)).toBeLessThanOrEqual(FIRST_SEND_BYTES);
      expect(inputsOf(loaded).filter((path) => /^src\/(backends|ledgers|results|signing|worker)\//.test(path))).toEqual([]);
      expect(inputsOf(loaded)).toContain('src/app/publisher.ts');
    },
  );

  it('needs nothing that is not in the bundle but Node itself', () => {
    for (const path of builtinsOf(Object.keys(outputs))) expect(process.getBuiltinModule(path), path).toBeDefined();
  });
});

describe('the SDK', () => {
  it.each(['client-sqs', 'client-dynamodb'])('is in chunks that are loaded when something is first sent or stored (%s)', (client) => {
    const all = reachable(outputs, entryOf('worker'), { lazy: true });
    expect(inputsOf(all).some((input) => input.includes(`@aws-sdk/${client}/`))).toBe(true);
  });

  it('comes from its ES modules', () => {
    const files = inputsOf(Object.keys(outputs)).filter((input) => input.includes('@aws-sdk/'));
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

/** Bundles files of the test's own, the first of which is the entry. What it exports is asked for its value. */
async function bundled(files: Readonly<Record<string, string>>, pluginsIn: (directory: string) => Plugin[]) {
  const directory = await mkdtemp(join(tmpdir(), 'celeriac-own-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    const entry = join(directory, Object.keys(files)[0]!);
    const options: BuildOptions & { metafile: true } = {
      absWorkingDir: directory,
      entryPoints: [entry],
      outdir: join(directory, 'made'),
      outExtension: { '.js': '.mjs' },
      entryNames: '[name]',
      bundle: true,
      format: 'esm',
      splitting: true,
      minify: true,
      metafile: true,
      logLevel: 'silent',
      plugins: pluginsIn(directory),
    };
    const { metafile } = await build(options);
    const module = (await import(join(directory, 'made', `${basename(entry, '.ts')}.mjs`))) as { value: () => unknown };
    return { metafile, value: await module.value() };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe('what is imported lazily', () => {
  const entry = "export const value = async () => [(await import('./a.ts')).one, (await import('./b/b.ts')).two];";
  const lazyIn = (directory: string) => [oneLazyChunk(['a.ts', 'b/b.ts'], directory)];

  it('is one chunk', async () => {
    const { metafile, value } = await bundled(
      { 'entry.ts': entry, 'a.ts': 'export const one = 1;', 'b/b.ts': 'export const two = 2;' },
      lazyIn,
    );
    expect(Object.keys(metafile.outputs)).toHaveLength(2);
    expect(value).toEqual([1, 2]);
  });

  it('may have one thing by two ways', async () => {
    const again = { 'b/b.ts': "export { one } from '../a.ts';\nexport const two = 2;", 'a.ts': 'export const one = 1;' };
    expect((await bundled({ 'entry.ts': entry, ...again }, lazyIn)).value).toEqual([1, 2]);
  });

  it('may be two, and the start has no more files for it', async () => {
    const shared = { 'c.ts': 'export const three = () => 3;', 'd.ts': 'export const four = () => 4;' };
    const uses = {
      'entry.ts': `import { three } from './c.ts';\nimport { four } from './d.ts';\n${entry.replace('[', '[three(), four(), ')}`,
      'a.ts': "import { three } from './c.ts';\nexport const one = three() - 2;",
      'b/b.ts': "import { three } from '../c.ts';\nimport { four } from '../d.ts';\nexport const two = four() - three() + 1;",
    };
    const first = { modules: /^a\.ts$/, started: ['c.ts', 'd.ts'] };
    const { metafile, value } = await bundled({ ...uses, ...shared }, (directory) => [oneLazyChunk(['a.ts', 'b/b.ts'], directory, first)]);
    expect(value).toEqual([3, 4, 1, 2]);
    const { imports } = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === 'entry.ts')!;
    expect(imports.filter(({ kind }) => kind === 'import-statement')).toHaveLength(1);
    expect(imports.filter(({ kind }) => kind === 'dynamic-import')).toHaveLength(2);
  });

  it('has no name twice, for both would be missing', async () => {
    const files = { 'entry.ts': entry, 'a.ts': 'export const one = 1;', 'b/b.ts': 'export const one = 2, two = 2;' };
    await expect(bundled(files, lazyIn)).rejects.toThrow("'one' is exported by a.ts and b/b.ts, which are one lazy chunk");
  });
});

describe('a package’s CommonJS', () => {
  const old = 'node_modules/old/index.js';
  const files = {
    'entry.ts': "import old from './node_modules/old/index.js';\nexport const value = () => old.answer;",
    [old]: "module.exports = { answer: require('./more.js').answer };",
    'node_modules/old/more.js': 'exports.answer = 42;',
  };

  it('is found where an ES module imports it, and not what it requires itself', async () => {
    expect(commonJsModules((await bundled(files, () => [])).metafile)).toEqual([old]);
  });

  it('becomes an ES module, which needs nothing beside it', async () => {
    const { metafile, value } = await bundled(files, (directory) => [asEsModules([old], directory)]);
    expect(value).toBe(42);
    expect(Object.values(metafile.inputs).map(({ format }) => format)).toEqual(['esm', 'esm']);
  });
});

describe('names', () => {
  it('of the app’s own classes survive the minifier, for an error’s is stored as its exc_type', async () => {
    const files = { 'handlers/own.ts': 'class PaymentRefused extends Error {}\nexport const value = () => new PaymentRefused();\n' };
    const { value } = await bundled(files, () => [keptNames(/[\\/]handlers[\\/][^\\/]+\.ts$/)]);
    expect(Object(value).constructor.name).toBe('PaymentRefused');
  });
});
