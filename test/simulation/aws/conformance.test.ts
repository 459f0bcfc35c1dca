/** The suites of the seams over the simulated AWS: the production code runs on it as it does on AWS. */

import { describe, expect, it } from 'vitest';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';
import { createS3Backend } from '../../../src/backends/s3.ts';
import { createDynamoDBLedger } from '../../../src/ledgers/dynamodb.ts';
import { backendSuite } from '../../../src/testing/backend-suite.ts';
import { ledgerSuite } from '../../../src/testing/ledger-suite.ts';
import { type TransportUnderTest, transportSuite } from '../../../src/testing/transport-suite.ts';
import { createSqsTransport } from '../../../src/transports/sqs/index.ts';
import { clientOf, createSimDynamoDB, createSimS3, createSimSqs, type SimClient, type SimSqs } from './index.ts';
import { createEnv, directClient } from './worlds.ts';

const dynamodbCannot = {
  watch: 'DynamoDB tells nobody of what is written; whoever waits looks again',
  release: 'a chord that is complete is told so to every part until it has ended',
  grow: "Celery's DynamoDB backend has no add_to_chord",
};

const s3Cannot = {
  storeMany: 'S3 takes one object a request',
  fetchMany: 'S3 gives one object a request',
  watch: 'S3 tells nobody of what is written; whoever waits looks again',
  chords: 'S3 counts nothing: chords are completed by celery.chord_unlock, as with Celery',
  expiry: "objects expire by rules of the bucket's lifecycle",
};

describe('the DynamoDB backend over the simulated DynamoDB', () => {
  const make = () => {
    const env = createEnv();
    const client = directClient(createSimDynamoDB(env, { tables: [{ name: 'celery' }] }));
    const open = () => createDynamoDBBackend({ client, clock: { now: env.now } });
    return { backend: open(), other: open(), pass: async (seconds: number) => env.pass(seconds) };
  };
  for (const { name, run, cannot } of backendSuite(make, dynamodbCannot)) (cannot === undefined ? it : it.fails)(name, run);
});

describe('the DynamoDB backend over a simulated DynamoDB that leaves much of every batch undone', () => {
  const make = () => {
    const env = createEnv(7);
    const leaveUndone = () => env.random() < 0.4;
    const client = directClient(createSimDynamoDB(env, { tables: [{ name: 'celery' }], leaveUndone }));
    // Waits between tries are not waited for.
    const open = () => createDynamoDBBackend({ client, clock: { now: env.now, sleep: async () => {} } });
    return { backend: open(), other: open(), pass: async (seconds: number) => env.pass(seconds) };
  };
  for (const { name, run, cannot } of backendSuite(make, dynamodbCannot)) (cannot === undefined ? it : it.fails)(name, run);
});

describe('the DynamoDB ledger over the simulated DynamoDB', () => {
  const make = () => {
    const client = directClient(createSimDynamoDB(createEnv(), { tables: [{ name: 'ledger' }] }));
    const open = () => createDynamoDBLedger({ tableName: 'ledger', client });
    return { ledger: open(), other: open() };
  };
  for (const { name, run } of ledgerSuite(make)) it(name, run);
});

describe('the S3 backend over the simulated S3', () => {
  const make = () => {
    const client = directClient(createSimS3(createEnv(), { buckets: [{ name: 'results' }] }));
    const open = () => createS3Backend({ bucket: 'results', basePath: 'celery/', client });
    return { backend: open(), other: open() };
  };
  for (const { name, run, cannot } of backendSuite(make, s3Cannot)) (cannot === undefined ? it : it.fails)(name, run);
});

/** Long polling on top of a machine that answers at once. */
function pollingClient(sqs: SimSqs): SimClient {
  const client = directClient(sqs);
  return {
    ...client,
    async send(command: unknown, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) {
      const { WaitTimeSeconds = 0 } = (command as { readonly input: { readonly WaitTimeSeconds?: number } }).input;
      for (;;) {
        const answer = (await client.send(command)) as { readonly Messages?: readonly unknown[] };
        if (WaitTimeSeconds === 0 || answer.Messages !== undefined) return answer;
        await new Promise((resolve) => setImmediate(resolve));
        if (abortSignal?.aborted === true) throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
      }
    },
  };
}

describe('the SQS transport over the simulated SQS', () => {
  const make = (): TransportUnderTest => {
    const env = createEnv();
    const names = ['q1', 'q2', 'q3', 'q1.fifo', 'q2.fifo', 'q3.fifo'];
    const sqs = createSimSqs(env, { queues: names.map((name) => ({ name, visibilitySeconds: 2 })) });
    let made = 0;
    return {
      transport: createSqsTransport({ client: pollingClient(sqs), clock: { now: env.now } }),
      queue(kind) {
        made += 1;
        return kind === 'fifo' ? `q${made}.fifo` : `q${made}`;
      },
      visibilityTimeoutSeconds: 2,
      pass: async (seconds) => env.pass(seconds),
      missingQueue: 'nowhere',
    };
  };
  for (const { name, run } of transportSuite(make)) it(name, run);
});

describe('a client of a simulated service', () => {
  it('names the point, and does the request when and as often as it is let', async () => {
    const s3 = createSimS3(createEnv(), { buckets: [{ name: 'b' }] });
    const points: string[] = [];
    const client = clientOf(s3, async (point, apply) => {
      points.push(point);
      apply();
      return apply();
    });
    const put = new (class PutObjectCommand {
      readonly input = { Bucket: 'b', Key: 'k', Body: 'v' };
    })();
    await expect(client.send(put)).resolves.toEqual({ ETag: '"9e3669d19b675bd57058fd4664205d2a"' });
    expect(points).toEqual(['s3.PutObject']);
    client.destroy();
  });

  it('says which command a service does not know', async () => {
    const client = directClient(createSimS3(createEnv(), { buckets: [] }));
    await expect(client.send(new (class SelectObjectContentCommand {})())).rejects.toThrow(/s3 does not know SelectObjectContent/);
  });
});
