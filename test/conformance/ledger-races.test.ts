/** Every ledger under the race of test/support/ledger-races.ts; and ledgers that are wrong, which must not pass it. */

import { createClient } from '@redis/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger } from '../../src/ledgers/dynamodb.ts';
import type { Ledger } from '../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createRedisLedger } from '../../src/ledgers/redis.ts';
import { type LocalDynamoDB, startDynamoDB } from '../support/dynamodb.ts';
import { type Gate, type OpenGated, races, run } from '../support/ledger-races.ts';
import { type LocalRedis, redisMissing, startRedis } from '../support/redis.ts';

const LONG_MS = 120_000;

const raced = (open: OpenGated, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(races, (race) => run(race, open)),
    { numRuns, endOnFailure: true },
  );

/** One method is one request. */
function gated(ledger: Ledger, gate: Gate): Ledger {
  return {
    ...ledger,
    claim: (claim) => gate('claim', () => ledger.claim(claim)),
    renew: (attempt) => gate('renew', () => ledger.renew(attempt)),
    settle: (attempt) => gate('settle', () => ledger.settle(attempt)),
    release: (attempt) => gate('release', () => ledger.release(attempt)),
  };
}

describe('attempts that race for a task', () => {
  it('are kept apart by the memory ledger', async () => {
    const ledger = createMemoryLedger();
    await raced((gate) => gated(ledger, gate), 2000);
  });

  describe('over DynamoDB', () => {
    let dynamodb: LocalDynamoDB;
    beforeAll(async () => {
      dynamodb = await startDynamoDB();
    });
    afterAll(() => dynamodb.stop());

    it(
      'are kept apart, request by request',
      async () => {
        const open: OpenGated = (gate) => {
          const send = (command: never): Promise<unknown> => {
            const name = (command as object).constructor.name.replace(/Command$/, '');
            return gate(name, () => dynamodb.client.send(command));
          };
          return createDynamoDBLedger({ tableName: dynamodb.tableName, client: { send } });
        };
        await raced(open, 100);
      },
      LONG_MS,
    );
  });

  describe.skipIf(redisMissing !== undefined && !process.env['CI'])('over Redis', () => {
    let redis: LocalRedis;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());

    it(
      'are kept apart, request by request',
      async () => {
        const client = createClient({ url: redis.url, RESP: 2 });
        await client.connect();
        const open: OpenGated = (gate) =>
          createRedisLedger({
            timeoutMs: LONG_MS,
            client: {
              isOpen: true,
              connect: () => expect.fail(),
              duplicate: () => expect.fail(),
              sendCommand: (args, options) => gate(String(args[0]), () => client.sendCommand(args, options)),
            },
          });
        await raced(open, 1000);
        client.destroy();
      },
      LONG_MS,
    );
  });
});

describe('a ledger that', () => {
  const wrong: Readonly<Record<string, (ledger: Ledger) => Partial<Ledger>>> = {
    'grants every claim': () => ({ claim: async () => ({ claim: 'granted' }) }),
    'lets a claim be taken over a little early': (ledger) => ({
      claim: (claim) => ledger.claim({ ...claim, nowMs: claim.nowMs + 40_000 }),
    }),
    'never ends a claim': (ledger) => ({
      claim: (claim) => ledger.claim({ ...claim, nowMs: Math.min(claim.nowMs, Date.UTC(2040, 0, 1)) }),
    }),
    'settles for an attempt that was overtaken': (ledger) => ({ settle: async (settled) => (await ledger.settle(settled)) || true }),
    'renews for an attempt that was overtaken': (ledger) => ({ renew: async (attempt) => (await ledger.renew(attempt)) || true }),
    'keeps the first outcome': (ledger) => {
      const known = new Map<string, string>();
      return {
        async settle(settled) {
          const outcome = known.get(settled.taskId) ?? settled.outcome ?? '';
          const isSettled = await ledger.settle({ ...settled, outcome });
          if (isSettled) known.set(settled.taskId, outcome);
          return isSettled;
        },
      };
    },
    'forgets what is done': (ledger) => ({ settle: (settled) => ledger.settle({ ...settled, expiresMs: 0 }) }),
    'grants what is done': (ledger) => ({
      async claim(claim) {
        const answer = await ledger.claim(claim);
        return answer.claim === 'done' ? { claim: 'granted' } : answer;
      },
    }),
  };

  it.each(Object.entries(wrong))('%s does not pass', async (_name, spoil) => {
    const ledger = createMemoryLedger();
    const spoilt = { ...ledger, ...spoil(ledger) };
    await expect(raced((gate) => gated(spoilt, gate), 5000)).rejects.toThrow();
  });
});
