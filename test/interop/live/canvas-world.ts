/** Everything a canvas case works with: a loopback SQS, Python's worker and ours on a queue each, a client on either side, one backend for all. */

import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';
import { createRedisBackend } from '../../../src/backends/redis.ts';
import { type App, createApp, type Logger, type LogLine, RemoteError, type ResultBackend } from '../../../src/index.ts';
import { createHandler, type SqsEvent } from '../../../src/lambda/index.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { createEventSourceMapping, startLocalSqs } from '../../../src/local/index.ts';
import { createPoller } from '../../../src/poller/index.ts';
import { createSqsTransport, type SqsTransport } from '../../../src/transports/sqs/index.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { startDynamoDB } from '../../support/dynamodb.ts';
import { startRedis } from '../../support/redis.ts';
import { type Fleet, fleetOf, type Journal, registerCanvasTasks, type Side } from './canvas-tasks.ts';
import { eventually } from './case.ts';
import { startPeer, startWorker } from './python.ts';

/** What `get` came to, on either side. Ids in the text of an error are `<id>`; on DynamoDB that of a ChordError names no part. */
export type Outcome = readonly ['value', unknown] | readonly ['error', type: string, text: string];

export interface CanvasWorld {
  readonly store: Store;
  readonly app: App;
  readonly journal: Journal;
  fleet(...sides: readonly Side[]): Fleet;
  /** Calls a function of canvas_peer.py. */
  python<T>(name: string, ...args: readonly unknown[]): Promise<T>;
  /** Has Python build a canvas of these sides' tasks, called `t` in the expression, and send it. */
  pythonSends(canvas: string, ...sides: readonly Side[]): Promise<ResultTuple>;
  /** What it comes to, read here and by Python. @throws Error when the two are not the same */
  outcome(sent: ResultTuple): Promise<Outcome>;
  /** Waits for a task to end and for what its worker does then; gives its state. */
  ended(taskId: string): Promise<string>;
  /** Sends a task that lies in the queue `held`, which nobody reads, on to where it is run: so many copies, and the same again if asked again. */
  release(taskId: string, side: Side, copies?: number): Promise<void>;
  /** Waits until no queue holds anything. */
  drained(): Promise<void>;
  logs(): Promise<string>;
  close(): Promise<void>;
}

export type Store = 'redis' | 'dynamodb';

interface Shared {
  /** As Celery spells it. */
  readonly url: string;
  readonly backend: ResultBackend;
  stop(): Promise<void>;
}

const QUEUES = ['ts', 'py', 'held'];
const TASK_ROUTES = { 'ts.*': 'ts', 'py.*': 'py' };
/** A part is counted after its result is stored. */
const COUNTING_MS = 200;
const READY: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

/** With Redis our worker is a poller, with DynamoDB a handler behind an event source mapping. */
export async function createCanvasWorld(python: string, store: Store): Promise<CanvasWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-canvas-'));
  const [sqs, shared] = await Promise.all([startLocalSqs({ queues: QUEUES.map((name) => ({ name })) }), share(store)]);
  const files = { seen: join(folder, 'seen'), log: join(folder, 'python.log') };
  await writeFile(files.seen, '');
  const options = { python, sqs: new URL(sqs.endpoint).host, results: shared.url, ...files };
  const peer = startPeer(options, 'canvas_peer.py');
  const pythons = startWorker(options, 'canvas_tasks', ['py']);
  const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
  const lines: LogLine[] = [];
  const logger = loggerInto(lines);
  const { backend } = shared;
  const app = createApp('canvas', {
    taskDefaultQueue: 'ts',
    taskRoutes: TASK_ROUTES,
    transport,
    backend,
    ledger: createMemoryLedger(),
    logger,
  });
  const journal = journalIn(files.seen);
  registerCanvasTasks(app, journal);
  const stopOurs = store === 'redis' ? startPolling(app) : startMapping(app, sqs);
  const call = <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
    peer.value<T>(`${name}(*json.loads(${JSON.stringify(JSON.stringify(args))}))`);

  return {
    store,
    app,
    journal,
    fleet: (...sides) => fleetOf(app, sides),
    python: call,
    pythonSends: (canvas, ...sides) => call('run', canvas, ...sides),
    async outcome(sent) {
      const [ours, pythons] = await Promise.all([outcomeHere(app, sent), call<Outcome>('read', sent)]);
      return agreed(comparable(ours, store), comparable(pythons, store));
    },
    async ended(taskId) {
      const status = await eventually(`the end of ${taskId}`, async () => {
        const found = (await backend.fetch(taskId))?.status ?? 'PENDING';
        return READY.has(found) ? found : undefined;
      });
      await pause(COUNTING_MS);
      return status;
    },
    release: createRelease(transport),
    async drained() {
      for (const queue of QUEUES)
        await eventually(`an empty queue ${queue}`, async () => {
          const { ready, delayed, inFlight } = await sqs.depth(queue);
          return ready + delayed + inFlight === 0 ? true : undefined;
        });
    },
    async logs() {
      const pythons = (await readFile(files.log, 'utf8').catch(() => '')).split('\n');
      const ours = lines.filter(({ state }) => state !== 'SUCCESS').map((line) => JSON.stringify(line));
      return [...pythons.slice(-40), ...ours.slice(-20)].join('\n');
    },
    async close() {
      await Promise.all([stopOurs(), peer.close(), pythons.close()]);
      await Promise.all([transport.close(), backend.close?.()]);
      await Promise.all([shared.stop(), sqs.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

async function share(store: Store): Promise<Shared> {
  if (store === 'redis') {
    const { url, stop } = await startRedis();
    return { url, backend: createRedisBackend({ url }), stop };
  }
  const { connection, tableName, stop } = await startDynamoDB();
  const url = `dynamodb://@${new URL(connection.endpoint).host}/${tableName}`;
  return { url, backend: createDynamoDBBackend({ table: tableName, ...connection }), stop };
}

function startPolling(app: App): () => Promise<void> {
  const poller = createPoller(app, { queues: ['ts'], waitSeconds: 1, giveBackSeconds: 1, signals: [] });
  const over = poller.run();
  return async () => {
    await poller.stop();
    await over;
  };
}

/** As Lambda runs it: events and answers go through JSON. */
function startMapping(app: App, sqs: Parameters<typeof createEventSourceMapping>[0]['sqs']): () => Promise<void> {
  const handler = createHandler(app);
  const mapping = createEventSourceMapping({
    sqs,
    queue: 'ts',
    functionResponseType: 'ReportBatchItemFailures',
    async invoke(event) {
      const answer = await handler(JSON.parse(JSON.stringify(event)) as SqsEvent, { getRemainingTimeInMillis: () => 30_000 });
      return { ok: true, payload: JSON.stringify(answer) };
    },
  });
  return () => mapping.close();
}

function loggerInto(lines: LogLine[]): Logger {
  const keep = (line: LogLine): void => void lines.push(line);
  return { debug: keep, info: keep, warn: keep, error: keep };
}

function journalIn(file: string): Journal {
  return {
    tell: (...line) => appendFile(file, `${JSON.stringify(line)}\n`),
    // Python writes a space after commas.
    told: async (...line) => {
      const wanted = JSON.stringify(line);
      const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      return lines.filter((text) => JSON.stringify(JSON.parse(text)) === wanted).length;
    },
  };
}

async function outcomeHere(app: App, sent: ResultTuple): Promise<Outcome> {
  try {
    return ['value', await (await app.resultFromTuple(sent)).get({ timeout: 20, interval: 0.05 })];
  } catch (error) {
    if (error instanceof RemoteError) return ['error', error.excType, error.excArgs.join(', ')];
    return ['error', 'not remote', String(error)];
  }
}

/** Without ids. On DynamoDB Celery says what a chord failed of, and not in which part. */
export function comparable(outcome: Outcome, store: Store): Outcome {
  if (outcome[0] === 'value') return outcome;
  const text = outcome[2].replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
  return ['error', outcome[1], store === 'dynamodb' ? text.replace(/^Dependency <id> raised /, '') : text];
}

function agreed(ours: Outcome, pythons: Outcome): Outcome {
  if (JSON.stringify(ours) === JSON.stringify(pythons)) return ours;
  throw new Error(`we read ${JSON.stringify(ours)}, Python ${JSON.stringify(pythons)}`);
}

function createRelease(transport: SqsTransport): CanvasWorld['release'] {
  const held = new Map<string, string>();
  const fetch = async (): Promise<void> => {
    for (const delivery of await transport.inbox.receive('held')) {
      held.set(String(openEnvelope(delivery.body).headers['id']), delivery.body);
      await transport.inbox.done(delivery);
    }
  };
  return async (taskId, side, copies = 1) => {
    const body = await eventually(`${taskId} in the queue held`, async () => {
      if (!held.has(taskId)) await fetch();
      return held.get(taskId);
    });
    const batch = Array.from({ length: copies }, () => ({ id: crypto.randomUUID(), queue: side, body }));
    for (const receipt of await transport.send(batch)) if (!receipt.ok) throw receipt.error;
  };
}
