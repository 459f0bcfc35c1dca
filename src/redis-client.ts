/** Redis through @redis/client, which is imported when the first command is sent: where it connects to, and what is asked of a client. */

import { importSdk } from './aws-sdk.ts';
import { ImproperlyConfigured } from './errors.ts';

/** A client of @redis/client (or of `redis`), from version 5, made by `createClient`: not a cluster, pool or sentinel. */
export interface RedisClient {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[], options?: { readonly typeMapping?: object }): Promise<unknown>;
  duplicate(): RedisSubscriber;
}

/** A client's connection of its own for what is published. */
export interface RedisSubscriber {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  subscribe(channels: string[], listener: (message: Buffer, channel: Buffer) => unknown, bufferMode: true): Promise<unknown>;
  unsubscribe(channels: string[], listener: (message: Buffer, channel: Buffer) => unknown, bufferMode: true): Promise<unknown>;
  on(event: 'error' | 'ready', listener: (error?: unknown) => void): unknown;
  unref(): void;
  destroy(): void;
}

/** A client that we made. */
export type OwnRedisClient = RedisClient & RedisSubscriber;

export interface RedisClientOptions {
  /**
   * `redis[s]://[[user]:password@]host[:port][/database]`, as Celery's `result_backend`; default `redis://localhost:6379/0`. Of Celery's
   * parameters `ssl_cert_reqs` is understood (CERT_REQUIRED, the default, CERT_OPTIONAL, which is taken for the same, and CERT_NONE).
   */
  readonly url?: string;
  /** More for `createClient` of @redis/client, over what the URL says: `username`, `password`, `socket`, `credentialsProvider` … */
  readonly options?: Readonly<Record<string, unknown>>;
  /** A client of your own; it is connected on first use where it is not, and closing it is your business. */
  readonly client?: RedisClient;
}

/** Loads the package and makes clients, which are not connected yet. */
export async function importRedis({ url, options }: RedisClientOptions): Promise<(reconnect: ReconnectStrategy) => OwnRedisClient> {
  const fromUrl = toClientOptions(url);
  const { createClient } = await importSdk('@redis/client', () => import('@redis/client'));
  return (reconnectStrategy) => {
    const socket = { ...fromUrl.socket, ...(options?.['socket'] as object | undefined), reconnectStrategy };
    // RESP 2 is what every version of every server speaks.
    const client: unknown = createClient({ RESP: 2, ...fromUrl, ...options, socket });
    return client as OwnRedisClient;
  };
}

/** Milliseconds to wait, or false to give up. */
export type ReconnectStrategy = false | ((retries: number) => number | false);

interface FromUrl {
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  readonly socket: { readonly host: string; readonly port: number; readonly tls?: true; readonly rejectUnauthorized?: false };
}

const CERTIFICATE_CHECKS: ReadonlyMap<string, boolean> = new Map([
  ['CERT_REQUIRED', true],
  ['required', true],
  ['CERT_OPTIONAL', true],
  ['optional', true],
  ['CERT_NONE', false],
  ['none', false],
]);

/** What a URL says. Throws ImproperlyConfigured, its message without the URL, which may hold a password. */
export function toClientOptions(url = 'redis://localhost:6379/0'): FromUrl {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol;
  if (parsed === undefined || (scheme !== 'redis:' && scheme !== 'rediss:')) {
    throw new ImproperlyConfigured(
      'A Redis URL is like redis://localhost:6379/0 or rediss://…; for a Unix socket give options.socket.path, for anything else a client of your own.',
    );
  }
  const { username, password, hostname, port } = parsed;
  const database = parsed.pathname.replaceAll('/', '');
  if (!/^\d*$/.test(database)) throw new ImproperlyConfigured(`The path of a Redis URL is the number of a database, not '${database}'.`);
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(database !== '' && { database: Number(database) }),
    socket: {
      host: hostname === '' ? 'localhost' : hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 6379 : Number(port),
      ...(scheme === 'rediss:' && { tls: true, ...(!checksCertificate(parsed.searchParams) && { rejectUnauthorized: false }) }),
    },
  };
}

function checksCertificate(parameters: URLSearchParams): boolean {
  for (const name of ['ssl_ca_certs', 'ssl_certfile', 'ssl_keyfile']) {
    if (parameters.has(name)) throw new ImproperlyConfigured(`Give certificates as options.socket (ca, cert, key), not as ${name}.`);
  }
  const asked = parameters.get('ssl_cert_reqs');
  const checks = asked === null ? true : CERTIFICATE_CHECKS.get(asked);
  if (checks === undefined) throw new ImproperlyConfigured('ssl_cert_reqs is CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE.');
  return checks;
}
