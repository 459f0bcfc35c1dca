/**
 * A ledger in Redis or Valkey, which Celery's results may share: every decision is one script on one key, and may be asked for twice.
 * The server must not evict: a claim that is gone is a claim that anyone may have.
 */

import { allEnded } from '../all-ended.ts';
import type { RedisClientOptions } from '../redis-client.ts';
import { createRedisConnection, type RedisConnection } from '../redis-connection.ts';
import { reading, writing } from '../redis-failures.ts';
import type { RedisScript } from '../redis-script.ts';
import { attemptKey, claimKey, revokedKey, stampKeys, uniqueKey } from './keys.ts';
import type { ClaimAnswer, Ledger } from './ledger.ts';
import { BEGIN, CLAIM, FINISH, RELEASE, RENEW, RESERVE, REVOKE, SETTLE, UNFINISHED, UNRESERVE } from './redis-scripts.ts';

export type { RedisClient, RedisClientOptions, RedisSubscriber } from '../redis-client.ts';

export interface RedisLedgerOptions extends RedisClientOptions {
  /** Before every key; default none. */
  readonly keyPrefix?: string;
  /** Milliseconds for connecting, and for each command. Default 3000. */
  readonly timeoutMs?: number;
}

export type RedisLedger = Required<Ledger>;

/** What one MGET asks for, so that it does not hold up the server's other clients. */
const KEYS_PER_READ = 500;

/**
 * Keeps the ledger in Redis. Nothing is imported or connected before the first call. What Redis has answered is as durable as the
 * server is: where it may forget (no append-only file, a failover to a replica that lags), a task may run twice.
 *
 * @example const ledger = createRedisLedger({ url: 'rediss://ledger.example:6379/0' });
 */
export function createRedisLedger(options: RedisLedgerOptions = {}): RedisLedger {
  const { keyPrefix = '', timeoutMs = 3000 } = options;
  const connection = createRedisConnection({ ...options, timeoutMs });
  const decide = (what: string, script: RedisScript, key: string, ...args: readonly (string | number)[]): Promise<unknown> =>
    writing(what, connection.run(script, keyPrefix + key, ...args.map(String)));
  const revoke = async (keys: readonly string[], expiresMs: number): Promise<void> => {
    await allEnded([...new Set(keys)].map((key) => decide('A revocation', REVOKE, key, expiresMs)));
  };

  return {
    async begin({ taskId, token, expiresMs }) {
      const unfinished = await decide(`The start of task ${taskId}`, BEGIN, attemptKey(taskId), token, expiresMs);
      return { unfinished: Number(unfinished) };
    },
    async finish({ taskId, token }) {
      await decide(`The end of task ${taskId}`, FINISH, attemptKey(taskId), token);
    },
    async unfinished(taskIds) {
      const starts = taskIds.map((taskId) => connection.run(UNFINISHED, keyPrefix + attemptKey(taskId)));
      return (await reading('Starts that never ended', allEnded(starts))).map(Number);
    },

    revoke: (taskIds, { expiresMs }) => revoke(taskIds.map(revokedKey), expiresMs),
    revokeByStamps: (stamps, { expiresMs }) => revoke(stampKeys(stamps), expiresMs),
    async isRevoked({ taskId, stamps }, nowMs) {
      const keys = [revokedKey(taskId), ...stampKeys(stamps)].map((key) => keyPrefix + key);
      const until = await reading(`Whether task ${taskId} is revoked`, revokedUntil(connection, keys));
      return nowMs < until;
    },

    async claim({ taskId, token, payload, nowMs, heldUntilMs, expiresMs }) {
      const answer = await decide(claimed(taskId), CLAIM, claimKey(taskId), token, payload, nowMs, heldUntilMs, expiresMs);
      return toClaimAnswer(answer as readonly unknown[]);
    },
    renew: async ({ taskId, token, heldUntilMs }) => (await decide(claimed(taskId), RENEW, claimKey(taskId), token, heldUntilMs)) === 1,
    async settle({ taskId, token, expiresMs, outcome }) {
      const told = outcome === undefined ? [] : [outcome];
      return (await decide(claimed(taskId), SETTLE, claimKey(taskId), token, expiresMs, ...told)) === 1;
    },
    async release({ taskId, token }) {
      await decide(claimed(taskId), RELEASE, claimKey(taskId), token);
    },

    async reserve({ name, taskId, nowMs, untilMs }) {
      return { taskId: String(await decide(`The reservation of task ${taskId}`, RESERVE, uniqueKey(name), taskId, nowMs, untilMs)) };
    },
    async unreserve({ name, taskId }) {
      await decide(`The reservation of task ${taskId}`, UNRESERVE, uniqueKey(name), taskId);
    },

    close: connection.close,
  };
}

const claimed = (taskId: string): string => `The claim of task ${taskId}`;

/** The latest of what is there; 0 where nothing is. */
async function revokedUntil(connection: RedisConnection, keys: readonly string[]): Promise<number> {
  let latest = 0;
  for (let at = 0; at < keys.length; at += KEYS_PER_READ) {
    const found = await connection.send(['MGET', ...keys.slice(at, at + KEYS_PER_READ)]);
    for (const until of found as readonly unknown[]) if (until !== null) latest = Math.max(latest, Number(String(until)));
  }
  return latest;
}

/** Texts come as Buffer, which is their text as a string. */
function toClaimAnswer([claim, more]: readonly unknown[]): ClaimAnswer {
  switch (String(claim)) {
    case 'held':
      return { claim: 'held', untilMs: Number(String(more)) };
    case 'done':
      return { claim: 'done', ...(more !== null && { outcome: String(more) }) };
    case 'mismatch':
      return { claim: 'mismatch', ...(more !== null && more !== undefined && { outcome: String(more) }) };
    default:
      return { claim: 'granted' };
  }
}
