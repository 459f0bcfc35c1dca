/** The backend suite over Redis, as redis-server plays it on loopback. */

import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createRedisBackend, type RedisBackendOptions } from '../../src/backends/redis.ts';
import { type BackendUnderTest, backendSuite } from '../../src/testing/backend-suite.ts';
import { type LocalRedis, redisMissing, startRedis } from '../support/redis.ts';

if (redisMissing !== undefined) console.log(`the Redis backend is not tested: ${redisMissing}`);

describe.skipIf(redisMissing !== undefined && !process.env['CI'])('the Redis backend', () => {
  let redis: LocalRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const make = (options: RedisBackendOptions) => (): BackendUnderTest => {
    const open = () => createRedisBackend({ url: redis.url, ...options });
    const [backend, other] = [open(), open()];
    return {
      backend,
      other,
      pass: (seconds) => wait(seconds * 1000),
      close: async () => {
        await backend.close();
        await other.close();
      },
    };
  };

  describe('as Celery has it', () => {
    for (const { name, run } of backendSuite(make({}))) it.concurrent(name, run);
  });

  describe('with a prefix, and chords in the order in which their parts end', () => {
    const cannot = {
      'completes a chord with the last of its parts, and joins what they came to in header order': 'the order is that of their ends',
      'completes once when all parts end at the same time': 'the order is that of their ends',
      'counts a part once when it is told several times at once': 'the order is that of their ends',
      'completes a chord of hundreds': 'the order is that of their ends',
      'gives the first part of the header that failed, with its error and its traceback': 'the first that ended is given',
    };
    for (const { name, run, cannot: reason } of backendSuite(make({ keyPrefix: 'unordered', resultChordOrdered: false }), cannot)) {
      if (reason === undefined) it.concurrent(name, run);
    }
  });
});
