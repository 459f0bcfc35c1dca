/** HTTP over node:https or node:http, its connections kept alive: a third of what `fetch` costs, and nothing to load. */

import type { Clock } from '../../clock.ts';
import { startTimer } from '../../timers.ts';
import { type Http, type HttpAnswer, type HttpRequest, MAX_ANSWER_BYTES, timeoutError, tooLargeError } from './http.ts';
import type { Place } from './place.ts';

type ClientRequest = ReturnType<typeof import('node:https').request>;
type Again = () => Promise<HttpAnswer>;

const CONNECT_MS = 5_000;
/** Connections at a time, as the SDK has it; what comes beyond waits for one. */
const MAX_SOCKETS = 50;
/** Not reused after so long: a function that was frozen wakes up with connections that nobody tells it are gone. */
const IDLE_MS = 60_000;

/** What a connection fails with that was closed at the other end while it was idle. */
const STALE = new Set(['ECONNRESET', 'EPIPE']);

export function createNodeHttp(builtIn: typeof process.getBuiltinModule, place: Place, clock: Clock): Http {
  const { Agent, request: open } = place.isSecure ? builtIn('node:https') : builtIn('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const fixed = { agent, host: place.hostname, port: place.port, path: place.path, method: 'POST', setDefaultHeaders: false };
  const idleSince = new WeakMap<object, number>();
  agent.on('free', (socket: object) => idleSince.set(socket, clock.now()));
  let isClosed = false;

  /** Those that have been idle since before then; default all. */
  const dropIdle = (beforeMs = Number.POSITIVE_INFINITY): void => {
    for (const sockets of Object.values(agent.freeSockets)) {
      for (const socket of sockets ?? []) if ((idleSince.get(socket) ?? 0) < beforeMs) socket.destroy();
    }
  };

  const attempt = ({ body, signal, timeoutMs }: HttpRequest, headers: readonly string[], bytes: number, onStale?: Again) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      let isOver = false;
      let isAnswered = false;
      const end = (): void => {
        isOver = true;
        stopTimer();
        signal?.removeEventListener('abort', abort);
      };
      const fail = (error: Error): void => {
        if (isOver) return;
        end();
        reject(error);
        request.destroy();
      };
      const abort = (): void => fail(signal?.reason);

      const request = open({ ...fixed, headers });
      const stopTimer = startLimits(timeoutMs, request, clock, fail);
      signal?.addEventListener('abort', abort);
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && !isAnswered && !isClosed && STALE.has(error.code ?? '');
        if (onStale === undefined || isOver || !isStale) return fail(error);
        end();
        onStale().then(resolve, reject);
      });
      request.on('response', (response) => {
        isAnswered = true;
        const chunks: Buffer[] = [];
        let received = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          received += chunk.length;
          if (received > MAX_ANSWER_BYTES) fail(tooLargeError());
        });
        response.on('error', fail);
        response.on('end', () => {
          end();
          const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
          resolve({ status: response.statusCode!, text, header: (name) => response.headers[name]?.toString() });
        });
      });
      // What is ASCII is the same in both, and Latin-1 is written without being looked at.
      request.end(body, bytes === body.length ? 'latin1' : 'utf8');
      if (signal?.aborted === true) abort();
    });

  return {
    post(request) {
      dropIdle(clock.now() - IDLE_MS);
      const bytes = Buffer.byteLength(request.body);
      const headers = ['content-length', String(bytes), 'connection', 'keep-alive'];
      for (const [name, value] of request.headers) headers.push(name, value);
      // No word came back on a connection that had carried others: as a rule it was closed before, and SQS never saw the request.
      return attempt(request, headers, bytes, () => {
        dropIdle();
        return attempt(request, headers, bytes);
      });
    },
    close() {
      isClosed = true;
      agent.destroy();
    },
  };
}

/** Two limits, and one timer at a time: for the connection, then for the answer. */
function startLimits(timeoutMs: number, request: ClientRequest, clock: Clock, fail: (error: Error) => void): () => void {
  const connectMs = Math.min(CONNECT_MS, timeoutMs);
  let stop = startTimer(clock, connectMs, () => {
    if (isConnecting(request)) return fail(timeoutError('no connection', connectMs));
    stop = startTimer(clock, timeoutMs - connectMs, () => fail(timeoutError('no answer', timeoutMs)));
  });
  return () => stop();
}

/** On its way, the handshake of TLS included. A request without a socket waits for one of the others. */
function isConnecting({ socket }: ClientRequest): boolean {
  return socket !== null && (socket.connecting || ('secureConnecting' in socket && socket.secureConnecting === true));
}
