/** What the suite needs of this machine: Python with the pinned Celery, that Celery's own tests, and a Redis server. */

import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { prepareEnvironment } from '../../support/python-environment.ts';

const run = promisify(execFile);

const FOLDER = resolve(import.meta.dirname, '../../../.venv-celery-suite');
const PINS = join(import.meta.dirname, 'requirements.txt');

export interface Suite {
  readonly python: string;
  /** The folder that Celery's `t/integration` is under. */
  readonly root: string;
  readonly celery: string;
}

/** The suite, or what is missing for it. */
export async function prepareSuite(): Promise<Suite | { readonly missing: string }> {
  const environment = await prepareEnvironment({ folder: FOLDER, pins: PINS, oldestMinor: 10 });
  if ('missing' in environment) return environment;
  const redis = await run('redis-server', ['--version']).catch(() => undefined);
  if (redis === undefined) return { missing: 'redis-server is not on the PATH (Debian: apt-get install redis-server)' };
  const celery = await pinnedCelery();
  const root = join(FOLDER, `celery-${celery}`);
  try {
    await access(join(root, 't/integration')).catch(() => fetchTests(environment.python, celery));
  } catch (error) {
    return { missing: `Celery's tests cannot be fetched: ${(error as Error).message}` };
  }
  return { python: environment.python, root, celery };
}

export async function pinnedCelery(): Promise<string> {
  const version = /^celery\S*==(\S+)$/m.exec(await readFile(PINS, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${PINS} pins no celery`);
  return version;
}

/** Only `t/` and pytest's settings are unpacked, so that the package under test is the installed one. */
async function fetchTests(python: string, celery: string): Promise<void> {
  const download = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-binary', 'celery'];
  await run(python, [...download, '--dest', FOLDER, `celery==${celery}`]);
  const archive = (await readdir(FOLDER)).find((name) => name === `celery-${celery}.tar.gz`);
  if (archive === undefined) throw new Error(`pip left no celery-${celery}.tar.gz`);
  await run('tar', ['-xzf', archive, `celery-${celery}/t`, `celery-${celery}/pyproject.toml`], { cwd: FOLDER });
}
