/** What the Redis backend writes, and what becomes of it while connections and servers come and go. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRedisBackend, type RedisBackend, type RedisBackendOptions } from '../../../src/backends/redis.ts';
import { compress } from '../../../src/wire/compression.ts';
import { type ResultDocument, toResultDocument, writeResult } from '../../../src/wire/result.ts';
import { type LocalRedis, redisMissing, startRedis } from '../../support/redis.ts';

const HOUR = { expiresSeconds: 3600 };
const documentOf = (id: string, status = 'SUCCESS', result: unknown = 1): ResultDocument =>
  toResultDocument({ task_id: id, status, result, date_done: '2030-01-02T03:04:05+00:00' });

if (redisMissing !== undefined) console.log(`the Redis backend is not tested over a server: ${redisMissing}`);

describe.skipIf(redisMissing !== undefined && !process.env['CI'])('the Redis backend', () => {
  let redis: LocalRedis;
  const open = (url: string) => createClient({ url, RESP: 2 });
  let client: ReturnType<typeof open>;
  const backends: RedisBackend[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    client = open(redis.url);
    client.on('error', () => {});
    await client.connect();
  });
  afterAll(async () => {
    client.destroy();
    await redis.stop();
  });
  afterEach(async () => {
    for (const backend of backends.splice(0)) await backend.close();
  });

  function create(options: RedisBackendOptions = {}): RedisBackend {
    const backend = createRedisBackend({ url: redis.url, ...options });
    backends.push(backend);
    return backend;
  }

  describe('writes as Celery does', () => {
    it('a document under its key, with its expiry, and publishes it there', async () => {
      const [id, key] = ['layout', 'celery-task-meta-layout'];
      const heard: string[] = [];
      const subscriber = client.duplicate();
      await subscriber.connect();
      await subscriber.subscribe(key, (message) => heard.push(message));
      const text = writeResult(documentOf(id));
      await create().store(documentOf(id), { expiresSeconds: 99.5 });
      expect(await client.get(key)).toBe(text);
      expect(await client.ttl(key)).toBe(100);
      await create().store(documentOf(id, 'FAILURE'));
      await expect.poll(() => heard).toEqual([text]);
      subscriber.destroy();
    });

    it('for ever where nothing expires, and for a day where the caller does not say', async () => {
      const backend = create();
      await backend.store(documentOf('ever'), { expiresSeconds: null });
      await backend.store(documentOf('zero'), { expiresSeconds: 0 });
      await backend.store(documentOf('day'));
      await backend.groups.save('ever', [['ever', null], []], { expiresSeconds: null });
      await backend.groups.save('day', [['day', null], []]);
      const ttls = ['task-meta-ever', 'task-meta-zero', 'task-meta-day', 'taskset-meta-ever', 'taskset-meta-day'];
      expect(await Promise.all(ttls.map((key) => client.ttl(`celery-${key}`)))).toEqual([-1, -1, 86_400, -1, 86_400]);
    });

    it('the keys of a chord, and leaves but a mark of it', async () => {
      const { chords } = create({ keyPrefix: 'p' });
      const key = 'p_celery-taskset-meta-c';
      await chords.begin({ groupId: 'c', size: 1, header: [['c', null], [[['a', null], null]]], ...HOUR });
      expect([await client.get(`${key}.s`), await client.ttl(`${key}.s`), await client.exists(key)]).toEqual(['1', 3600, 0]);
      await chords.grow('c', [['b', null], null]);
      const part = { groupId: 'c', state: 'SUCCESS', result: { n: [1, 'ü,:"\\'] }, size: undefined, ...HOUR };
      await chords.count({ ...part, taskId: 'a', groupIndex: 7 });
      expect(await client.zRangeWithScores(`${key}.j`, 0, -1)).toEqual([
        { value: '[1, "a", "SUCCESS", {"n": [1, "\\u00fc,:\\"\\\\"]}]', score: 7 },
      ]);
      expect(await client.sMembers(`${key}.d`)).toEqual(expect.arrayContaining(['+b', 'a:7']));
      expect(await client.get(`${key}.t`)).toBe('1');
      const count = await chords.count({ ...part, taskId: 'b', groupIndex: null });
      expect(await client.get(`${key}.c`)).toBe('celeriac:b:+inf');
      if (count.state === 'complete') await chords.end(count);
      expect([await client.keys(`${key}*`), await client.get(`${key}.c`), await client.ttl(`${key}.c`)]).toEqual([
        [`${key}.c`],
        'done',
        3600,
      ]);
    });

    it('a group whose shape the parts do not tell', async () => {
      const header = [['nested', null], [[['inner', null], [[['a', null], null]]]]] as const;
      await create().chords.begin({ groupId: 'nested', size: 1, header, expiresSeconds: null });
      expect(await create().groups.restore('nested')).toEqual(header);
      expect(await client.ttl('celery-taskset-meta-nested.s')).toBe(-1);
    });
  });

  describe('looks at what stands there', () => {
    const payload = (text: string): Buffer => {
      const { data, header } = compress('zlib', Buffer.from(text));
      return Buffer.concat([Buffer.from(`\0celery-compressed\0${header}\0`), data]);
    };

    it('compressed or written otherwise, and never overwrites a SUCCESS', async () => {
      const backend = create();
      const done = [payload(writeResult(documentOf('a'))), Buffer.from('{"result": 1, "task_id": "a", "status": "SUCCESS"}')];
      for (const there of done) {
        await client.set('celery-task-meta-a', there);
        await backend.store(documentOf('a', 'FAILURE', 2));
        expect(await backend.fetch('a')).toMatchObject({ status: 'SUCCESS', result: 1 });
      }
      const open = [payload(writeResult(documentOf('a', 'STARTED'))), Buffer.from(writeResult(documentOf('a', 'Almost done!')))];
      for (const there of open) {
        await client.set('celery-task-meta-a', there);
        await backend.store(documentOf('a', 'FAILURE', 2));
        expect(await backend.fetch('a')).toMatchObject({ status: 'FAILURE', result: 2 });
      }
    });

    it('and says so where it cannot be read', async () => {
      const backend = create();
      await client.set('celery-task-meta-b', 'pickled');
      await client.set('celery-taskset-meta-b', 'pickled');
      const cause = { name: 'DecodeError' };
      await expect(backend.store(documentOf('b'))).rejects.toMatchObject({ name: 'BackendStoreError', cause });
      await expect(backend.fetch('b')).rejects.toMatchObject({ name: 'BackendGetError', cause });
      await expect(backend.groups.restore('b')).rejects.toMatchObject({ name: 'BackendGetError', cause });
      await client.zAdd('celery-taskset-meta-odd.j', { score: 1, value: '[1, 2, 3]' });
      await expect(backend.chords.join({ groupId: 'odd', ...HOUR })).rejects.toMatchObject({ name: 'BackendGetError', cause });
      expect(await backend.storeMany([documentOf('b'), documentOf('c')])).toMatchObject([{ name: 'BackendStoreError', cause }, undefined]);
    });

    it('when a part of a saved group was counted elsewhere, and fails for it when it is nowhere', async () => {
      const { chords, store } = create();
      const leaves = ['x', 'y'].map((id) => [[id, null], null] as const);
      await chords.begin({ groupId: 'saved', size: 1, header: [['saved', null], [[['inner', null], leaves]]], ...HOUR });
      const part = { groupId: 'saved', taskId: 'x', groupIndex: 0, state: 'SUCCESS', result: 'x', size: undefined, ...HOUR };
      expect(await chords.count(part)).toMatchObject({ state: 'complete' });
      const exception = { exc_type: 'ChordError', exc_message: [expect.stringContaining('its result is not stored')] };
      expect(await chords.join(part)).toMatchObject({ ok: false, taskId: 'y', exception, traceback: null });
      await store(documentOf('y', 'SUCCESS', 'stored'));
      expect(await chords.join(part)).toEqual({ ok: true, results: [['x', 'stored']] });
    });

    it('when a part failed whose document is gone', async () => {
      const { chords } = create();
      await chords.begin({ groupId: 'lost', size: 1, header: [['lost', null], [[['x', null], null]]], ...HOUR });
      const part = { groupId: 'lost', taskId: 'gone', groupIndex: 0, state: 'FAILURE', result: {}, size: undefined, ...HOUR };
      await chords.count(part);
      expect(await chords.join(part)).toEqual({ ok: false, taskId: 'gone', exception: {}, traceback: null });
    });
  });

  describe('outlives', () => {
    it('a server that was started anew', async () => {
      const backend = create();
      await backend.store(documentOf('before'));
      await redis.restart();
      expect(await Promise.all([backend.fetch('before'), backend.fetch('none')])).toEqual([undefined, undefined]);
      await backend.store(documentOf('after'));
      expect(await backend.fetch('after')).toMatchObject({ result: 1 });
    });

    it('a server that is silent for a while', async () => {
      const backend = create({ timeoutMs: 150 });
      await backend.store(documentOf('silent'));
      redis.freeze(true);
      const late = { name: 'BackendGetError', message: expect.stringContaining('did not answer within 150 ms') };
      await expect(backend.fetch('silent')).rejects.toMatchObject(late);
      await expect(backend.watch(['silent'], () => {})).rejects.toMatchObject(late);
      redis.freeze(false);
      expect(await backend.fetch('silent')).toMatchObject({ result: 1 });
    });

    it('scripts that the server forgets', async () => {
      const backend = create();
      await backend.store(documentOf('s1'));
      await client.scriptFlush();
      await backend.store(documentOf('s2'));
      expect(await backend.fetch('s2')).toMatchObject({ result: 1 });
    });

    it('the loss of the connection it listens on, and tells what was stored meanwhile', async () => {
      const backend = create();
      const heard: unknown[] = [];
      const end = await backend.watch(['w1', 'w2'], ({ task_id, status }) => heard.push([task_id, status]));
      await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
      await client.set('celery-task-meta-w1', writeResult(documentOf('w1')));
      await expect.poll(() => heard, { timeout: 5000 }).toContainEqual(['w1', 'SUCCESS']);
      await backend.store(documentOf('w2', 'STARTED'));
      await expect.poll(() => heard).toContainEqual(['w2', 'STARTED']);
      await end();
    });

    it('the loss of a connection on which nobody listens, and opens another', async () => {
      const backend = create();
      await (await backend.watch(['n'], () => {}))();
      await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
      await wait(50);
      const heard: unknown[] = [];
      await backend.watch(['n'], ({ result }) => heard.push(result));
      await client.publish('celery-task-meta-n', 'unreadable');
      await backend.store(documentOf('n', 'SUCCESS', 'heard'));
      await expect.poll(() => heard).toEqual(['heard']);
    });
  });

  describe('connections', () => {
    it('are opened on first use, one for commands and one for all who listen, and closed by close', async () => {
      const count = async (): Promise<number> => (await client.sendCommand<string>(['CLIENT', 'LIST'])).trim().split('\n').length;
      const backend = create();
      const before = await count();
      await Promise.all([backend.fetch('a'), backend.fetch('b'), backend.store(documentOf('c'))]);
      expect(await count()).toBe(before + 1);
      await Promise.all([backend.watch(['a'], () => {}), backend.watch(['a', 'b'], () => {})]);
      expect(await count()).toBe(before + 2);
      await backend.close();
      await expect.poll(count).toBe(before);
      await backend.close();
      expect(await backend.fetch('a')).toBeUndefined();
    });

    it('of a client handed in are its own but for what it listens on', async () => {
      const handed = open(redis.url);
      const backend = create({ client: handed });
      const heard: unknown[] = [];
      await backend.watch(['h'], ({ result }) => heard.push(result));
      await backend.store(documentOf('h', 'SUCCESS', ['ü']));
      expect(await backend.fetch('h')).toMatchObject({ result: ['ü'] });
      await expect.poll(() => heard).toEqual([['ü']]);
      await backend.close();
      expect(handed.isReady).toBe(true);
      handed.destroy();
    });

    it('that cannot be made are typed errors without the password', async () => {
      const backend = create({ url: 'redis://:secret@127.0.0.1:1' });
      const errors = await Promise.all([
        backend.store(documentOf('x')).catch((error: unknown) => error),
        backend.fetch('x').catch((error: unknown) => error),
        backend.watch(['x'], () => {}).catch((error: unknown) => error),
        ...(await backend.storeMany([documentOf('x')])),
      ]);
      const names = ['BackendStoreError', 'BackendGetError', 'BackendGetError', 'BackendStoreError'];
      const refused = (name: string) => ({ name, message: expect.stringContaining('ECONNREFUSED'), cause: { code: 'ECONNREFUSED' } });
      expect(errors).toMatchObject(names.map(refused));
      for (const error of errors) expect(String(error)).not.toContain('secret');
    });

    it('keep no process from ending', async () => {
      const module = new URL('../../../src/backends/redis.ts', import.meta.url).href;
      const script = `
        const { createRedisBackend } = await import(${JSON.stringify(module)});
        const backend = createRedisBackend({ url: ${JSON.stringify(redis.url)} });
        await backend.watch(['p'], () => {});
        console.log(await backend.fetch('p'));`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
    });
  });
});
