/** The two Python processes: the peer that evaluates expressions for us, and the real Celery's worker. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface PythonOptions {
  readonly python: string;
  /** `127.0.0.1:<port>` of the loopback SQS. */
  readonly sqs: string;
  /** The result backend, as Celery's URL. */
  readonly results: string;
  /** File in which the worker's tasks tell that they ran. */
  readonly seen: string;
  /** File that takes what the process writes. */
  readonly log: string;
}

export interface Peer {
  /** The value of a Python expression, through JSON; sent tasks come as their id. @throws Error with Python's traceback */
  value<T>(python: string): Promise<T>;
  /** `value` for what sends one task. */
  send(python: string): Promise<string>;
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** One of the programs in `python/` that answer expressions. */
export function startPeer(options: PythonOptions, program = 'peer.py'): Peer {
  const child = start([program], options);
  const waiting = new Map<number, { done(value: unknown): void; fail(error: Error): void }>();
  let last = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, value, error } = JSON.parse(line) as Answer;
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.done(value);
    else call?.fail(new Error(error));
  });
  child.once('close', () => {
    for (const { fail } of waiting.values()) fail(new Error(`Python's peer ended; see ${options.log}`));
  });
  const value = <T>(python: string): Promise<T> =>
    new Promise((done, fail) => {
      last += 1;
      waiting.set(last, { done: done as (value: unknown) => void, fail });
      child.stdin.write(`${JSON.stringify({ id: last, python })}\n`);
    });
  return { value, send: (python) => value<string>(python), close: () => end(child) };
}

export interface Worker {
  close(): Promise<void>;
}

/** Runs the tasks of a module in `python/`. It ends as Celery's do when asked to: warm, with SIGTERM. */
export function startWorker(options: PythonOptions, tasks: string, queues: readonly string[]): Worker {
  const child = start(['worker.py', tasks, queues.join(',')], options);
  child.stdout.pipe(createWriteStream(options.log, { flags: 'a' }));
  return { close: () => end(child, 'SIGTERM') };
}

/** All programs end when their input does, so that none outlives a parent that was killed. */
function start([program, ...args]: readonly [program: string, ...args: string[]], options: PythonOptions): Child {
  const { python, sqs, results, seen, log } = options;
  const child = spawn(python, [join(import.meta.dirname, 'python', program), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      NO_PROXY: '*',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_EC2_METADATA_DISABLED: 'true',
      INTEROP_SQS: sqs,
      INTEROP_RESULTS: results,
      INTEROP_SEEN: seen,
    },
  });
  child.stderr.pipe(createWriteStream(log, { flags: 'a' }));
  // A process that ended early is told by the calls that fail, not by a broken pipe.
  child.stdin.on('error', () => {});
  return child;
}

const PATIENCE_MS = 5_000;

async function end(child: Child, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  if (signal === undefined) child.stdin.end();
  else child.kill(signal);
  const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await ended;
  clearTimeout(impatience);
}
