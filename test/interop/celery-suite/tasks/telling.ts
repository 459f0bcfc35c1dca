/** Tasks that tell a test of their runs through Redis, under Celery's keys. */

import type { createClient } from '@redis/client';
import type { App } from '../../../../src/index.ts';
import { nameOf, sum } from './python.ts';

/** The part of a Redis client that is used here. */
export type Redis = Pick<ReturnType<typeof createClient>, 'rPush' | 'incr' | 'sAdd'>;

export type TellingTasks = ReturnType<typeof registerTelling>;

export function registerTelling(app: App, redis: Redis) {
  const echo = app.task(
    nameOf('redis_echo'),
    { params: ['message', 'redis_key'] },
    async (message: unknown, key: string = 'redis-echo'): Promise<void> => {
      await redis.rPush(key, message instanceof Uint8Array ? Buffer.from(message) : String(message));
    },
  );
  app.task(
    nameOf('redis_echo_group_id'),
    { bind: true, params: ['_', 'redis_key'] },
    async ({ request }, _: unknown, key: string = 'redis-group-ids'): Promise<void> => {
      await redis.rPush(key, String(request.group));
    },
  );
  app.task(nameOf('redis_count'), { params: ['redis_key'] }, async (key: string = 'redis-count'): Promise<void> => {
    await redis.incr(key);
  });
  app.task(
    nameOf('sum_and_record'),
    { bind: true, params: ['values', 'redis_key'] },
    async ({ request }, values: unknown, key: string): Promise<unknown> => {
      const result = sum(values);
      await redis.rPush(key, request.id);
      return result;
    },
  );
  registerErrbacks(app, redis);
  return { echo };
}

/** Who calls an errback gives the id of the failed task, or where it takes more, the request, the error and the traceback. */
function registerErrbacks(app: App, redis: Redis): void {
  app.task(nameOf('errback_old_style'), { params: ['request_id'] }, async (id: string): Promise<string> => {
    await redis.incr(id);
    return id;
  });
  app.task(
    nameOf('errback_new_style'),
    { params: ['request', 'exc', 'tb'] },
    async (request: { id: string }, _exc: unknown, _tb: unknown): Promise<string> => {
      await redis.incr(request.id);
      return request.id;
    },
  );
  app.task(nameOf('errback_old_style_with_args'), { params: ['request_id', 'label'] }, async (id: string, label: string): Promise<void> => {
    await redis.rPush(id, label);
  });
  app.task(
    nameOf('errback_new_style_with_args'),
    { params: ['request', 'exc', 'tb', 'label'] },
    async (request: { id: string }, _exc: unknown, _tb: unknown, label: string): Promise<void> => {
      await redis.rPush(request.id, label);
    },
  );
}
