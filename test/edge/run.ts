/**
 * Runs one small program, that sends tasks, in Node, workerd, Deno and Bun, each against an SQS of its own on loopback; compares the
 * messages with those that Node sent, and has the real worker run them. Installs the runtimes beside the repository when they are
 * not there. Last line: N passed, N failed.
 */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { checkAfterwards, checkExample, checkShared } from './example.ts';
import { createHosts } from './hosts.ts';
import { observe } from './observed.ts';

const root = join(import.meta.dirname, '../..');
const runtimes = join(root, '.edge-runtimes');

function install(): void {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Error('The runtimes of test:edge are those for Linux on x64.');
  const lock = readFileSync(join(import.meta.dirname, 'runtimes/package-lock.json'), 'utf8');
  const installed = join(runtimes, 'installed.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  mkdirSync(runtimes, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(import.meta.dirname, 'runtimes', file), join(runtimes, file));
  // Each is a binary in a package; none needs a script to be run.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: runtimes, stdio: ['ignore', 'ignore', 'pipe'] });
  writeFileSync(installed, lock);
}

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, file)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    minify: true,
    write: false,
    tsconfig: join(root, 'tsconfig.json'),
  });
  return outputFiles[0]!.text;
}

let passed = 0;
let failed = 0;

async function step(name: string, check: () => Promise<string>): Promise<void> {
  try {
    console.log(`ok      ${name}: ${await check()}`);
    passed += 1;
  } catch (error) {
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    failed += 1;
  }
}

const directory = mkdtempSync(join(tmpdir(), 'celeriac-edge-'));
try {
  install();
  const program = await bundled('test/edge/program.ts');
  writeFileSync(join(directory, 'program.mjs'), program);
  let expected: string | undefined;
  for (const host of createHosts(runtimes, directory, program)) {
    await step(host.name, async () => {
      const { seen, told } = await observe(host);
      expected ??= seen;
      if (seen !== expected) throw new Error(`it sent something else than Node did:\n${seen}\n${expected}`);
      return told;
    });
  }
  await step('the example in docs/edge.md, in workerd', async () => checkExample(runtimes, await bundled('docs/examples/edge.ts')));
  await step('sending after the answer, in workerd', async () => checkAfterwards(runtimes, await bundled('test/edge/afterwards.ts')));
  await step('an app that two requests share, in workerd', async () => checkShared(runtimes, await bundled('test/edge/shared.ts')));
  console.log(`${program.length} bytes of program, minified`);
} catch (error) {
  console.log(`FAILED  to begin: ${error instanceof Error ? error.stack : String(error)}`);
  failed += 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
