/** Finds Python and makes a virtual environment with pinned packages, once: made again when the pins change. */

import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

export interface EnvironmentOptions {
  /** Where the environment is, or is to be made. */
  readonly folder: string;
  /** The requirements file, every package of which is pinned. */
  readonly pins: string;
  /** The y of the oldest Python 3.y that the pinned packages take. */
  readonly oldestMinor: number;
}

/** The environment's Python, or why there is none. */
export type Environment = { readonly python: string } | { readonly missing: string };

export async function prepareEnvironment({ folder, pins, oldestMinor }: EnvironmentOptions): Promise<Environment> {
  const python = join(folder, 'bin/python');
  /** A copy of the pins, written last: where it is, the environment is complete. */
  const stamp = join(folder, basename(pins));
  if (await isComplete(python, pins, stamp)) return { python };
  const system = await findPython(oldestMinor);
  if (system === undefined) return { missing: `Python 3.${oldestMinor} or newer is not on the PATH` };
  console.log(`installing ${basename(pins)} into ${folder} (once)`);
  try {
    await run(system, ['-m', 'venv', '--clear', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', pins]);
    await copyFile(pins, stamp);
    return { python };
  } catch (error) {
    return { missing: `the environment cannot be made: ${(error as Error).message}` };
  }
}

async function isComplete(python: string, pins: string, stamp: string): Promise<boolean> {
  const [wanted, installed] = await Promise.all([readFile(pins, 'utf8'), readFile(stamp, 'utf8').catch(() => '')]);
  return wanted === installed && (await minorVersion(python)) !== undefined;
}

async function findPython(oldestMinor: number): Promise<string | undefined> {
  for (const candidate of CANDIDATES) {
    if (((await minorVersion(candidate)) ?? 0) >= oldestMinor) return candidate;
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
