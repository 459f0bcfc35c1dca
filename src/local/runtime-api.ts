/**
 * Lambda's Runtime API for one execution environment, on loopback: what aws-lambda-ric and invoker.ts talk to.
 * It hands out one invocation at a time and takes its answer; processes and time limits are lambda-process.ts.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InvokeResult, PAYLOAD_BYTES } from './invocation.ts';

export interface Invocation {
  readonly requestId: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** When the environment is stopped, milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}

export interface RuntimeApi {
  /** `127.0.0.1:<port>`, the value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Settles when the runtime first asks for work, or with what it reported as its init error. */
  readonly initialised: Promise<InvokeResult>;
  /** Hands an invocation to the runtime and answers what it posts. One at a time; never settles when the runtime dies. */
  run(invocation: Invocation): Promise<InvokeResult>;
  close(): void;
}

const ROOT = '/2018-06-01/runtime/';
const ERROR_TYPE_HEADER = 'lambda-runtime-function-error-type';

/** Starts the API on a free port. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let endInit: (result: InvokeResult) => void = () => {};
  const initialised = new Promise<InvokeResult>((resolve) => {
    endInit = resolve;
  });
  let waiting: ServerResponse | undefined;
  let given: { readonly invocation: Invocation; answer(result: InvokeResult): void } | undefined;

  const handOut = (): void => {
    if (waiting === undefined || given === undefined) return;
    sendInvocation(waiting, given.invocation);
    waiting = undefined;
  };

  const take = (response: ServerResponse, requestId: string, result: InvokeResult): void => {
    if (given === undefined || requestId !== given.invocation.requestId) {
      reply(response, 400, { errorType: 'InvalidRequestID', errorMessage: `No invocation ${requestId} is running` });
      return;
    }
    const { answer } = given;
    given = undefined;
    const tooLarge = result.ok && Buffer.byteLength(result.payload) > PAYLOAD_BYTES;
    if (tooLarge) reply(response, 413, { errorType: 'RequestEntityTooLarge', errorMessage: 'Exceeded maximum allowed payload size' });
    else reply(response, 202, { status: 'OK' });
    answer(tooLarge ? RESPONSE_TOO_LARGE : result);
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const body = await readBody(request);
    const posted = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path);
    if (request.method === 'GET' && path === `${ROOT}invocation/next`) {
      waiting = response;
      endInit({ ok: true, payload: '' });
      handOut();
    } else if (request.method === 'POST' && path === `${ROOT}init/error`) {
      reply(response, 202, { status: 'OK' });
      endInit(toFailure(request, body));
    } else if (request.method === 'POST' && posted !== null) {
      const result: InvokeResult = posted[2] === 'error' ? toFailure(request, body) : { ok: true, payload: body };
      take(response, decodeURIComponent(posted[1]!), result);
    } else {
      reply(response, 404, { errorType: 'NotFound', errorMessage: `${request.method} ${path} is not part of the Runtime API` });
    }
  };

  const server = createServer((request, response) => {
    // A runtime that dies in the middle of a request takes its socket along; there is nobody to answer.
    route(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialised,
    run: (invocation) =>
      new Promise((answer) => {
        given = { invocation, answer };
        handOut();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const RESPONSE_TOO_LARGE: InvokeResult = {
  ok: false,
  errorType: 'Function.ResponseSizeTooLarge',
  message: `Response payload size exceeded maximum allowed payload size (${PAYLOAD_BYTES} bytes).`,
};

function sendInvocation(response: ServerResponse, invocation: Invocation): void {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(invocation.payload),
    'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
    'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineMs),
    'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
    'Lambda-Runtime-Trace-Id': toTraceId(invocation.requestId),
  });
  response.end(invocation.payload);
}

/** A trace header of the right form that is not sampled. */
function toTraceId(requestId: string): string {
  const digits = requestId.replaceAll('-', '').padEnd(32, '0');
  return `Root=1-${digits.slice(0, 8)}-${digits.slice(8, 32)};Parent=${digits.slice(0, 16)};Sampled=0`;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function toFailure(request: IncomingMessage, body: string): InvokeResult {
  const reported = parseError(body);
  const named = reported.errorType ?? request.headers[ERROR_TYPE_HEADER];
  const errorType = typeof named === 'string' && named !== '' ? named : 'Error';
  return { ok: false, errorType, message: typeof reported.errorMessage === 'string' ? reported.errorMessage : body };
}

function parseError(body: string): { readonly errorType?: unknown; readonly errorMessage?: unknown } {
  try {
    return Object(JSON.parse(body)) as object;
  } catch {
    return {};
  }
}
