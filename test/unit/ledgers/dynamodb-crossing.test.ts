/** Two attempts whose requests reach the table in every order there is. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDBLedger, type DynamoDBClient } from '../../../src/ledgers/dynamodb.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';

let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

const over = (client: DynamoDBClient): Ledger => createDynamoDBLedger({ tableName: 'celery', client });
const direct = (): Ledger => over(dynamodb.client);
const newId = (): string => crypto.randomUUID();
const claimOf = (taskId: string, token: string) => ({ taskId, token, payload: 'p', nowMs: 1000, heldUntilMs: 2000, expiresMs: 9_000 });

/** Lets the requests of two programs through one by one, in the order of the given choices. */
async function crossed(choices: readonly number[], program: (ledger: Ledger, token: string) => Promise<void>): Promise<void> {
  const gates: (() => void)[][] = [[], []];
  const running = new Set([0, 1]);
  let noticed = (): void => {};
  const ends = [0, 1].map((side) => {
    const send = async (command: never): Promise<unknown> => {
      await new Promise<void>((go) => {
        gates[side]?.push(go);
        noticed();
      });
      return dynamodb.client.send(command);
    };
    return program(over({ send }), `t${side}`).finally(() => {
      running.delete(side);
      noticed();
    });
  });
  const settledDown = async (): Promise<void> => {
    while ([...running].some((side) => gates[side]?.length === 0)) {
      await new Promise<void>((resolve) => {
        noticed = resolve;
      });
    }
  };
  for (let at = 0; running.size > 0; at += 1) {
    await settledDown();
    const side = running.has(choices[at] ?? 0) ? (choices[at] ?? 0) : [...running][0];
    gates[side ?? 0]?.shift()?.();
  }
  await Promise.all(ends);
}

const everyOrder = (length: number): readonly (readonly number[])[] =>
  Array.from({ length: 2 ** length }, (_, order) => Array.from({ length }, (_, bit) => (order >> bit) & 1));

describe('two attempts whose requests cross', () => {
  it('settle a task once, in every order of their requests', async () => {
    for (const order of everyOrder(6)) {
      const id = newId();
      const settled: string[] = [];
      await crossed(order, async (ledger, token) => {
        // The claim is up when it is made: the worst of neighbours.
        const answer = await ledger.claim({ ...claimOf(id, token), heldUntilMs: 1000 });
        const won = answer.claim === 'granted' && (await ledger.settle({ taskId: id, token, expiresMs: 9000, outcome: token }));
        if (won) settled.push(token);
      });
      expect(settled, order.join()).toHaveLength(1);
      expect(await direct().claim(claimOf(id, 'later'))).toEqual({ claim: 'done', outcome: settled[0] });
    }
  });

  it('never run at the same time while their claims hold, in every order of their requests', async () => {
    for (const order of everyOrder(6)) {
      const id = newId();
      let inside = 0;
      let runs = 0;
      await crossed(order, async (ledger, token) => {
        const answer = await ledger.claim(claimOf(id, token));
        if (answer.claim !== 'granted') return;
        inside += 1;
        runs += 1;
        expect(inside, order.join()).toBe(1);
        await ledger.renew({ taskId: id, token, heldUntilMs: 3000 });
        inside -= 1;
        await ledger.release({ taskId: id, token });
      });
      expect(runs, order.join()).toBeGreaterThanOrEqual(1);
    }
  });

  it('count every start that is not ended, in every order of their requests', async () => {
    for (const order of everyOrder(6)) {
      const id = newId();
      const counts: number[] = [];
      await crossed(order, async (ledger, token) => {
        counts.push((await ledger.begin({ taskId: id, token, expiresMs: 5000 })).unfinished);
        await ledger.finish({ taskId: id, token });
      });
      expect(counts.toSorted(), order.join()).toSatisfy((seen: number[]) => seen[0] === 0 && (seen[1] === 0 || seen[1] === 1));
      expect((await direct().begin({ taskId: id, token: 'last', expiresMs: 5000 })).unfinished, order.join()).toBe(0);
    }
  });
});
