/** What the suite cannot see of the Redis ledger: how records are kept and for how long, scripts that run twice, and what fails. */

import { createClient } from '@redis/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createRedisLedger, type RedisClient } from '../../../src/ledgers/redis.ts';
import { type LocalRedis, redisMissing, startRedis } from '../../support/redis.ts';

const HOUR_MS = 3_600_000;
const FAR_MS = Date.UTC(2040, 0, 1);

describe.skipIf(redisMissing !== undefined && !process.env['CI'])('over a server', () => {
  let redis: LocalRedis;
  let ledger: Required<Ledger>;
  let raw: ReturnType<typeof connect>;
  const connect = () => createClient({ url: redis.url });
  beforeAll(async () => {
    redis = await startRedis();
    raw = connect();
    await raw.connect();
  });
  afterAll(async () => {
    raw.destroy();
    await redis.stop();
  });
  beforeEach(async () => {
    await raw.flushAll();
    ledger = createRedisLedger({ url: redis.url });
    return () => ledger.close();
  });

  const claimOf = (taskId: string, token: string) => ({ taskId, token, payload: 'p', nowMs: 1000, heldUntilMs: 2000, expiresMs: FAR_MS });

  it('keeps a hash for each claim, in one form while it is held, released and done', async () => {
    const key = 'celeriac-claim-i';
    const kept = { payload: 'p', expires: String(FAR_MS) };
    await ledger.claim(claimOf('i', 'a'));
    expect(await raw.hGetAll(key)).toEqual({ ...kept, token: 'a', until: '2000' });
    await ledger.release({ taskId: 'i', token: 'a' });
    expect(await raw.hGetAll(key)).toEqual(kept);
    await ledger.claim(claimOf('i', 'b'));
    await ledger.settle({ taskId: 'i', token: 'b', expiresMs: FAR_MS, outcome: 'o' });
    expect(await raw.hGetAll(key)).toEqual({ ...kept, token: 'b', settled: '1', outcome: 'o' });
    await ledger.settle({ taskId: 'i', token: 'b', expiresMs: FAR_MS });
    expect(await raw.hGetAll(key)).toEqual({ ...kept, token: 'b', settled: '1' });
  });

  it('keeps attempts, revocations and reservations under names of their own, after its prefix', async () => {
    const prefixed = createRedisLedger({ url: redis.url, keyPrefix: 'shop:' });
    const times = { expiresMs: FAR_MS };
    await prefixed.begin({ taskId: 'i', token: 'a', ...times });
    await prefixed.claim(claimOf('i', 'a'));
    await prefixed.revoke(['i'], times);
    await prefixed.revokeByStamps({ s: ['v'] }, times);
    await prefixed.reserve({ name: 'n', taskId: 'i', nowMs: 1000, untilMs: FAR_MS });
    const names = ['attempt-i', 'claim-i', 'revoked-i', 'stamp-["s","v"]', 'unique-n'];
    expect((await raw.keys('*')).sort()).toEqual(names.map((name) => `shop:celeriac-${name}`));
    expect(await raw.hGetAll('shop:celeriac-attempt-i')).toEqual({ begun: '1', 'start-a': '1' });
    expect(await raw.hGetAll('shop:celeriac-unique-n')).toEqual({ task: 'i', until: String(FAR_MS) });
    expect(await ledger.isRevoked({ taskId: 'i', stamps: {} }, 1000)).toBe(false);
    expect(await prefixed.isRevoked({ taskId: 'i', stamps: {} }, 1000)).toBe(true);
    await prefixed.close();
  });

  it('has the server forget everything an hour after its time, by whatever clock', async () => {
    const times = { expiresMs: FAR_MS };
    await ledger.begin({ taskId: 'i', token: 'a', ...times });
    await ledger.claim(claimOf('i', 'a'));
    await ledger.revoke(['i'], times);
    await ledger.reserve({ name: 'n', taskId: 'i', nowMs: 1000, untilMs: FAR_MS });
    for (const key of await raw.keys('*')) expect(await raw.pExpireTime(key), key).toBe(FAR_MS + HOUR_MS);
    await ledger.renew({ taskId: 'i', token: 'a', heldUntilMs: FAR_MS + 5 });
    expect(await raw.pExpireTime('celeriac-claim-i')).toBe(FAR_MS + 5 + HOUR_MS);
    await ledger.settle({ taskId: 'i', token: 'a', expiresMs: 5000 });
    // A time long ago by the server's clock may be in the future by the caller's.
    const left = await raw.pTTL('celeriac-claim-i');
    expect(left).toBeGreaterThan(HOUR_MS - 60_000);
    expect(left).toBeLessThanOrEqual(HOUR_MS);
  });

  it('does not forget a claim that is held longer than it may be remembered', async () => {
    await ledger.claim({ ...claimOf('i', 'a'), heldUntilMs: FAR_MS, expiresMs: 1 });
    expect(await raw.hGet('celeriac-claim-i', 'expires')).toBe(String(FAR_MS));
    expect(await raw.pExpireTime('celeriac-claim-i')).toBe(FAR_MS + HOUR_MS);
  });

  it('gives the same answers when every script runs twice', async () => {
    const client: RedisClient = {
      isOpen: true,
      connect: () => expect.fail(),
      duplicate: () => expect.fail(),
      async sendCommand(args, options) {
        await raw.sendCommand(args, options);
        return await raw.sendCommand(args, options);
      },
    };
    const twice = createRedisLedger({ client });
    const begin = async (token: string) => (await twice.begin({ taskId: 'i', token, expiresMs: FAR_MS })).unfinished;
    expect([await begin('a'), await begin('b'), await begin('c')]).toEqual([0, 1, 2]);
    await twice.finish({ taskId: 'i', token: 'b' });
    expect(await begin('d')).toBe(1);
    await twice.finish({ taskId: 'i', token: 'd' });
    expect(await begin('e')).toBe(0);
    expect(await twice.claim(claimOf('i', 'a'))).toEqual({ claim: 'granted' });
    expect(await twice.renew({ taskId: 'i', token: 'a', heldUntilMs: 3000 })).toBe(true);
    expect(await twice.claim(claimOf('i', 'b'))).toEqual({ claim: 'held', untilMs: 3000 });
    await twice.release({ taskId: 'i', token: 'a' });
    expect(await twice.claim(claimOf('i', 'b'))).toEqual({ claim: 'granted' });
    expect(await twice.settle({ taskId: 'i', token: 'b', expiresMs: FAR_MS, outcome: 'ü' })).toBe(true);
    expect(await twice.claim(claimOf('i', 'c'))).toEqual({ claim: 'done', outcome: 'ü' });
    const asked = { name: 'n', nowMs: 1000, untilMs: FAR_MS };
    expect(await twice.reserve({ ...asked, taskId: 'a' })).toEqual({ taskId: 'a' });
    await twice.unreserve({ name: 'n', taskId: 'a' });
    expect(await twice.reserve({ ...asked, taskId: 'b' })).toEqual({ taskId: 'b' });
    await twice.close();
  });

  it('goes on when the server was started anew', async () => {
    for (const token of ['a', 'b']) await ledger.begin({ taskId: 'i', token, expiresMs: FAR_MS });
    raw.destroy();
    await redis.restart();
    raw = connect();
    await raw.connect();
    expect(await ledger.begin({ taskId: 'i', token: 'c', expiresMs: FAR_MS })).toEqual({ unfinished: 0 });
  });

  it('reads many stamps in turns', async () => {
    await ledger.revokeByStamps({ s: [1999] }, { expiresMs: FAR_MS });
    const many = Array.from({ length: 2000 }, (_, at) => at);
    expect(await ledger.isRevoked({ taskId: 'i', stamps: { s: many } }, 1000)).toBe(true);
    expect(await ledger.isRevoked({ taskId: 'i', stamps: { s: many.slice(0, -1) } }, 1000)).toBe(false);
  });
});

describe('what goes wrong', () => {
  const failing = (): Ledger => {
    const client: RedisClient = {
      isOpen: true,
      connect: () => expect.fail(),
      duplicate: () => expect.fail(),
      sendCommand: () => Promise.reject(new Error('READONLY')),
    };
    return createRedisLedger({ client });
  };

  it('is BackendStoreError for what writes and BackendGetError for what reads, without names of arguments', async () => {
    await expect(failing().claim({ taskId: 'i', token: 'a', payload: 'p', nowMs: 1, heldUntilMs: 2, expiresMs: 3 })).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: 'The claim of task i could not be written to Redis: READONLY',
    });
    await expect(failing().reserve({ name: 'secret', taskId: 'i', nowMs: 1, untilMs: 2 })).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: 'The reservation of task i could not be written to Redis: READONLY',
    });
    await expect(failing().isRevoked({ taskId: 'i', stamps: {} }, 1)).rejects.toMatchObject({
      name: 'BackendGetError',
      message: 'Whether task i is revoked could not be read from Redis: READONLY',
    });
  });

  it('is ImproperlyConfigured for a URL that is none, and connects to nothing before it is asked', async () => {
    const ledger = createRedisLedger({ url: 'http://localhost' });
    await expect(ledger.revoke(['i'], { expiresMs: 1 })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    await createRedisLedger().close();
  });
});
