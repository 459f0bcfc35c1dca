/** What becomes of commands when the server is silent, gone, or started anew; without a server. */

import { describe, expect, it } from 'vitest';
import { createRedisBackend } from '../../src/backends/redis.ts';
import type { RedisClient } from '../../src/redis-client.ts';
import { createRedisConnection } from '../../src/redis-connection.ts';

interface Fake extends RedisClient {
  isOpen: boolean;
  readonly sent: string[][];
  connects: number;
}

function fakeClient(answer: (args: readonly string[]) => unknown, isOpen = true): Fake {
  const fake: Fake = {
    isOpen,
    sent: [],
    connects: 0,
    async connect() {
      fake.connects += 1;
      fake.isOpen = true;
    },
    async sendCommand(args) {
      fake.sent.push([...args]);
      return await answer(args);
    },
    duplicate: () => expect.fail(),
  };
  return fake;
}

const script = { text: 'return 1', keys: 1 };

describe('a client handed in', () => {
  it('is connected on first use where it is not, and never closed', async () => {
    const client = fakeClient(() => [null], false);
    const backend = createRedisBackend({ client });
    expect(client.connects).toBe(0);
    expect(await Promise.all([backend.fetch('t'), backend.fetch('u')])).toEqual([undefined, undefined]);
    expect(client.connects).toBe(1);
    await backend.close();
    expect(client.isOpen).toBe(true);
  });

  it('that does not answer is waited for as long as a command may take', async () => {
    const backend = createRedisBackend({ client: fakeClient(() => new Promise(() => {})), timeoutMs: 10 });
    const late = { message: expect.stringContaining('Redis did not answer within 10 ms.'), cause: { name: 'TimedOut' } };
    await expect(backend.fetch('t')).rejects.toMatchObject({ name: 'BackendGetError', ...late });
    await expect(backend.forget('t')).rejects.toMatchObject({ name: 'BackendStoreError', ...late });
  });

  it('that does not connect is waited for as long, and tried again', async () => {
    let connects = 0;
    const client: RedisClient = {
      ...fakeClient(() => [null], false),
      connect: () => {
        connects += 1;
        return connects === 1 ? new Promise(() => {}) : Promise.resolve();
      },
    };
    const backend = createRedisBackend({ client, timeoutMs: 10 });
    await expect(backend.fetch('t')).rejects.toMatchObject({ name: 'BackendGetError' });
    expect(await backend.fetch('t')).toBeUndefined();
  });

  it('that fails is not tried again', async () => {
    const client = fakeClient(() => Promise.reject(Object.assign(new Error(''), { code: 'ECONNRESET' })));
    await expect(createRedisBackend({ client }).fetch('t')).rejects.toMatchObject({ message: expect.stringContaining('ECONNRESET') });
    expect(client.sent).toHaveLength(1);
  });

  it('that rejects with no error is told of all the same', async () => {
    const client = fakeClient(() => Promise.reject('odd'));
    await expect(createRedisBackend({ client }).fetch('t')).rejects.toMatchObject({ message: expect.stringContaining('odd') });
  });
});

describe('a script', () => {
  it('is sent once and called by its SHA-1 then', async () => {
    const client = fakeClient(() => 1);
    const connection = createRedisConnection({ client, timeoutMs: 100 });
    await connection.run(script, 'k', 'a');
    await connection.run(script, 'k', 'b');
    const sha = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db';
    expect(client.sent).toEqual([
      ['EVAL', 'return 1', '1', 'k', 'a'],
      ['EVALSHA', sha, '1', 'k', 'b'],
    ]);
  });

  it('is sent again where the server has it no more', async () => {
    const client = fakeClient(([command]) => (command === 'EVALSHA' ? Promise.reject(new Error('NOSCRIPT No matching script.')) : 1));
    const connection = createRedisConnection({ client, timeoutMs: 100 });
    for (const arg of ['a', 'b']) expect(await connection.run(script, 'k', arg)).toBe(1);
    expect(client.sent.map(([command, , , , arg]) => [command, arg])).toEqual([
      ['EVAL', 'a'],
      ['EVALSHA', 'b'],
      ['EVAL', 'b'],
    ]);
  });

  it('fails otherwise with what the server says', async () => {
    const client = fakeClient(([command]) => (command === 'EVALSHA' ? Promise.reject(new Error('READONLY')) : 1));
    const connection = createRedisConnection({ client, timeoutMs: 100 });
    await connection.run(script, 'k');
    await expect(connection.run(script, 'k')).rejects.toThrow('READONLY');
  });
});
