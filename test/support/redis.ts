/** A Redis server of our own on loopback, which keeps nothing; where there is none installed, the reason. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '@redis/client';

export interface LocalRedis {
  readonly port: number;
  readonly url: string;
  /** Ends the server, and starts it again on the same port, empty. */
  restart(): Promise<void>;
  /** Ends the server. */
  stop(): Promise<void>;
  /** Freezes the server, which then answers nothing; or thaws it. */
  freeze(isFrozen: boolean): void;
}

/** Why no server can be started here; undefined where one can. `CELERIAC_REDIS_SERVER` names one that is not in the path. */
export const redisMissing: string | undefined = missing();

function missing(): string | undefined {
  try {
    execFileSync(program(), ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no redis-server here (apt-get install redis-server)';
  }
}

function program(): string {
  return process.env['CELERIAC_REDIS_SERVER'] ?? 'redis-server';
}

/** @throws Error with the reason where there is none */
export async function startRedis(): Promise<LocalRedis> {
  if (redisMissing !== undefined) throw new Error(redisMissing);
  const port = await freePort();
  let server = await start(port);
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    async restart() {
      await end(server);
      server = await start(port);
    },
    stop: () => end(server),
    freeze(isFrozen) {
      server.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
    },
  };
}

async function start(port: number): Promise<ChildProcess> {
  const server = spawn(program(), ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGKILL'));
  for (let tries = 0; tries < 200; tries += 1) {
    if (await answers(port)) return server;
    await wait(25);
  }
  throw new Error('redis-server does not answer.');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

async function answers(port: number): Promise<boolean> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    client.destroy();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
