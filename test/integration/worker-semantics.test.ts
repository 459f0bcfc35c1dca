/** The worker's semantics end to end: SQS on loopback, the event source mapping, and the worker bundled as it would be deployed. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type App, createApp } from '../../src/app/app.ts';
import { createDeadLetters, type DeadLetter } from '../../src/app/dead-letters.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createEventSourceMapping, startLambda, startLocalSqs } from '../../src/local/index.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { serveLedger } from '../support/http-ledger.ts';
import { buildWorker } from '../support/lambda-bundle.ts';

let bundleDir: string;

beforeAll(async () => {
  bundleDir = await mkdtemp(join(tmpdir(), 'celeriac-semantics-'));
  await buildWorker('test/support/killing-worker.ts', bundleDir);
});

afterAll(() => rm(bundleDir, { recursive: true, force: true }));

interface Line {
  readonly message: string;
  readonly state?: string;
  readonly task?: string;
  readonly id?: string;
  readonly retries?: number;
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let app: App;
let lines: Line[];
let deadLetters: (queue?: string) => Promise<DeadLetter[]>;
let isEmpty: (queue: string) => Promise<void>;
let startWorking: (queue?: string) => void;

/** Names of states in the order in which the worker logged them. */
const logged = (...wanted: readonly (keyof Line)[]): unknown[][] =>
  lines.filter(({ state }) => state !== undefined).map((line) => wanted.map((name) => line[name]));

beforeEach(async () => {
  const redrive = (deadLetterQueue: string) => ({ deadLetterQueue, maxReceiveCount: 10 });
  const sqs = await startLocalSqs({
    queues: [
      { name: 'dead' },
      { name: 'celery', visibilityTimeoutSeconds: 1, redrive: redrive('dead') },
      { name: 'strict', visibilityTimeoutSeconds: 1, redrive: { deadLetterQueue: 'dead', maxReceiveCount: 5 } },
      { name: 'dead.fifo' },
      { name: 'orders.fifo', visibilityTimeoutSeconds: 1, redrive: redrive('dead.fifo') },
    ],
  });
  closing.push(() => sqs.close());
  const ledger = createMemoryLedger();
  const served = await serveLedger(ledger);
  closing.push(() => served.close());
  const { endpoint, region, credentials } = sqs;
  const transport = createSqsTransport({ endpoint, region, credentials });
  closing.push(() => transport.close());
  app = createApp('proj', { transport, ledger });
  lines = [];
  deadLetters = async (queue = 'dead') => {
    const seen: DeadLetter[] = [];
    for await (const letter of createDeadLetters(app, { queue }).read()) seen.push(letter);
    return seen;
  };
  isEmpty = (queue) =>
    vi.waitFor(async () => expect(await sqs.depth(queue)).toEqual({ ready: 0, delayed: 0, inFlight: 0 }), {
      timeout: 12_000,
      interval: 20,
    });
  const lambda = await startLambda({
    bundleDir,
    handler: 'worker.handler',
    env: { SQS_ENDPOINT: endpoint, DEAD_LETTER_QUEUE: 'dead', LEDGER_URL: served.url },
    runtime: 'invoker',
    onLog: ({ text }) => {
      if (text.startsWith('{')) lines.push(JSON.parse(text) as Line);
    },
  });
  closing.push(() => lambda.close());
  startWorking = (queue = 'celery') => {
    const options = { sqs, queue, maximumConcurrency: 1, functionResponseType: 'ReportBatchItemFailures' as const };
    const mapping = createEventSourceMapping({ ...options, invoke: lambda.invoke });
    closing.push(() => mapping.close());
  };
});

describe('in SQS and Lambda', () => {
  it('a task that fails twice succeeds the third time', async () => {
    const { id } = await app.sendTask('flaky', [2]);
    startWorking();
    await isEmpty('celery');
    expect(logged('id', 'state', 'retries')).toEqual([[id, 'RETRY', 0], [id, 'RETRY', 1], [id, 'SUCCESS', 2]]); // biome-ignore format: short
    expect(await deadLetters()).toEqual([]);
  });

  it('a task that exhausts its retries lies in the dead-letter queue with its reason', async () => {
    const { id } = await app.sendTask('exhausted');
    startWorking();
    await isEmpty('celery');
    expect(logged('state', 'retries')).toEqual([['RETRY', 0], ['FAILURE', 1]]); // biome-ignore format: short
    expect(await deadLetters()).toMatchObject([
      { code: 'failed', reason: 'RangeError: never will', task: 'exhausted', id, retries: 1, queue: 'celery' },
    ]);
  });

  it('a killer among nine good ones is quarantined, and the nine are done', async () => {
    const names = Array.from({ length: 9 }, (_, n) => `n${n}`);
    for (const name of names.slice(0, 4)) await app.sendTask('note', [name]);
    const { id } = await app.sendTask('killer');
    for (const name of names.slice(4)) await app.sendTask('note', [name]);
    startWorking();
    await isEmpty('celery');
    const done = new Set(lines.filter(({ state }) => state === 'SUCCESS').map((line) => line.id));
    expect(done.size).toBe(9);
    expect(logged('state', 'id').filter(([state]) => state === 'KILLER')).toEqual([['KILLER', id]]);
    expect(await deadLetters()).toMatchObject([{ code: 'killer', task: 'killer', id, reason: expect.stringContaining('3 times') }]);
  });

  it('two killers among eight good ones are buried, quarantined or by SQS, and none of the eight is', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `n${n}`);
    const killers = [await app.sendTask('killer', [], { queue: 'strict' }), await app.sendTask('killer', [], { queue: 'strict' })];
    for (const name of names) await app.sendTask('note', [name], { queue: 'strict' });
    startWorking('strict');
    await isEmpty('strict');
    const done = new Set(lines.filter(({ state }) => state === 'SUCCESS').map((line) => line.id));
    expect(done.size).toBe(8);
    expect((await deadLetters()).map(({ id }) => id).sort()).toEqual(killers.map(({ id }) => id).sort());
  });

  it('a revoked task is not run, and its mates are', async () => {
    const revoked = await app.sendTask('note', ['never']);
    const { id } = await app.sendTask('note', ['fine']);
    await revoked.revoke();
    startWorking();
    await isEmpty('celery');
    expect(logged('id', 'state').sort()).toEqual([[revoked.id, 'REVOKED'], [id, 'SUCCESS']].sort()); // biome-ignore format: short
  });
});

describe('a FIFO group with a failure in the middle', () => {
  const send = async (task: string, name: string, messageGroupId: string) => {
    await app.sendTask(task, [name], { taskId: name, queue: 'orders.fifo', messageGroupId });
  };

  it.each([
    ['keeps its order where the retry is held', 'held_once', ['a1', 'a2', 'a3']],
    ['has the retry behind the others where it is sent again', 'fails_once', ['a1', 'a3', 'a2']],
  ])('%s', async (_how, middle, order) => {
    await send('note', 'a1', 'a');
    await send(middle, 'a2', 'a');
    await send('note', 'b1', 'b');
    await send('note', 'a3', 'a');
    startWorking('orders.fifo');
    await isEmpty('orders.fifo');
    const succeeded = lines.filter(({ state }) => state === 'SUCCESS').map(({ id }) => id);
    expect(succeeded.filter((id) => id !== 'b1')).toEqual(order);
    expect(succeeded).toContain('b1');
    expect(logged('id', 'state')).toContainEqual(['a2', 'RETRY']);
  });
});
