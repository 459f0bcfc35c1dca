/**
 * A Lambda function on this machine: execution environments kept warm, added as invocations overlap, replaced when they die.
 * One environment is lambda-process.ts; what runs in it is aws-lambda-ric or invoker.ts, both over the Runtime API.
 */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import { type InvokeResult, PAYLOAD_BYTES } from './invocation.ts';
import { type LambdaLogLine, type LambdaProcess, startLambdaProcess } from './lambda-process.ts';
import { LOCAL_ACCOUNT } from './queue-definitions.ts';

export interface LambdaOptions {
  /** Folder of the bundle, as it would be unpacked in /var/task. */
  readonly bundleDir: string;
  /** Module and export, like `worker.handler`. */
  readonly handler: string;
  /** The function's environment variables; nothing of this process's own environment reaches it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time limit of an invocation; default 30 000. */
  readonly timeoutMs?: number;
  /** Memory size; nine tenths of it become V8's heap limit, as on Lambda. Default 1024. */
  readonly memoryMb?: number;
  /** Default `celeriac-local`. */
  readonly functionName?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Lambda's own runtime client, our small one, or (default `auto`) its own where `ricDir` has it. */
  readonly runtime?: 'ric' | 'invoker' | 'auto';
  /** A folder in whose node_modules aws-lambda-ric is installed (`--ignore-scripts` will do: its native addon is not used). */
  readonly ricDir?: string;
  /** Everything the function writes, by line, and Lambda's START, END and REPORT lines. */
  onLog?(line: LambdaLogLine): void;
}

export interface LocalLambda {
  /** Runs an event in a free environment, or in a new one. Never rejects for the function's sake. */
  invoke(event: unknown): Promise<InvokeResult>;
  /** Which runtime was taken. */
  readonly runtime: 'ric' | 'invoker';
  /** Environments started so far. */
  coldStarts(): number;
  /** Kills all environments, busy ones too: let the event source mapping close first. */
  close(): Promise<void>;
}

/**
 * Runs a bundle as Lambda would, a process per environment on this Node.js.
 * @throws ImproperlyConfigured when the folder is missing, or aws-lambda-ric was asked for and is not there.
 * @example const lambda = await startLambda({ bundleDir: 'dist-lambda', handler: 'worker.handler' })
 */
export async function startLambda(options: LambdaOptions): Promise<LocalLambda> {
  if (!existsSync(options.bundleDir)) throw new ImproperlyConfigured(`There is no folder ${options.bundleDir}; build the bundle first.`);
  const program = findProgram(options);
  const settings = toProcessSettings(options, program.args);
  const onLog = (line: LambdaLogLine): void => options.onLog?.(line);
  const all = new Set<LambdaProcess>();
  const idle: LambdaProcess[] = [];
  let coldStarts = 0;
  let closed = false;

  const killAll = async (): Promise<void> => {
    await Promise.all([...all].map((environment) => environment.kill()));
  };
  process.once('exit', killAll);

  const acquire = async (): Promise<LambdaProcess> => {
    // The environment used last is taken first, as on Lambda.
    for (let warm = idle.pop(); warm !== undefined; warm = idle.pop()) {
      if (warm.alive()) return warm;
      all.delete(warm);
    }
    coldStarts += 1;
    const cold = await startLambdaProcess({ ...settings, onLog });
    all.add(cold);
    if (closed) await cold.kill();
    return cold;
  };

  const release = (environment: LambdaProcess): void => {
    if (environment.alive()) idle.push(environment);
    else all.delete(environment);
  };

  return {
    runtime: program.runtime,
    coldStarts: () => coldStarts,
    invoke: async (event) => {
      const payload = JSON.stringify(event ?? null);
      if (closed) return { ok: false, errorType: 'ResourceNotFoundException', message: 'The local function was closed.' };
      if (Buffer.byteLength(payload) > PAYLOAD_BYTES) {
        return { ok: false, errorType: 'RequestTooLargeException', message: `The event is larger than ${PAYLOAD_BYTES} bytes.` };
      }
      const requestId = randomUUID();
      const environment = await acquire();
      onLog({ source: 'platform', text: `START RequestId: ${requestId} Version: $LATEST` });
      const began = systemClock.now();
      const result = await environment.invoke(requestId, payload);
      for (const text of toReportLines(requestId, systemClock.now() - began, result)) onLog({ source: 'platform', text });
      release(environment);
      return result;
    },
    close: async () => {
      closed = true;
      process.off('exit', killAll);
      await killAll();
    },
  };
}

function toReportLines(requestId: string, ms: number, result: InvokeResult): readonly string[] {
  const failure = result.ok ? '' : `\tStatus: error\tError Type: ${result.errorType}`;
  return [`END RequestId: ${requestId}`, `REPORT RequestId: ${requestId}\tDuration: ${ms} ms${failure}`];
}

interface Program {
  readonly runtime: 'ric' | 'invoker';
  readonly args: readonly string[];
}

function findProgram(options: LambdaOptions): Program {
  const wanted = options.runtime ?? 'auto';
  const ric = wanted === 'invoker' || options.ricDir === undefined ? undefined : resolveRic(options.ricDir);
  if (ric !== undefined) return { runtime: 'ric', args: ['--import', sibling('ric-shim').href, ric] };
  if (wanted !== 'ric') return { runtime: 'invoker', args: [fileURLToPath(sibling('invoker'))] };
  throw new ImproperlyConfigured(
    `aws-lambda-ric is not in ${options.ricDir ?? 'ricDir, which is not set'}; install it there with npm i aws-lambda-ric --ignore-scripts.`,
  );
}

function resolveRic(dir: string): string | undefined {
  try {
    return createRequire(join(resolve(dir), 'from-here.js')).resolve('aws-lambda-ric');
  } catch {
    return undefined;
  }
}

/** A program beside this file: TypeScript in the source tree, JavaScript in the package. */
function sibling(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

function toProcessSettings(options: LambdaOptions, program: readonly string[]) {
  const { functionName = 'celeriac-local', region = 'us-east-1', memoryMb = 1024, timeoutMs = 30_000 } = options;
  const taskRoot = resolve(options.bundleDir);
  return {
    args: [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`, ...program],
    cwd: taskRoot,
    timeoutMs,
    functionArn: `arn:aws:lambda:${region}:${LOCAL_ACCOUNT}:function:${functionName}`,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      // A packed compile cache is reached by way of /tmp, which is not a function's own here.
      NODE_DISABLE_COMPILE_CACHE: '1',
      ...options.env,
      // Reserved names come last: on Lambda they cannot be set.
      _HANDLER: options.handler,
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
      AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}`,
    },
  };
}
