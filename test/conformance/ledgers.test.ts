/**
 * The ledger suite over memory, over DynamoDB as dynalite plays it on loopback, and over redis-server where there is one; and each beside
 * memory. With the variable CELERIAC_DYNAMODB_ENDPOINT also over the DynamoDB that answers there (with-moto.ts).
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger } from '../../src/ledgers/dynamodb.ts';
import type { Ledger } from '../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createRedisLedger } from '../../src/ledgers/redis.ts';
import { type LedgerUnderTest, ledgerSuite } from '../../src/testing/ledger-suite.ts';
import { type LocalDynamoDB, openDynamoDB, startDynamoDB } from '../support/dynamodb.ts';
import { type LocalRedis, redisMissing, startRedis } from '../support/redis.ts';

/** moto answers several requests at a time and loses updates of one item then, so what races is left to dynalite. */
const RACES = /at the same time/;

function check(make: () => LedgerUnderTest, store = ''): void {
  for (const { name, run } of ledgerSuite(make)) it.skipIf(store.startsWith('the server') && RACES.test(name))(name, run);
}

const endpoint = process.env['CELERIAC_DYNAMODB_ENDPOINT'];
if (!endpoint) console.log('ledgers: dynalite alone plays DynamoDB; CELERIAC_DYNAMODB_ENDPOINT names no other (npm run test:moto)');

/** What plays DynamoDB, by name. */
const stores: readonly (readonly [name: string, start: () => Promise<LocalDynamoDB>])[] = [
  ['dynalite', () => startDynamoDB()],
  ...(endpoint ? [[`the server at ${endpoint}`, () => openDynamoDB(endpoint)] as const] : []),
];

describe('the memory ledger', () => {
  check(() => {
    const ledger = createMemoryLedger();
    return { ledger, other: ledger };
  });
});

describe('the suite', () => {
  it('closes what it was given when a case fails', async () => {
    let closed = 0;
    const broken: Ledger = { ...createMemoryLedger(), begin: async () => ({ unfinished: 9 }) };
    const [first] = ledgerSuite(() => ({
      ledger: broken,
      other: broken,
      close: async () => {
        closed += 1;
      },
    }));
    await expect(first?.run()).rejects.toThrow();
    expect(closed).toBe(1);
  });
});

interface Step {
  readonly what: Exclude<keyof Ledger, 'close'>;
  readonly token: string;
  readonly payload: string;
  readonly untilMs: number;
  readonly expiresMs: number;
}

const time = fc.integer({ min: 1000, max: 1006 });
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom<Step['what'][]>(
    ...(['begin', 'finish', 'unfinished', 'revoke', 'revokeByStamps', 'isRevoked'] as const),
    ...(['claim', 'claim', 'renew', 'settle', 'release', 'reserve', 'reserve', 'unreserve'] as const),
  ),
  token: fc.constantFrom('a', 'b', 'c', 'd'),
  payload: fc.constantFrom('p', 'p', 'p', 'q'),
  untilMs: time,
  expiresMs: time,
});

function perform(ledger: Ledger, taskId: string, { what, token, payload, untilMs, expiresMs }: Step, nowMs: number): Promise<unknown> {
  switch (what) {
    case 'begin':
      return ledger.begin({ taskId, token, expiresMs });
    case 'finish':
      return ledger.finish({ taskId, token });
    case 'unfinished':
      return ledger.unfinished!([taskId]);
    case 'revoke':
      return ledger.revoke([taskId], { expiresMs });
    case 'revokeByStamps':
      return ledger.revokeByStamps({ [taskId]: [token] }, { expiresMs });
    case 'isRevoked':
      return ledger.isRevoked({ taskId, stamps: { [taskId]: token } }, nowMs);
    case 'claim':
      return ledger.claim({ taskId, token, payload, nowMs, heldUntilMs: untilMs, expiresMs });
    case 'renew':
      return ledger.renew({ taskId, token, heldUntilMs: untilMs });
    case 'settle':
      return ledger.settle({ taskId, token, expiresMs, outcome: payload });
    case 'release':
      return ledger.release({ taskId, token });
    case 'reserve':
      return ledger.reserve({ name: taskId, taskId: token, nowMs, untilMs });
    case 'unreserve':
      return ledger.unreserve({ name: taskId, taskId: token });
  }
}

/** No attempt begins after it ended, as the seam has it. */
const lawful = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(
    ({ what, token }, at) => what !== 'begin' || !steps.slice(0, at).some((before) => before.what === 'finish' && before.token === token),
  );

async function answersAsMemory(ledger: Ledger): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const memory = createMemoryLedger();
      const id = crypto.randomUUID();
      for (const [at, next] of lawful(steps).entries()) {
        const nowMs = 1000 + Math.floor(at / 3);
        expect([next, await perform(ledger, id, next, nowMs)]).toEqual([next, await perform(memory, id, next, nowMs)]);
      }
    }),
    { numRuns: 150, endOnFailure: true },
  );
  await ledger.close?.();
}

function pair(open: () => Ledger): LedgerUnderTest {
  const [ledger, other] = [open(), open()];
  const close = async () => void (await Promise.all([ledger.close?.(), other.close?.()]));
  return { ledger, other, close };
}

describe.each(stores)('the DynamoDB ledger over %s', (store, start) => {
  let dynamodb: LocalDynamoDB;
  beforeAll(async () => {
    dynamodb = await start();
  });
  afterAll(() => dynamodb.stop());

  const open = (): Ledger => createDynamoDBLedger({ tableName: dynamodb.tableName, ...dynamodb.connection });

  check(() => pair(open), store);

  it('answers as the memory ledger does, whatever is asked in whatever order while time goes on', () => answersAsMemory(open()));
});

if (redisMissing !== undefined) console.log(`the Redis ledger is not tested: ${redisMissing}`);

describe.skipIf(redisMissing !== undefined && !process.env['CI'])('the Redis ledger', () => {
  let redis: LocalRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const open = (): Ledger => createRedisLedger({ url: redis.url });

  check(() => pair(open));

  it('answers as the memory ledger does, whatever is asked in whatever order while time goes on', () => answersAsMemory(open()));
});
