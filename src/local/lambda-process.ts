/**
 * One execution environment: a process of its own, its Runtime API, its time limits. It serves one invocation at a time
 * and is dead after a time-out, a crash or a failed init; having as many as are needed is lambda-function.ts.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemClock } from '../clock.ts';
import type { InvokeResult } from './invocation.ts';
import { startRuntimeApi } from './runtime-api.ts';
import { guard } from './watchdog.ts';

/** A line a function or the platform wrote. */
export interface LambdaLogLine {
  readonly source: 'platform' | 'stdout' | 'stderr';
  readonly text: string;
}

export interface LambdaProcessOptions {
  /** Arguments for Node.js: its flags, then the program that speaks the Runtime API. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly functionArn: string;
  onLog(line: LambdaLogLine): void;
}

export interface LambdaProcess {
  readonly pid: number | undefined;
  /** False once it was stopped or stopped itself; then it takes no more invocations. */
  alive(): boolean;
  /** Runs the event, given as JSON text. Never rejects. */
  invoke(requestId: string, payload: string): Promise<InvokeResult>;
  /** Ends it at once; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Lambda gives the code outside the handler ten seconds. */
const INIT_LIMIT_MS = 10_000;

/** Starts a cold environment; its init runs while the first invocation waits. */
export async function startLambdaProcess(options: LambdaProcessOptions): Promise<LambdaProcess> {
  const api = await startRuntimeApi();
  const child = spawn(process.execPath, options.args, {
    cwd: options.cwd,
    env: { ...options.env, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const source of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[source] }).on('line', (text) => options.onLog({ source, text }));
  }
  const release = child.pid === undefined ? () => {} : guard(child.pid);

  let alive = true;
  const exited = new Promise<InvokeResult>((resolve) => {
    const end = (how: string): void => {
      alive = false;
      release();
      api.close();
      resolve({ ok: false, errorType: 'Runtime.ExitError', message: how });
    };
    child.once('exit', (code, signal) => end(toExitMessage(code, signal)));
    child.once('error', (error) => end(`Runtime failed to start: ${error.message}`));
  });

  const kill = async (): Promise<void> => {
    alive = false;
    child.kill('SIGKILL');
    await exited;
  };

  const initialise = async (): Promise<InvokeResult> => {
    const result = await within(INIT_LIMIT_MS, [api.initialised, exited]);
    if (!result.ok) await kill();
    return result;
  };

  const run = async (requestId: string, payload: string): Promise<InvokeResult> => {
    const deadlineMs = systemClock.now() + options.timeoutMs;
    const answer = api.run({ requestId, payload, deadlineMs, functionArn: options.functionArn });
    const result = await within(options.timeoutMs, [answer, exited]);
    if (result === TIMED_OUT) await kill();
    return result;
  };

  return {
    pid: child.pid,
    alive: () => alive,
    invoke: async (requestId, payload) => {
      const init = await initialise();
      const result = init.ok ? await run(requestId, payload) : init;
      if (result.ok) return result;
      if (result === TIMED_OUT) return timedOut(requestId, init.ok ? options.timeoutMs : INIT_LIMIT_MS);
      const died = !alive && result.errorType === 'Runtime.ExitError';
      return died ? { ...result, message: `RequestId: ${requestId} Error: ${result.message}` } : result;
    },
    kill,
  };
}

const TIMED_OUT: InvokeResult = { ok: false, errorType: 'Sandbox.Timedout', message: '' };

/** The first of several ends, or TIMED_OUT. */
async function within(ms: number, ends: readonly Promise<InvokeResult>[]): Promise<InvokeResult> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<InvokeResult>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms);
  });
  try {
    return await Promise.race([...ends, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(requestId: string, ms: number): InvokeResult {
  const message = `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`;
  return { ok: false, errorType: 'Sandbox.Timedout', message };
}

function toExitMessage(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
