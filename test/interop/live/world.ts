/** Everything a case works with: the loopback SQS, both Python processes, our app and its handler, the files both sides store results in. */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp, type Logger, type LogLine, type ResultBackend, type Settings } from '../../../src/index.ts';
import { createHandler, type SqsEvent } from '../../../src/lambda/index.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import {
  createEventSourceMapping,
  type EventSourceMapping,
  type InvokeResult,
  type LocalSqs,
  startLocalSqs,
} from '../../../src/local/index.ts';
import { createSqsTransport, type SqsTransport } from '../../../src/transports/sqs/index.ts';
import type { ResultDocument } from '../../../src/wire/result.ts';
import { eventually } from './case.ts';
import { createFileBackend } from './file-backend.ts';
import { createGraveyard, type Graveyard } from './graveyard.ts';
import { type Peer, type PythonOptions, startPeer, startWorker } from './python.ts';
import { type Run, type Runs, registerTasks } from './tasks.ts';

/** How a message looked to its task in Python: what tasks.py records. */
export interface Seen {
  readonly id: string;
  /** Python's repr of args and kwargs. */
  readonly repr: readonly [args: string, kwargs: string];
  readonly at: number;
  readonly [field: string]: unknown;
}

export interface World {
  readonly sqs: LocalSqs;
  readonly python: Peer;
  readonly app: App;
  readonly dead: Graveyard;
  /** All runs of our tasks so far. */
  readonly runs: Runs;
  /** Folder for what a section needs besides. */
  readonly folder: string;
  /** One more app of ours, sending and reading like `app` but set up otherwise. */
  otherApp(settings: Partial<Settings>): App;
  /** Waits until the task ran here. */
  ran(taskId: string): Promise<Run>;
  /** Waits until a result document is there that satisfies `wanted`; default: that its state is ready. */
  stored(taskId: string, wanted?: (document: ResultDocument) => boolean): Promise<ResultDocument>;
  /** What Python's tasks recorded so far. */
  allSeen(): Promise<readonly Seen[]>;
  /** Waits until a run in Python satisfies `wanted`. */
  seen(what: string, wanted: (seen: Seen) => boolean): Promise<Seen>;
  /** Waits until the queue holds nothing at all. */
  drained(queue: string): Promise<void>;
  /** What Python and our handler wrote last. */
  logs(): Promise<string>;
  close(): Promise<void>;
}

const QUEUES = [
  { name: 'dead' },
  { name: 'ts' },
  { name: 'ts-shaky', visibilityTimeoutSeconds: 1, redrive: { deadLetterQueue: 'dead', maxReceiveCount: 2 } },
  { name: 'ts.fifo' },
  { name: 'py' },
  { name: 'py.fifo' },
  { name: 'celery' },
];
const SETTINGS = { taskDefaultQueue: 'ts', taskRoutes: { 'py.*': 'py' }, deadLetterQueue: 'dead', resultExtended: true };

export async function createWorld(python: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-interop-'));
  const results = join(folder, 'results');
  await mkdir(results);
  const sqs = await startLocalSqs({ queues: QUEUES });
  const options: PythonOptions = {
    python,
    sqs: new URL(sqs.endpoint).host,
    results: `file://${results}`,
    seen: join(folder, 'seen'),
    log: join(folder, 'python.log'),
  };
  const peer = startPeer(options);
  const worker = startWorker(options, 'tasks', ['py', 'py.fifo']);
  const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
  const backend = createFileBackend(results);
  const app = createApp('interop', { ...SETTINGS, transport, backend, ledger: createMemoryLedger() });
  const runs = registerTasks(app);
  const lines: LogLine[] = [];
  const mappings = ['ts', 'ts-shaky', 'ts.fifo'].map((queue) => startMapping(sqs, queue, app, lines));
  const allSeen = () => readSeen(options.seen);

  return {
    sqs,
    python: peer,
    app,
    dead: createGraveyard(transport, 'dead'),
    runs,
    folder,
    otherApp: (settings) => createApp('interop-other', { ...SETTINGS, ...settings, transport, backend }),
    ran: (taskId) => eventually(`a run of ${taskId} here`, () => runs.get(taskId)?.[0]),
    stored: (taskId, wanted) => waitForDocument(backend, taskId, wanted),
    allSeen,
    seen: (what, wanted) => eventually(`${what} in Python`, async () => (await allSeen()).find(wanted)),
    drained: (queue) => waitUntilEmpty(sqs, queue),
    logs: async () => [await tail(options.log), ...lines.slice(-20).map((line) => JSON.stringify(line))].join('\n'),
    close: () => closeAll({ mappings, worker, peer, transport, sqs, folder }),
  };
}

/** The handler as Lambda runs it: events and answers go through JSON. */
function startMapping(sqs: LocalSqs, queue: string, app: App, lines: LogLine[]): EventSourceMapping {
  const keep = (line: LogLine): void => {
    lines.push(line);
  };
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const handler = createHandler(app, { logger });
  const invoke = async (event: object): Promise<InvokeResult> => {
    const answer = await handler(JSON.parse(JSON.stringify(event)) as SqsEvent, { getRemainingTimeInMillis: () => 30_000 });
    return { ok: true, payload: JSON.stringify(answer) };
  };
  return createEventSourceMapping({ sqs, queue, functionResponseType: 'ReportBatchItemFailures', invoke });
}

const READY = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

function waitForDocument(
  backend: ResultBackend,
  taskId: string,
  wanted: (document: ResultDocument) => boolean = ({ status }) => READY.has(status),
): Promise<ResultDocument> {
  return eventually(`a result document of ${taskId}`, async () => {
    const document = await backend.fetch(taskId);
    return document !== undefined && wanted(document) ? document : undefined;
  });
}

/** Whole lines alone: the last may be in the making. */
async function readSeen(file: string): Promise<readonly Seen[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Seen);
}

async function waitUntilEmpty(sqs: LocalSqs, queue: string): Promise<void> {
  let found = {};
  await eventually(`an empty queue ${queue}`, async () => {
    const depth = await sqs.depth(queue);
    found = depth;
    return depth.ready + depth.delayed + depth.inFlight === 0 ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it holds ${JSON.stringify(found)}`);
  });
}

const tail = async (file: string): Promise<string> => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-40).join('\n');

interface Closing {
  readonly mappings: readonly EventSourceMapping[];
  readonly worker: { close(): Promise<void> };
  readonly peer: Peer;
  readonly transport: SqsTransport;
  readonly sqs: LocalSqs;
  readonly folder: string;
}

async function closeAll({ mappings, worker, peer, transport, sqs, folder }: Closing): Promise<void> {
  await Promise.all([...mappings, worker, peer].map((part) => part.close()));
  await transport.close();
  await sqs.close();
  await rm(folder, { recursive: true, force: true });
}
