/**
 * A program of its own, run in the child process: Lambda's Node.js runtime in small, for when aws-lambda-ric is not at hand.
 * Loads the handler and refuses what aws-lambda-ric refuses, in its words; fetches invocations from the Runtime API and posts answers.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// An import of node:http reads all its exports, one of which loads undici: about 20 ms of every cold start.
const http = process.getBuiltinModule('node:http');

/** The environment is this program's whole input, as it is for every Lambda runtime. */
const env = process.env;

type Handler = (event: unknown, context: object) => unknown;

interface Answer {
  readonly body: string;
  readonly header: (name: string) => string;
}

/** An error Lambda knows by its name, like `Runtime.HandlerNotFound`. */
function runtimeError(name: string, message: string, cause?: unknown): Error {
  const error = new Error(message, { cause });
  error.name = name;
  return error;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((done, reject) => {
    const url = `http://${env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/${path}`;
    const request = http.request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const header = (name: string): string => String(response.headers[name] ?? '');
        done({ body: Buffer.concat(chunks).toString('utf8'), header });
      });
    });
    request.on('error', reject).end(body);
  });
}

async function loadHandler(taskRoot: string, handlerName: string): Promise<Handler> {
  const match = /^([^.]*)\.(.*)$/.exec(basename(handlerName));
  if (match === null || handlerName.includes('..')) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const module = await importModule(resolve(taskRoot, dirname(handlerName), match[1]!));
  const found = findIn(module, match[2]!) ?? findIn((module as { default?: unknown }).default, match[2]!);
  if (found === undefined) throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  if (typeof found !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  if (found.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
        'You need to modify this function to use a supported handler signature to use Node.js 24 or later.',
    );
  }
  return found as Handler;
}

async function importModule(stem: string): Promise<unknown> {
  const file = ['', '.js', '.mjs', '.cjs'].map((extension) => stem + extension).find((path) => existsSync(path));
  if (file === undefined) throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${basename(stem)}'`);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error), error);
    if (error instanceof Error && (error as { code?: unknown }).code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error), error);
    }
    throw error;
  }
}

function findIn(root: unknown, path: string): unknown {
  const step = (at: unknown, key: string): unknown => (typeof at === 'object' ? (at as Record<string, unknown> | null)?.[key] : undefined);
  return path.split('.').reduce(step, root);
}

function toContext(invocation: Answer): { readonly awsRequestId: string; readonly [name: string]: unknown } {
  const deadline = Number(invocation.header('lambda-runtime-deadline-ms'));
  return {
    awsRequestId: invocation.header('lambda-runtime-aws-request-id'),
    invokedFunctionArn: invocation.header('lambda-runtime-invoked-function-arn'),
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function toReport(error: unknown): { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] } {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** One line in the form of Lambda's text logs. */
function logError(requestId: string, what: string, error: unknown): void {
  process.stdout.write(`${[new Date().toISOString(), requestId, 'ERROR', what, JSON.stringify(toReport(error))].join('\t')}\n`);
}

async function runNext(handler: Handler): Promise<void> {
  const invocation = await call('GET', 'invocation/next');
  const context = toContext(invocation);
  const path = `invocation/${context.awsRequestId}`;
  env['_X_AMZN_TRACE_ID'] = invocation.header('lambda-runtime-trace-id');
  let answer: string;
  try {
    answer = toJson(await handler(JSON.parse(invocation.body), context));
  } catch (error) {
    logError(context.awsRequestId, 'Invoke Error', error);
    const report = toReport(error);
    await call('POST', `${path}/error`, JSON.stringify(report));
    return;
  }
  await call('POST', `${path}/response`, answer);
}

function toJson(value: unknown): string {
  try {
    // JSON has no undefined: a handler that returns nothing, or a function, answers null.
    return JSON.stringify(value ?? null) ?? 'null';
  } catch (cause) {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body', cause);
  }
}

async function main(): Promise<never> {
  const handler = await loadHandler(env['LAMBDA_TASK_ROOT'] ?? '.', env['_HANDLER'] ?? '').catch(async (error: unknown) => {
    logError('-', 'Init Error', error);
    const report = toReport(error);
    await call('POST', 'init/error', JSON.stringify(report), { 'Lambda-Runtime-Function-Error-Type': report.errorType });
    throw error;
  });
  for (;;) await runNext(handler);
}

await main();
