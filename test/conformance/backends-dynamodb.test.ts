/**
 * The backend suite over DynamoDB as dynalite plays it on loopback. With the variable CELERIAC_DYNAMODB_ENDPOINT also over the DynamoDB
 * that answers there (with-moto.ts).
 */

import { afterAll, beforeAll, describe, it } from 'vitest';
import { createDynamoDBBackend } from '../../src/backends/dynamodb.ts';
import { backendSuite } from '../../src/testing/backend-suite.ts';
import { type LocalDynamoDB, openDynamoDB, startDynamoDB } from '../support/dynamodb.ts';

const endpoint = process.env['CELERIAC_DYNAMODB_ENDPOINT'];

/** What plays DynamoDB, by name. */
const stores: readonly (readonly [name: string, start: () => Promise<LocalDynamoDB>])[] = [
  ['dynalite', () => startDynamoDB()],
  ...(endpoint ? [[`the server at ${endpoint}`, () => openDynamoDB(endpoint)] as const] : []),
];

/** moto answers several requests at a time and loses updates of one item then, so what races is left to dynalite. */
const RACES = /at the same time|at once|of hundreds/;

const cannot = {
  watch: 'DynamoDB tells nobody of what is written; whoever waits looks again',
  release: 'a chord that is complete is told so to every part until it has ended',
  grow: "Celery's DynamoDB backend has no add_to_chord",
};

describe.each(stores)('the DynamoDB backend over %s', (store, start) => {
  let dynamodb: LocalDynamoDB;
  beforeAll(async () => {
    dynamodb = await start();
  });
  afterAll(() => dynamodb.stop());

  const make = () => {
    let nowMs = Date.now();
    const open = () => createDynamoDBBackend({ table: dynamodb.tableName, clock: { now: () => nowMs }, ...dynamodb.connection });
    const [backend, other] = [open(), open()];
    return {
      backend,
      other,
      pass: async (seconds: number) => {
        nowMs += seconds * 1000;
      },
      close: async () => {
        await backend.close?.();
        await other.close?.();
      },
    };
  };

  for (const { name, run, cannot: reason } of backendSuite(make, cannot)) {
    if (store !== 'dynalite' && RACES.test(name)) it.skip(name);
    else (reason === undefined ? it : it.fails)(name, run);
  }
});
