/** HTTP over node:http against servers on loopback that do what servers do: keep alive, hang up, stall, talk too much. */

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Http, MAX_ANSWER_BYTES } from '../../../../src/transports/sqs-fetch/http.ts';
import { createNodeHttp } from '../../../../src/transports/sqs-fetch/node-http.ts';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

interface World {
  readonly http: Http;
  readonly clock: FakeClock;
  readonly server: Server;
  /** Every connection that was ever made. */
  readonly connections: Socket[];
  post(body?: string, signal?: AbortSignal): ReturnType<Http['post']>;
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function start(listener: RequestListener): Promise<World> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  const connections: Socket[] = [];
  server.on('connection', (socket) => connections.push(socket));
  await once(server, 'listening');
  const clock = createFakeClock();
  const http = httpTo((server.address() as AddressInfo).port, clock);
  open.push(() => {
    http.close();
    server.close();
    server.closeAllConnections();
  });
  return {
    http,
    clock,
    server,
    connections,
    post: (body = '{}', signal = undefined) => http.post({ headers: [['host', 'h']], body, timeoutMs: 10_000, signal }),
  };
}

const httpTo = (port: number, clock: FakeClock, scheme = 'http'): Http =>
  createNodeHttp(process.getBuiltinModule, resolvePlace({ region: 'us-east-1', endpoint: `${scheme}://127.0.0.1:${port}` }), clock);

const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('x-seen', JSON.stringify([request.method, request.url, request.rawHeaders]));
    response.end(Buffer.concat(chunks));
  });
};

/** Enough for what was written on loopback to be read. */
async function someTurns(): Promise<void> {
  for (let count = 0; count < 50; count++) await turn();
}

/** Until the request has reached the server. */
const arrival = ({ server }: World): Promise<unknown> => once(server, 'request');

describe('a request', () => {
  it('is a POST with the headers it was given, its length in bytes, and a connection that stays', async () => {
    const { post } = await start(echo);
    const answer = await post('{"text":"π €"}');
    expect(answer).toMatchObject({ status: 200, text: '{"text":"π €"}' });
    const [method, url, headers] = JSON.parse(answer.header('x-seen')!);
    expect([method, url]).toEqual(['POST', '/']);
    expect(headers).toEqual(['content-length', '17', 'connection', 'keep-alive', 'host', 'h']);
    expect(answer.header('x-none')).toBeUndefined();
  });

  it('uses the connection of the one before it', async () => {
    const { post, connections } = await start(echo);
    for (let count = 0; count < 5; count++) await post();
    expect(connections).toHaveLength(1);
  });

  it('opens a connection beside one that is in use, 50 at most', async () => {
    const { post, connections } = await start((_request, response) => void setImmediate(() => response.end('{}')));
    await Promise.all(Array.from({ length: 120 }, () => post()));
    expect(connections).toHaveLength(50);
  });

  it('is answered in pieces that are cut within a character', async () => {
    const bytes = Buffer.from('{"a":"€"}');
    const { post } = await start(async (_request, response) => {
      response.write(bytes.subarray(0, 7));
      await turn();
      response.end(bytes.subarray(7));
    });
    expect((await post()).text).toBe('{"a":"€"}');
  });
});

describe('a connection that was closed while it was idle', () => {
  /** Answers the first request of a connection, and hangs up when a second one comes. */
  const once1 = (): RequestListener => {
    const used = new WeakSet<Socket>();
    return (request, response) => {
      if (used.has(request.socket)) return void request.socket.resetAndDestroy();
      used.add(request.socket);
      echo(request, response);
    };
  };

  it('is replaced by a new one, and the request made again at once', async () => {
    const { post, connections, clock } = await start(once1());
    await post();
    expect((await post('{"b":1}')).text).toBe('{"b":1}');
    expect(connections).toHaveLength(2);
    expect(clock.sleeps.filter((ms) => ms < 5_000)).toEqual([]);
  });

  it('takes the other idle ones along', async () => {
    const { post, connections } = await start(once1());
    await Promise.all([post(), post(), post()]);
    expect(connections).toHaveLength(3);
    await post();
    expect(connections).toHaveLength(4);
    await turn();
    expect(connections.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
  });

  it('is not used after a minute, which a frozen function may have slept through', async () => {
    const { post, connections, clock } = await start(echo);
    await post();
    await clock.advance(61_000);
    await post();
    await post();
    expect(connections).toHaveLength(2);
  });

  it('is told when the new one is closed as well', async () => {
    let isOpen = true;
    const { post, connections } = await start((request, response) => (isOpen ? echo(request, response) : request.socket.resetAndDestroy()));
    await post();
    isOpen = false;
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(connections).toHaveLength(2);
  });

  it('is told when it had carried nothing before: SQS may have seen the request', async () => {
    const { post, connections } = await start((request) => void request.socket.resetAndDestroy());
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(connections).toHaveLength(1);
  });

  it('is told when an answer had begun', async () => {
    let count = 0;
    const { post, connections } = await start((request, response) => {
      count += 1;
      if (count === 1) return echo(request, response);
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"cut', () => void someTurns().then(() => request.socket.resetAndDestroy()));
    });
    await post();
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect([count, connections.length]).toEqual([2, 1]);
  });
});

describe('a request that takes too long', () => {
  it('ends after its limit when no answer comes', async () => {
    const world = await start(() => {});
    const failed = expect(world.post()).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer after 10000 ms' });
    await arrival(world);
    await world.clock.advance(5_000);
    await world.clock.advance(5_000);
    await failed;
  });

  it('ends after its limit when an answer stalls half way', async () => {
    const world = await start((_request, response) => void response.write('{"a'));
    const failed = expect(world.post()).rejects.toMatchObject({ name: 'TimeoutError' });
    await arrival(world);
    await someTurns();
    await world.clock.advance(5_000);
    await world.clock.advance(5_000);
    await failed;
  });

  it('is not made again on another connection', async () => {
    let isSilent = false;
    const world = await start((request, response) => (isSilent ? undefined : echo(request, response)));
    await world.post();
    isSilent = true;
    const failed = expect(world.post()).rejects.toMatchObject({ name: 'TimeoutError' });
    await arrival(world);
    await world.clock.advance(5_000);
    await world.clock.advance(5_000);
    await failed;
    expect(world.connections).toHaveLength(1);
  });

  it('ends after five seconds when a connection is not made, or never ready', async () => {
    const silent = createTcpServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const clock = createFakeClock();
    const http = httpTo((silent.address() as AddressInfo).port, clock, 'https');
    const failed = expect(http.post({ headers: [], body: '{}', timeoutMs: 10_000 })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no connection after 5000 ms',
    });
    const [socket] = (await once(silent, 'connection')) as [Socket];
    await clock.advance(5_000);
    await failed;
    socket.destroy();
    silent.close();
  });

  it('ends with its signal, before and within an answer', async () => {
    const world = await start((_request, response) => void response.write('{"a'));
    for (const wait of [turn, someTurns]) {
      const patience = new AbortController();
      const failed = expect(world.post('{}', patience.signal)).rejects.toMatchObject({ name: 'AbortError' });
      await arrival(world);
      await wait();
      patience.abort();
      await failed;
    }
  });
});

describe('an answer that is too large', () => {
  it('is not read to its end', async () => {
    const chunk = Buffer.alloc(1_048_576, 'x');
    let written = 0;
    const { post } = await start((_request, response) => {
      const go = (): void => {
        written += chunk.length;
        if (written > 4 * MAX_ANSWER_BYTES) return void response.end();
        response.write(chunk, (error) => {
          if (error == null) go();
        });
      };
      go();
    });
    await expect(post()).rejects.toThrow(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    expect(written).toBeLessThan(2 * MAX_ANSWER_BYTES);
  });
});

describe('an answer that is no HTTP', () => {
  it('is a failure like any other', async () => {
    const server = createTcpServer((socket) => void socket.on('error', () => {}).end('220 mail.example.com ESMTP\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const http = httpTo((server.address() as AddressInfo).port, createFakeClock());
    await expect(http.post({ headers: [], body: '{}', timeoutMs: 1000 })).rejects.toMatchObject({ code: 'HPE_INVALID_CONSTANT' });
    http.close();
    server.close();
  });
});

it('nothing is left open once it is closed', async () => {
  const { post, http, connections } = await start(echo);
  await post();
  http.close();
  await once(connections[0]!, 'close');
  expect(connections[0]!.destroyed).toBe(true);
});

describe('closing', () => {
  it('ends a request on a connection that was used before, and does not send it again', async () => {
    let seen = 0;
    const world = await start((request, response) => {
      seen += 1;
      request.resume();
      if (seen === 1) response.end('{}');
    });
    await world.post();
    const arrived = arrival(world);
    const second = expect(world.post()).rejects.toThrow();
    await arrived;
    world.http.close();
    await second;
    await someTurns();
    expect(seen).toBe(2);
  });
});

describe('a connection of a burst', () => {
  it('is not used again after a minute, though others were', async () => {
    const { post, clock, connections } = await start(echo);
    const burst = () => Promise.all(Array.from({ length: 5 }, () => post()));
    await burst();
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(30_000);
      await post();
    }
    const before = connections.length;
    await burst();
    expect(connections.length - before).toBe(4);
  });
});

describe('a signal that has fired before the request is made', () => {
  it('ends it at once', async () => {
    const { post } = await start(() => undefined);
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(post('{}', abort.signal)).rejects.toThrow('enough');
  });
});
