/** Where the Redis backend connects to, and when it is imported. */

import { describe, expect, it, vi } from 'vitest';
import { createRedisBackend } from '../../src/backends/redis.ts';
import { toClientOptions } from '../../src/redis-client.ts';

const redis = vi.hoisted(() => ({ loads: 0, fail: true, options: [] as Record<string, unknown>[] }));

vi.mock('@redis/client', async () => {
  redis.loads += 1;
  if (redis.fail) throw new Error('Cannot find package');
  return {
    createClient: (options: Record<string, unknown>) => {
      redis.options.push(options);
      return {
        isOpen: true,
        on: () => {},
        unref: () => {},
        connect: async () => {},
        destroy: () => {},
        sendCommand: async ([command]: string[]) => (command === 'MGET' ? [null] : 1),
      };
    },
  };
});

describe('the package', () => {
  it('is loaded by the first command; failing to is ImproperlyConfigured, and is tried again', async () => {
    const backend = createRedisBackend({ url: 'rediss://u:p@host/2', options: { name: 'me', socket: { servername: 's' } } });
    expect(redis.loads).toBe(0);
    await expect(backend.fetch('t')).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('@redis/client'),
    });
    await expect(backend.forget('t')).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    redis.fail = false;
    vi.resetModules();
    await Promise.all([backend.fetch('t'), backend.forget('t')]);
    expect(redis.options).toEqual([
      {
        RESP: 2,
        username: 'u',
        password: 'p',
        database: 2,
        name: 'me',
        socket: { host: 'host', port: 6379, tls: true, servername: 's', reconnectStrategy: false },
      },
    ]);
    await backend.close();
  });
});

describe('a URL', () => {
  it('is read as Celery reads it', () => {
    const local = { host: 'localhost', port: 6379 };
    expect(toClientOptions()).toEqual({ database: 0, socket: local });
    for (const url of ['redis://', 'redis:///', 'redis://localhost']) expect(toClientOptions(url), url).toEqual({ socket: local });
    expect(toClientOptions('redis://:p%40ss@[::1]:7000/3')).toEqual({
      password: 'p@ss',
      database: 3,
      socket: { host: '::1', port: 7000 },
    });
    for (const query of ['', '?ssl_cert_reqs=CERT_REQUIRED', '?ssl_cert_reqs=optional', '?health_check_interval=5']) {
      expect(toClientOptions(`rediss://h/1${query}`).socket).toEqual({ host: 'h', port: 6379, tls: true });
    }
    for (const value of ['CERT_NONE', 'none']) {
      expect(toClientOptions(`rediss://h?ssl_cert_reqs=${value}`).socket).toMatchObject({ tls: true, rejectUnauthorized: false });
    }
  });

  it('that cannot be followed is ImproperlyConfigured, and is not told, as it may hold a password', () => {
    const urls = [
      'secret',
      'http://u:secret@h',
      'sentinel://:secret@h:1',
      'redis://:secret@h/name',
      'rediss://:secret@h?ssl_cert_reqs=maybe',
      'rediss://:secret@h?ssl_ca_certs=/secret',
    ];
    for (const url of urls) {
      const thrown = expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.not.stringContaining('secret') });
      expect(() => toClientOptions(url), url).toThrow(thrown);
    }
  });
});
