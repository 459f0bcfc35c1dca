/** Finds Python and makes the virtual environment with the pinned Celery, once: `.venv-interop/`, made again when the pins change. */

import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../../..');
const VENV = join(ROOT, '.venv-interop');
const PINS = join(import.meta.dirname, 'requirements.txt');
/** A copy of the pins, written last: where it is, the environment is complete. */
const STAMP = join(VENV, 'requirements.txt');
const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
/** What the pinned Celery asks for. */
const OLDEST_MINOR = 10;

/** The environment's Python, or why there is none. */
export type Environment = { readonly python: string } | { readonly missing: string };

export async function prepareEnvironment(): Promise<Environment> {
  const python = join(VENV, 'bin/python');
  if (await isComplete(python)) return { python };
  const system = await findPython();
  if (system === undefined) return { missing: `Python 3.${OLDEST_MINOR} or newer is not on the PATH` };
  console.log(`installing the pinned Celery into ${VENV} (once)`);
  try {
    await run(system, ['-m', 'venv', '--clear', VENV]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', PINS]);
    await copyFile(PINS, STAMP);
    return { python };
  } catch (error) {
    return { missing: `the environment cannot be made: ${(error as Error).message}` };
  }
}

async function isComplete(python: string): Promise<boolean> {
  const [wanted, installed] = await Promise.all([readFile(PINS, 'utf8'), readFile(STAMP, 'utf8').catch(() => '')]);
  return wanted === installed && (await minorVersion(python)) !== undefined;
}

async function findPython(): Promise<string | undefined> {
  for (const candidate of CANDIDATES) {
    if (((await minorVersion(candidate)) ?? 0) >= OLDEST_MINOR) return candidate;
  }
  return undefined;
}

/** The y of Python 3.y; undefined where it does not run. */
async function minorVersion(python: string): Promise<number | undefined> {
  try {
    const { stdout } = await run(python, ['-c', 'import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)']);
    return Number(stdout);
  } catch {
    return undefined;
  }
}
