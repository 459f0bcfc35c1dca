/** A Redis server of one's own on loopback, that keeps nothing. */

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createClient } from '@redis/client';

export interface LocalRedis {
  readonly port: number;
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;

export async function startRedis(): Promise<LocalRedis> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  const ended = new Promise<void>((done) => server.once('close', () => done()));
  const close = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
  };
  try {
    await answers(port);
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answers(port: number): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      client.destroy();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

/** A port that nobody listens on yet. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
