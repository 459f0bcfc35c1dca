/**
 * One connection for all commands, opened by the first and kept for the next invocation. A function that was frozen may thaw with a
 * connection that is gone: what fails on a kept connection is tried once more on a new one, as all that is sent here may be sent twice.
 */

import { kept } from './kept.ts';
import { importRedis, type ReconnectStrategy, type RedisClient, type RedisClientOptions, type RedisSubscriber } from './redis-client.ts';
import { type RedisScript, sha1Of } from './redis-script.ts';

export interface RedisConnectionOptions extends RedisClientOptions {
  readonly timeoutMs: number;
}

export interface RedisConnection {
  /** Sends a command; texts in the answer are bytes. */
  send(args: readonly string[]): Promise<unknown>;
  /** Runs a script on its keys and arguments. */
  run(script: RedisScript, ...args: readonly string[]): Promise<unknown>;
  /** Another connection, which its caller closes by `destroyed`. */
  subscriber(reconnect: ReconnectStrategy): Promise<RedisSubscriber>;
  /** Rejects when the promise takes longer than a command may. */
  within<Value>(promise: Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

/** A client that is connected, and the scripts its server was sent. */
interface Session {
  readonly client: RedisClient;
  readonly sent: Set<RedisScript>;
  /** Whether anything was answered. */
  isProven: boolean;
  drop?(): void;
}

type Perform = (session: Session) => Promise<unknown>;

/** RESP's sign of a text; @redis/client has it as RESP_TYPES.BLOB_STRING. */
const TEXTS_AS_BYTES = { typeMapping: { 36: Buffer } };

class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  const { timeoutMs } = options;
  const within = <Value>(promise: Promise<Value>): Promise<Value> => inTime(promise, timeoutMs);
  const makeOwn = kept(() => importRedis(options));
  let current: Promise<Session> | undefined;

  async function connected(client: RedisSubscriber): Promise<void> {
    await within(client.connect()).catch((error: unknown) => {
      destroyed(client);
      throw error;
    });
  }

  async function open(): Promise<Session> {
    const { client } = options;
    if (client !== undefined) {
      if (!client.isOpen) await within(client.connect());
      return { client, sent: new Set(), isProven: false };
    }
    const own = (await makeOwn())(false);
    // It is heard of by the command that fails.
    own.on('error', () => {});
    // What is under way has a timer; an idle connection keeps no process from ending.
    own.unref();
    await connected(own);
    return { client: own, sent: new Set(), isProven: false, drop: () => destroyed(own) };
  }

  function session(): Promise<Session> {
    if (current === undefined) {
      const opening = open();
      current = opening;
      opening.catch(() => {
        if (current === opening) current = undefined;
      });
    }
    return current;
  }

  async function perform(command: Perform): Promise<unknown> {
    const opened = session();
    const used = await opened;
    const wasProven = used.isProven;
    try {
      const answer = await within(command(used));
      used.isProven = true;
      return answer;
    } catch (error) {
      if (used.drop === undefined || !isLost(used, error)) throw error;
      if (current === opened) current = undefined;
      used.drop();
      if (!wasProven) throw error;
    }
    return await within(command(await session()));
  }

  return {
    send: (args) => perform(({ client }) => client.sendCommand(args, TEXTS_AS_BYTES)),
    run: (script, ...args) => perform((used) => runScript(used, script, args)),
    async subscriber(reconnect) {
      const subscriber = options.client?.duplicate() ?? (await makeOwn())(reconnect);
      subscriber.on('error', () => {});
      subscriber.unref();
      await connected(subscriber);
      return subscriber;
    },
    within,
    async close() {
      const closing = current;
      current = undefined;
      (await closing?.catch(() => undefined))?.drop?.();
    },
  };
}

/** Closes at once. Before version 6 a client that is closed will not be closed again. */
export function destroyed(client: RedisSubscriber): void {
  if (client.isOpen) client.destroy();
}

/** Whether the connection is to blame, and not what was sent over it. */
function isLost({ client }: Session, error: unknown): boolean {
  return error instanceof TimedOut || !client.isOpen;
}

async function runScript({ client, sent }: Session, script: RedisScript, args: readonly string[]): Promise<unknown> {
  const rest = [String(script.keys), ...args];
  const send = (...command: readonly string[]) => client.sendCommand([...command, ...rest], TEXTS_AS_BYTES);
  if (!sent.has(script)) {
    sent.add(script);
    return await send('EVAL', script.text);
  }
  try {
    return await send('EVALSHA', shaOf(script));
  } catch (error) {
    // The server was started anew, or another took its place.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await send('EVAL', script.text);
  }
}

const shas = new WeakMap<RedisScript, string>();

function shaOf(script: RedisScript): string {
  const sha = shas.get(script) ?? sha1Of(script.text);
  shas.set(script, sha);
  return sha;
}

function inTime<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimedOut(`Redis did not answer within ${timeoutMs} ms.`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
