/**
 * The suites of what AWS keeps, against moto, a second opinion beside dynalite and fauxqs: starts it on loopback, runs them with its
 * address, and ends it. Without Python it says so and passes, except in CI.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { prepareEnvironment } from '../support/python-environment.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SUITES = ['ledgers', 'dynamodb-commit', 'backends-dynamodb', 'backends-s3', 'transports'].map(
  (name) => `test/conformance/${name}.test.ts`,
);
const START_MS = 60_000;
const POLL_MS = 100;
const END_MS = 5_000;

async function main(): Promise<number> {
  const environment = await prepareEnvironment({
    folder: join(ROOT, '.venv-moto'),
    pins: join(import.meta.dirname, 'moto-requirements.txt'),
    oldestMinor: 10,
  });
  if ('missing' in environment) {
    const inCi = Boolean(process.env['CI']);
    console.log(`ledgers, backends and transports ${inCi ? 'cannot be' : 'are not'} tested against moto: ${environment.missing}`);
    return inCi ? 1 : 0;
  }
  const port = await freePort();
  const moto = startMoto(environment.python, port);
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(endpoint, moto);
    return await runSuite(endpoint);
  } finally {
    await end(moto);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Its log is one line a request: only what it says before it ends by itself is of interest. */
function startMoto(python: string, port: number): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-2000);
  });
  child.on('error', (error) => {
    said += error.message;
  });
  process.once('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return { child, said: () => said };
}

type Moto = ReturnType<typeof startMoto>;

const hasEnded = ({ child }: Moto): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

async function answers(endpoint: string, moto: Moto): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  while (Date.now() < giveUpAt && !hasEnded(moto)) {
    const response = await fetch(`${endpoint}/moto-api/`).catch(() => undefined);
    if (response?.ok === true) return;
    await pause(POLL_MS);
  }
  throw new Error(`moto does not answer at ${endpoint}: ${moto.said()}`);
}

async function runSuite(endpoint: string): Promise<number> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...SUITES], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CELERIAC_DYNAMODB_ENDPOINT: endpoint },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

async function end(moto: Moto): Promise<void> {
  if (hasEnded(moto)) return;
  const ended = once(moto.child, 'close');
  moto.child.kill('SIGTERM');
  const impatience = setTimeout(() => moto.child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(impatience);
}

process.exitCode = await main();
