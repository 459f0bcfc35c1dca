/** The bench's processes: each answers what it is asked, one message after the other, and ends with the bench. */

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

export interface Child {
  /** Sends a message and resolves with the next one that comes back. Rejects when the process ends instead. */
  ask<Answer>(question: object): Promise<Answer>;
  close(): void;
}

export interface SqsServer {
  /** Like `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Requests and messages since it was asked last. */
  counts(): Promise<{ readonly requests: number; readonly messages: number }>;
  close(): void;
}

/** What every process that sends has in its environment. */
export const CREDENTIALS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench-secret' } as const;

/** @param file in this folder */
export function startChild(file: string, args: readonly string[] = [], execArgv: readonly string[] = []): Child {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv: ['--no-warnings', ...execArgv],
    env: { ...process.env, ...CREDENTIALS },
  });
  return {
    async ask<Answer>(question: object) {
      const answer = nextMessage(child);
      child.send(question);
      return (await answer) as Answer;
    },
    close: () => child.disconnect(),
  };
}

export async function startSqsServer(): Promise<SqsServer> {
  const child = startChild('sqs-server.ts');
  const { port } = await child.ask<{ port: number }>({ do: 'listen' });
  return { endpoint: `http://127.0.0.1:${port}`, counts: () => child.ask({ do: 'count' }), close: () => child.close() };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code} and no answer.`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}
