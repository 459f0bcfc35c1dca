import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle, functions } from '../../infra/bundle.ts';
import { writeArtifacts } from '../../infra/package.ts';

/** A folder with /var/task and /tmp in it, as Lambda has them. */
let root: string;
let files: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'celeriac-compiled-'));
  const outdir = join(root, 'build');
  await writeArtifacts(await bundle({ outdir }), outdir, { compileCache: process.execPath });
  for (const name of functions) {
    for (const [path, bytes] of Object.entries(unzipSync(await readFile(join(outdir, `${name}.zip`))))) {
      const file = join(root, name, 'var/task', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  }
  files = Object.keys(unzipSync(await readFile(join(outdir, 'worker.zip'))));
}, 60_000);

afterAll(() => rm(root, { recursive: true, force: true }));

/** /tmp of a new execution environment is empty. */
beforeEach(async () => {
  for (const name of functions) {
    await rm(join(root, name, 'tmp'), { recursive: true, force: true });
    await mkdir(join(root, name, 'tmp'));
  }
});

interface Start {
  readonly handler: string;
  /** What became of the cache of each file, by the file's name without the hash. */
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
}

async function start(
  name: string,
  { flags = [], temporary = join(root, name, 'tmp') }: { flags?: string[]; temporary?: string } = {},
): Promise<Start> {
  const task = join(root, name, 'var/task');
  const script = `const { handler } = await import(${JSON.stringify(join(task, `${name}.mjs`))}); process.stdout.write('handler: ' + typeof handler);`;
  const env = { ...process.env, LAMBDA_TASK_ROOT: task, TMPDIR: temporary, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', script], { env });
  const told = (end: string): string[] =>
    Array.from(
      `${stdout}\n${stderr}`.matchAll(new RegExp(`/var/task/(\\S+?)(?:-\\w+)?\\.mjs was ${end}`, 'g')),
      ([, file]) => file!,
    ).sort();
  return { handler: /handler: (\w+)/.exec(stdout)?.[1] ?? '', accepted: told('accepted'), rejected: told('rejected') };
}

describe('the compile cache of a function', () => {
  it.each(functions)('is accepted for all that a start loads, wherever Node looks for it (%s)', async (name) => {
    expect(await start(name)).toEqual({ handler: 'function', accepted: ['chunks/chunk', `${name}.main`], rejected: [] });
  });

  it('is accepted again after a restart in the same environment', async () => {
    await start('worker');
    expect((await start('worker')).accepted).toEqual(['chunks/chunk', 'worker.main']);
  });

  it('has what is imported late as well', () => {
    const modules = files.filter((path) => path.endsWith('.mjs') && path !== 'worker.mjs');
    expect(files.filter((path) => path.startsWith('compile-cache/'))).toHaveLength(modules.length);
  });

  it('does no harm where it is another Node’s', async () => {
    const { handler, accepted, rejected } = await start('worker', { flags: ['--no-opt'] });
    expect({ handler, accepted, rejected }).toEqual({ handler: 'function', accepted: [], rejected: ['chunks/chunk', 'worker.main'] });
  });

  it('does no harm where nothing can be written', async () => {
    expect(await start('worker', { temporary: '/dev/null' })).toEqual({ handler: 'function', accepted: [], rejected: [] });
  });
});
