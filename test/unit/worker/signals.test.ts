import { describe, expect, it } from 'vitest';
import type { TaskDefaults } from '../../../src/app/options.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { Ignore, Reject } from '../../../src/errors.ts';
import { createTracedWorker } from '../../support/effects.ts';
import { accepted, createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker } from '../../support/worker.ts';

type Worker = ReturnType<typeof createTracedWorker>;

/** Hooks that note when they are called, and with what. */
const hooksOf = ({ note }: Worker): TaskDefaults => ({
  beforeStart: ({ id }) => note(`beforeStart ${typeof id}`),
  onSuccess: (result, { task }) => note(`onSuccess ${result} of ${task}`),
  onFailure: (error, { task }) => note(`onFailure ${(error as Error)?.message} of ${task}`),
  onRetry: (error, { task }) => note(`onRetry ${(error as Error)?.message} of ${task}`),
  afterReturn: (state, { task }) => note(`afterReturn ${state} of ${task}`),
});

async function traceOf(end: (note: Worker['note']) => unknown, worker = createTracedWorker({ settings: { taskTrackStarted: true } })) {
  const task = worker.app.task('job', { ...hooksOf(worker), bind: true, kwargs: false }, (self) => {
    worker.note('task body runs');
    const ended = end(worker.note);
    if (ended === 'retry') self.retry({ exc: new Error('busy') });
    return ended as string;
  });
  await task.delay();
  await worker.receive();
  return worker.trace;
}

const failing = (error: unknown) => (): never => {
  throw error;
};
const START = ['signal task_received', 'signal task_prerun', 'result stored: STARTED', 'beforeStart string', 'task body runs'];

describe('hooks and signals come in Celery’s order', () => {
  it.each<[string, (note: Worker['note']) => unknown, readonly string[]]>([
    ['for a success', () => 'done',
      ['result stored: SUCCESS', 'onSuccess done of job', 'signal task_success', 'afterReturn SUCCESS of job', 'signal task_postrun', 'SQS DeleteMessage']],
    ['for a failure', failing(new Error('x')),
      ['result stored: FAILURE', 'onFailure x of job', 'signal task_failure', 'afterReturn FAILURE of job', 'signal task_postrun', 'SQS DeleteMessage']],
    ['for a retry, which has not returned', () => 'retry',
      ['result stored: RETRY', 'SQS SendMessage {"task": "job", "retries": 1}', 'onRetry busy of job', 'signal task_retry', 'signal task_postrun', 'SQS DeleteMessage']],
    ['for one that is ignored', failing(new Ignore()), ['signal task_postrun', 'SQS DeleteMessage']],
    ['for one that is rejected', failing(new Reject()), ['result stored: FAILURE', 'signal task_failure', 'signal task_postrun', 'SQS DeleteMessage']],
    ['for one that is rejected and given back', failing(new Reject('no', { requeue: true })), ['signal task_postrun']],
  ])('%s', async (_name, end, after) => {
    expect(await traceOf(end)).toEqual([...START, ...after]);
  }); // biome-ignore format: a table
});

describe('what is given back for another end', () => {
  it('is not announced as a success that was not stored', async () => {
    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new Error('throttled')) };
    expect(await traceOf(() => 'done', createTracedWorker({ backend }))).toEqual([
      'signal task_received', 'signal task_prerun', 'beforeStart string', 'task body runs', 'signal task_postrun',
    ]); // biome-ignore format: one trace
  });

  it('is not announced as a failure that was not stored', async () => {
    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new Error('throttled')) };
    expect((await traceOf(failing(new Error('x')), createTracedWorker({ backend }))).slice(4)).toEqual(['signal task_postrun']);
  });

  it('is not announced as a retry that was not sent', async () => {
    const transport = createRecordingTransport((message, call) => (call === 1 ? accepted(message) : refused()));
    const trace = await traceOf(() => 'retry', createTracedWorker({ transport }));
    expect(trace.filter((effect) => /retry|Retry/.test(effect))).toEqual([]);
    expect(trace.at(-1)).toBe('signal task_postrun');
  });
});

describe('an expiry', () => {
  it('is looked at again right before the call, and what has begun is ended', async () => {
    const worker = createTracedWorker({ settings: { taskTrackStarted: true } });
    worker.app.on('taskPrerun', () => worker.clock.advance(20_000));
    const task = worker.app.task('late', () => worker.note('task body runs'));
    await task.applyAsync([], { expires: 10 });
    expect(await worker.receive()).toEqual({ do: 'ack' });
    expect(worker.trace).toEqual([
      'signal task_received', 'signal task_prerun', 'result stored: STARTED', 'result stored: REVOKED', 'signal task_revoked',
      'signal task_postrun', 'SQS DeleteMessage',
    ]); // biome-ignore format: one trace
    expect(worker.payloads.find(([name]) => name === 'taskRevoked')?.[1]).toMatchObject({ expired: true });
  });
});

describe('a watcher', () => {
  const SIGNALS = ['taskReceived', 'taskPrerun', 'taskPostrun', 'taskSuccess'] as const;

  it('that throws is logged and changes nothing, be it a hook or an observer', async () => {
    const worker = createTestWorker();
    const fail = failing(new Error('watcher'));
    for (const name of SIGNALS) worker.app.on(name, fail);
    const hooks: TaskDefaults = { beforeStart: fail, onSuccess: fail, afterReturn: () => Promise.reject('text') };
    const { id } = await worker.app.task('job', { ...hooks, bind: false, kwargs: false }, () => 'done').delay();
    expect(await worker.runLast()).toEqual({ do: 'ack' });
    expect(await worker.results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: 'done' });
    const errors = worker.logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors).toEqual([
      'observer of taskReceived failed', 'observer of taskPrerun failed', 'beforeStart of job failed', 'onSuccess of job failed',
      'observer of taskSuccess failed', 'afterReturn of job failed', 'observer of taskPostrun failed',
    ]); // biome-ignore format: one list
  });

  it('that steers, by Retry or Reject, steers nothing', async () => {
    const worker = createTestWorker();
    worker.app.on('taskPrerun', failing(new Reject('no', { requeue: true })));
    const { id } = await worker.app.task('job', { onFailure: failing(new Ignore()) }, failing(new Error('x'))).delay();
    expect(await worker.runLast()).toEqual({ do: 'ack' });
    expect((await worker.results.fetch(id))?.status).toBe('FAILURE');
  });

  it('that takes its time is waited for, so that nothing is left running', async () => {
    const worker = createTracedWorker();
    const slowly = (what: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      worker.note(what);
    };
    worker.app.on('taskPostrun', slowly('observed'));
    await worker.app.task('job', { beforeStart: slowly('prepared') }, () => worker.note('task body runs')).delay();
    await worker.receive();
    expect(worker.trace.indexOf('prepared')).toBeLessThan(worker.trace.indexOf('task body runs'));
    expect(worker.trace.slice(-3)).toEqual(['signal task_postrun', 'observed', 'SQS DeleteMessage']);
  });

  it('is told the request, and the end', async () => {
    const worker = createTracedWorker();
    const { id } = await worker.app.task('job', (n: number) => n + 1).delay(1);
    await worker.receive();
    const request = { id, task: 'job', args: [1], retries: 0, queue: 'celery' };
    expect(worker.payloads).toMatchObject([
      ['taskReceived', { request }],
      ['taskPrerun', { request }],
      ['taskSuccess', { request, result: 2 }],
      ['taskPostrun', { request, state: 'SUCCESS' }],
    ]);
  });

  it('is told of a message that cannot be run, and of a task nobody knows', async () => {
    const worker = createTracedWorker();
    worker.app.task('known', () => 1);
    await worker.deliverText('hello', { messageId: 'm' });
    await worker.app.sendTask('nobody');
    await worker.receive();
    expect(worker.payloads).toMatchObject([
      ['taskRejected', { messageId: 'm', queue: 'celery', code: 'not-json', reason: expect.any(String) }],
      ['taskUnknown', { request: { task: 'nobody' } }],
    ]);
  });

  it('is told of a revoked task that it has not expired', async () => {
    const { createMemoryLedger } = await import('../../../src/ledgers/memory.ts');
    const worker = createTracedWorker({ ledger: createMemoryLedger() });
    const { id } = await worker.app.task('job', () => 1).delay();
    await worker.app.control.revoke(id);
    await worker.receive();
    expect(worker.payloads).toMatchObject([['taskRevoked', { request: { id }, expired: false }]]);
  });
});

describe('the logger of a task', () => {
  it('puts task, id, retries and root on every line, and the line’s own fields over them', async () => {
    const { app, runLast, logger } = createTestWorker();
    const task = app.task('job', { bind: true }, (self) => {
      for (const level of ['debug', 'info', 'warn', 'error'] as const) self.logger[level]({ message: level, tenant: 'acme' });
      self.logger.info({ message: 'mine', id: 'own', rootId: 'other' });
    });
    const { id } = await task.applyAsync([], { retries: 2, rootId: 'root' });
    await runLast();
    const tags = { task: 'job', id, retries: 2, rootId: 'root' };
    expect(logger.lines.slice(0, 5)).toEqual([
      ...['debug', 'info', 'warn', 'error'].map((level) => ({ level, message: level, tenant: 'acme', ...tags })),
      { level: 'info', message: 'mine', ...tags, id: 'own', rootId: 'other' },
    ]);
  });
});
