/** The world of one life: AWS, Lambda with its mappings, those who publish, and the book that is kept of it all. */

import type { TaskContext } from '../../src/app/context.ts';
import { createDynamoDBBackend } from '../../src/backends/dynamodb.ts';
import { createS3Backend, type S3Client } from '../../src/backends/s3.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import { createS3LargeMessages } from '../../src/large-messages/s3.ts';
import { createDynamoDBLedger } from '../../src/ledgers/dynamodb.ts';
import type { InvokeResult } from '../../src/local/invocation.ts';
import { silentLogger } from '../../src/logger.ts';
import { createEventBridgeScheduler } from '../../src/schedulers/eventbridge.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { clientOf, createSimDynamoDB, createSimS3, createSimScheduler, createSimSqs, type Received, type SimClient } from './aws/index.ts';
import { Book, type Run } from './book.ts';
import { BUCKET, largeResult, MESSAGES, wholeOf } from './elsewhere.ts';
import type { Weather } from './faults.ts';
import { createHost } from './host.ts';
import type { Kernel } from './kernel.ts';
import { createLambda, type Lambda } from './lambda.ts';
import { createMapping, type Judgement, type Mapping } from './mapping.ts';
import { type Invocation, Process, type ProcessWorld } from './process.ts';
import { between, randomAt, streamOf } from './random.ts';
import { type AppOptions, createTasks, type Tasks } from './tasks.ts';

export const TABLE = 'celery';
export const WORKED = ['celery', 'orders.fifo'] as const;

/** What a world is made of; chance picks it for each life. */
export interface Climate {
  readonly timeoutMs: number;
  readonly concurrency: number;
  /** Records of a batch that a handler runs at a time. */
  readonly atOnce: number;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly maxReceiveCount: number;
  readonly duplicates: number;
  readonly reorder: boolean;
  readonly skewMs: number;
  readonly hasScheduler: boolean;
}

export interface WorldOptions {
  readonly kernel: Kernel;
  readonly weather: Weather;
  readonly seed: number;
  readonly climate: Climate;
  readonly app: AppOptions;
  readonly isIdempotent: boolean;
  /** Messages are signed, and what is large goes to S3. */
  readonly isSealed: boolean;
  /** Told of a promise that is broken. */
  miss(rule: string, what: string): void;
  /** Looks at what a mapping is about to delete. */
  judged(judgement: Judgement, book: Book, isScheduled: (taskId: string) => boolean): void;
  /** Looks at a run as it starts. */
  started(run: Run, self: TaskContext, process: Process): void;
}

export interface World {
  readonly book: Book;
  readonly lambda: Lambda;
  readonly scheduled: (taskId: string) => boolean;
  readonly sqs: ReturnType<typeof createSimSqs>;
  readonly dynamodb: ReturnType<typeof createSimDynamoDB>;
  readonly counts: ProcessWorld['counts'];
  /** A process that publishes; a new one when the last one died. */
  client(): Client;
  /** Nothing is queued, scheduled or under way any more. */
  isAtRest(): boolean;
  /** What comes by itself: receives, schedules. */
  kick(): void;
}

export interface Client {
  readonly process: Process;
  readonly tasks: Tasks;
  /** Of this name, which its chance hangs on. */
  invocation(name: string): Invocation;
  /** Sends text as it is, as anyone with the permission can. */
  sendRaw(queue: string, body: string): Promise<unknown>;
}

export function createWorld(options: WorldOptions): World {
  const { kernel, weather, climate } = options;
  const random = randomAt(options.seed, () => kernel.nowMs);
  const env = { now: () => kernel.nowMs, random };
  const counts: ProcessWorld['counts'] = { calls: 0, kills: 0, freezes: 0 };
  const book: Book = new Book({
    worked: WORKED,
    stays: options.isIdempotent,
    nowMs: () => kernel.nowMs,
    miss: options.miss,
    wholeOf: (body) => wholeOf(body, s3),
    largeResult: (sha256) => largeResult(sha256, s3),
    isWaiting: (name) => scheduler.schedules().some(({ state, body }) => state === 'waiting' && book.nameOf(body) === name),
  });
  const visibilitySeconds = (climate.timeoutMs * 6 + climate.windowMs) / 1000;
  const { maxReceiveCount, duplicates, reorder } = climate;
  const sqs = createSimSqs(env, {
    queues: [
      { name: 'celery', visibilitySeconds, maxReceiveCount, deadLetterQueue: 'celery-dead' },
      { name: 'orders.fifo', visibilitySeconds, maxReceiveCount: Math.max(10, maxReceiveCount), deadLetterQueue: 'orders-dead.fifo' },
      { name: 'celery-dead', visibilitySeconds },
      { name: 'orders-dead.fifo', visibilitySeconds },
      { name: 'quarantine', visibilitySeconds },
    ],
    duplicates,
    reorder,
    observe(event) {
      // By a worker, before its batch is answered for. What a mapping deletes is looked at when it has the answer.
      const { kind, message } = event;
      if (kind === 'deleted' && book.applying !== undefined)
        judged({ deleted: [message], returned: [], result: EARLY, invocation: undefined });
      book.onSqs(event);
    },
    failEntry(queue, body) {
      const { kind } = weather.fate(queue === 'quarantine' ? 'sqs.entry(quarantine)' : 'sqs.entry', book.nameOf(body), kernel.nowMs);
      return kind === undefined ? undefined : kind === 'refused' ? 'sender' : 'server';
    },
  });
  const dynamodb = createSimDynamoDB(env, {
    tables: [{ name: TABLE }],
    observe: (change) => book.onDynamoDB(change),
    leaveUndone: () => weather.fate('dynamodb.entry', '', kernel.nowMs).kind !== undefined,
  });
  const s3 = createSimS3(env, { buckets: [{ name: BUCKET }] });
  const scheduler = createSimScheduler(env, {
    groups: ['celeriac'],
    onFire: (target) => {
      kernel.note('scheduler', `fires ${target.name}`);
      const fifo = target.messageGroupId === undefined ? {} : { group: target.messageGroupId, dedupId: `${target.name}${kernel.nowMs}` };
      sqs.put(target.queue, { body: target.body, ...fifo });
    },
  });
  const queues = Object.fromEntries(['celery', 'orders.fifo', 'quarantine'].map((name) => [name, sqs.url(name)]));
  let numbers = 0;
  const invoked = new Map<string, number>();

  const processWorld: ProcessWorld = {
    kernel,
    weather,
    counts,
    nameOf: (body) => book.nameOf(body),
    apply(by, apply) {
      book.applying = by;
      book.onAsked(by);
      try {
        return apply();
      } finally {
        book.applying = undefined;
        kick();
      }
    },
  };
  const newInvocation = (process: Process, name: string): Invocation => {
    const again = (invoked.get(name) ?? 0) + 1;
    invoked.set(name, again);
    return {
      process,
      random: streamOf(options.seed, `${name} ${again}`),
      open: 0,
      disturbances: [],
      abandoned: false,
      endsMs: undefined,
      called: new Set(),
    };
  };

  const start = (kind: string): { process: Process; tasks: Tasks } => {
    const process = new Process(`${kind}-${++numbers}`, between(random, -climate.skewMs, climate.skewMs), processWorld);
    const { clock, request } = process;
    const tasks = createTasks(createHost({ kernel, book, process, started: options.started }), options.app);
    const sealed = options.isSealed && sealedBy(clientOf(s3, request));
    tasks.app.connect({
      clock,
      transport: createSqsTransport({ client: clientOf(sqs, request), queues, clock }),
      backend: createDynamoDBBackend({
        client: clientOf(dynamodb, request),
        table: TABLE,
        clock,
        ...(sealed && { largeResults: sealed.largeResults }),
      }),
      ...(sealed && { signing: SIGNING, largeMessages: sealed.largeMessages }),
      ledger: createDynamoDBLedger({ client: clientOf(dynamodb, request), tableName: TABLE }),
      ...(climate.hasScheduler && {
        scheduler: createEventBridgeScheduler({
          client: clientOf(scheduler, request),
          group: 'celeriac',
          roleArn: 'arn:aws:iam::000000000000:role/celeriac-schedule',
          queues: { celery: sqs.arn('celery') },
        }),
      }),
    });
    return { process, tasks };
  };

  const scheduled = (taskId: string): boolean => scheduler.schedules().some(({ body }) => book.read(body)?.headers.id === taskId);
  const nameOf = (records: readonly Received[]): string => records.map(({ body }) => book.nameOf(body)).join(' ');
  const lambda = createLambda({
    kernel,
    random,
    timeoutMs: climate.timeoutMs,
    newInvocation,
    nameOf,
    start() {
      const { process, tasks } = start('sandbox');
      return { process, handler: createHandler(tasks.app, { logger: silentLogger, concurrency: climate.atOnce }) };
    },
    answered(invocation) {
      if (invocation.open > 0 && !invocation.process.wasFrozen) {
        options.miss('nothing left running', `${invocation.process.name} answered with ${invocation.open} requests under way`);
      }
    },
  });
  const judged = (judgement: Judgement): void => options.judged(judgement, book, scheduled);
  const mappings: readonly Mapping[] = WORKED.map((queue) =>
    createMapping({
      queue,
      kernel,
      random,
      weather,
      sqs,
      lambda,
      judged,
      nameOf,
      ...climate,
      windowMs: queue.endsWith('.fifo') ? 0 : climate.windowMs,
    }),
  );

  let wokenForMs = Number.POSITIVE_INFINITY;
  const kick = (): void => {
    for (const mapping of mappings) mapping.kick();
    const nextMs = scheduler.nextEventMs();
    if (nextMs === undefined || (wokenForMs <= nextMs && wokenForMs > kernel.nowMs)) return;
    wokenForMs = nextMs;
    kernel.after(nextMs - kernel.nowMs, () => {
      scheduler.fireDue();
      kick();
    });
  };

  let current: Client | undefined;
  return {
    book,
    lambda,
    scheduled,
    sqs,
    dynamodb,
    counts,
    kick,
    client() {
      if (current !== undefined && current.process.state !== 'dead') return current;
      const { process, tasks } = start('client');
      process.onFrozen = () => void kernel.after(between(random, 1000, 600_000), () => process.thaw());
      const raw = clientOf(sqs, process.request);
      current = {
        process,
        tasks,
        invocation: (name) => newInvocation(process, name),
        sendRaw: (queue, body) => raw.send(new SendMessageBatchCommand(queue, sqs.url(queue), body)),
      };
      return current;
    },
    isAtRest: () =>
      lambda.isIdle &&
      mappings.every(({ isIdle }) => isIdle) &&
      scheduler.schedules().length === 0 &&
      WORKED.every((queue) => sqs.visible(queue) === 0 && sqs.nextEventMs(queue) === undefined),
  };
}

const EARLY: InvokeResult = { ok: true, payload: 'null' };

const SIGNING = { keys: { first: 'a key of the simulation, of thirty-two bytes and more' }, current: 'first' };
/** Bytes: the smallest messages are smaller. */
const LARGE_MESSAGE = 2500;

function sealedBy(client: SimClient) {
  const bucket = BUCKET;
  return {
    largeMessages: createS3LargeMessages({ client: client as S3Client, bucket, prefix: MESSAGES, thresholdBytes: LARGE_MESSAGE }),
    largeResults: createS3Backend({ client: client as S3Client, bucket }),
  };
}

/** As the SDK's commands look. */
class SendMessageBatchCommand {
  readonly input: object;
  constructor(queue: string, url: string, body: string) {
    const fifo = queue.endsWith('.fifo') && { MessageGroupId: 'raw', MessageDeduplicationId: body.slice(0, 64) };
    this.input = { QueueUrl: url, Entries: [{ Id: '0', MessageBody: body, ...fifo }] };
  }
}
