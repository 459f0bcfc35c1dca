/** A Redis server of our own, and Celery's Redis backend in a Python process. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startRedis } from '../../support/redis.ts';

export { redisMissing } from '../../support/redis.ts';

export interface RedisWorld {
  readonly url: string;
  /** Evaluates an expression in redis_peer.py. @throws Error with Python's traceback */
  value<T>(python: string): Promise<T>;
  /** Whether this Celery compresses results, and counts a part once that it runs again: since 5.7. */
  readonly isModern: boolean;
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export async function createRedisWorld(python: string): Promise<RedisWorld> {
  const server = await startRedis();
  const child = spawn(python, [join(import.meta.dirname, 'python', 'redis_peer.py'), server.url], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once('close', () => {
    for (const [id, answered] of waiting) answered({ id, error: "Python's peer ended" });
  });
  const value = <T>(expression: string): Promise<T> =>
    new Promise((done, fail) => {
      last += 1;
      waiting.set(last, (answer) => {
        if (answer.error === undefined) done(answer.value as T);
        else fail(new Error(`${expression}\n${answer.error}`));
      });
      child.stdin.write(`${JSON.stringify({ id: last, python: expression })}\n`);
    });
  return {
    url: server.url,
    value,
    isModern: await value<boolean>('is_modern'),
    async close() {
      await end(child);
      await server.stop();
    },
  };
}

/** It ends when its input does, so that it does not outlive a parent that was killed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.stdin?.end();
  await ended;
}
