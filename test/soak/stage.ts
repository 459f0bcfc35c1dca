/** What a soak runs on: SQS and the event source mapping here, workers and their ledger in processes of their own. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventSourceMapping, type MappingEvent, startLambda, startLocalSqs } from '../../src/local/index.ts';
import { createSqsCalls, type SqsCalls } from '../../src/local/sqs-calls.ts';
import { buildWorker } from '../support/lambda-bundle.ts';
import type { LedgerAnswer } from './ledger.ts';

const ROOT = join(import.meta.dirname, '../..');
const QUEUE = 'celery';
const DEAD_LETTER_QUEUE = 'dead';
/** Longer than a batch of good tasks takes, and its worker's start. */
const VISIBILITY_SECONDS = 3;
/** How long the claim of a worker that was killed is held. */
const TIMEOUT_MS = 2500;
/** As in the template. */
const MAX_RECEIVES = 5;
const ENVIRONMENTS = 5;

export interface Stage {
  readonly calls: SqsCalls;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  /** Process ids of the workers that may still live. */
  readonly workers: ReadonlySet<number>;
  coldStarts(): number;
  askLedger(): Promise<LedgerAnswer>;
  /** Times that each good task was run, by number. */
  runs(): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}

export async function openStage(observe: (event: MappingEvent) => void, complain: (text: string) => void): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'celeriac-soak-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const runsFile = join(dir, 'runs.txt');
    await Promise.all([writeFile(runsFile, ''), buildWorker('test/soak/worker.ts', dir)]);
    const ledger = fork(join(ROOT, 'test/soak/ledger.ts'), { stdio: 'inherit' });
    closers.push(async () => void ledger.kill());
    const [{ url }] = (await once(ledger, 'message')) as [{ url: string }];
    const sqs = await startLocalSqs({
      queues: [
        { name: DEAD_LETTER_QUEUE, visibilityTimeoutSeconds: 60 },
        {
          name: QUEUE,
          visibilityTimeoutSeconds: VISIBILITY_SECONDS,
          redrive: { deadLetterQueue: DEAD_LETTER_QUEUE, maxReceiveCount: MAX_RECEIVES },
        },
      ],
    });
    closers.push(sqs.close);
    const workers = new Set<number>();
    const lambda = await startLambda({
      bundleDir: dir,
      handler: 'worker.handler',
      runtime: 'invoker',
      timeoutMs: TIMEOUT_MS,
      memoryMb: 256,
      env: { SQS_ENDPOINT: sqs.endpoint, DEAD_LETTER_QUEUE, LEDGER_URL: url, RUNS_FILE: runsFile },
      onLog: ({ source, text }) => {
        if (source === 'platform') return;
        const told = toldIn(text);
        if (told?.message === 'started') workers.add(told.pid);
        else if (told?.message === 'acknowledged') observe({ kind: 'deleted', messageId: told.messageId });
        else complain(text);
      },
    });
    closers.push(lambda.close);
    const mapping = createEventSourceMapping({
      sqs,
      queue: QUEUE,
      maximumConcurrency: ENVIRONMENTS,
      functionResponseType: 'ReportBatchItemFailures',
      invoke: lambda.invoke,
      observe,
    });
    closers.push(mapping.close);
    return {
      calls: createSqsCalls(sqs),
      queueUrl: sqs.queueUrl(QUEUE),
      deadLetterUrl: sqs.queueUrl(DEAD_LETTER_QUEUE),
      workers,
      coldStarts: lambda.coldStarts,
      askLedger: () => ask(ledger),
      runs: async () => countLines(await readFile(runsFile, 'utf8')),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function ask(ledger: ChildProcess): Promise<LedgerAnswer> {
  ledger.send('?');
  const [answer] = (await once(ledger, 'message')) as [LedgerAnswer];
  return answer;
}

type Told = { readonly message: 'started'; readonly pid: number } | { readonly message: 'acknowledged'; readonly messageId: string };

function toldIn(text: string): Told | undefined {
  return text.startsWith('{"message":"started"') || text.startsWith('{"message":"acknowledged"') ? (JSON.parse(text) as Told) : undefined;
}

function countLines(text: string): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const line of text.split('\n').slice(0, -1)) counts.set(Number(line), (counts.get(Number(line)) ?? 0) + 1);
  return counts;
}
