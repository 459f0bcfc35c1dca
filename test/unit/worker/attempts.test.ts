import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { BackendGetError, BackendStoreError } from '../../../src/errors.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../../src/testing/events.ts';
import { NOON } from '../../support/fake-clock.ts';
import { createRecordingLogger, createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker, toDelivery } from '../../support/worker.ts';

const ACK = { do: 'ack' };
const REQUEUE = { do: 'requeue' };
const FOR_EVER = NOON + 1e12;

/** Starts that never ended, as a killed worker leaves them. */
async function killed(ledger: Ledger, taskId: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await ledger.begin({ taskId, token: `${taskId}-${n}`, expiresMs: FOR_EVER });
}

const unfinished = async (ledger: Ledger, taskId: string): Promise<number> =>
  (await ledger.begin({ taskId, token: `look-${Math.random()}`, expiresMs: FOR_EVER })).unfinished;

function createCounted(
  ledger: Ledger = createMemoryLedger(),
  deadLetterQueue: string | null = 'dead',
  transport = createRecordingTransport(),
) {
  const worker = createTestWorker({ ledger, transport, settings: { deadLetterQueue } });
  let runs = 0;
  const task = worker.app.task('count', (end: string) => {
    runs += 1;
    if (end === 'fail') throw new Error('x');
    return runs;
  });
  return { ...worker, ledger, task, runs: () => runs };
}

describe('an attempt', () => {
  it.each(['ok', 'fail'])('that ends by itself leaves nothing behind: %s', async (end) => {
    const { task, runLast, ledger } = createCounted();
    const { id } = await task.delay(end);
    expect(await runLast()).toEqual(ACK);
    expect(await unfinished(ledger, id)).toBe(0);
  });

  it('is noted while it runs, and remembered for 14 days', async () => {
    const kept = createMemoryLedger();
    const begun: Parameters<Ledger['begin']>[0][] = [];
    const begin: Ledger['begin'] = (attempt) => {
      begun.push(attempt);
      return kept.begin(attempt);
    };
    const ledger: Ledger = { ...kept, begin };
    const { task, runLast } = createCounted(ledger);
    const { id } = await task.delay('ok');
    await runLast();
    await runLast();
    expect(begun).toMatchObject([{ taskId: id, expiresMs: NOON + 14 * 86_400_000 }, { taskId: id }]);
    expect(new Set(begun.map(({ token }) => token)).size).toBe(2);
  });

  it('that ends takes the unfinished ones before it along', async () => {
    const { task, runLast, ledger } = createCounted();
    const { id } = await task.delay('ok');
    await killed(ledger, id, 2);
    expect(await runLast()).toEqual(ACK);
    expect(await unfinished(ledger, id)).toBe(0);
  });

  it('that is left for lack of time once its start is noted takes none before it along', async () => {
    const kept = createMemoryLedger();
    let pass = async (): Promise<void> => {};
    const ledger: Ledger = {
      ...kept,
      async begin(attempt) {
        const answer = await kept.begin(attempt);
        await pass();
        return answer;
      },
    };
    const { task, runLast, clock, runs, logger } = createCounted(ledger);
    const { id } = await task.delay('ok');
    await killed(kept, id, 2);
    pass = () => clock.advance(59_500);
    expect(await runLast({ deadline: { atMs: NOON + 60_000, budgetMs: 60_000, atEnd: [] } })).toEqual(REQUEUE);
    expect(runs()).toBe(0);
    expect(logger.lines.at(-1)).toMatchObject({ state: 'NOT_STARTED' });
    expect(await unfinished(kept, id)).toBeGreaterThanOrEqual(2);
  });

  it('that is left so again and again makes no killer of a task that never ran', async () => {
    const kept = createMemoryLedger();
    const { task, deliver, clock, runs, transport } = createCounted({
      ...kept,
      async begin(attempt) {
        const answer = await kept.begin(attempt);
        await clock.advance(59_500);
        return answer;
      },
    });
    await task.delay('ok');
    for (let receiveCount = 1; receiveCount < 6; receiveCount++) {
      const deadline = { atMs: clock.now() + 60_000, budgetMs: 60_000, atEnd: [] };
      expect(await deliver({ ...toDelivery(transport.sent[0]!), receiveCount, deadline })).toEqual(REQUEUE);
    }
    expect(runs()).toBe(0);
  });

  it('is no attempt where the message is only sent on, expired or without time', async () => {
    const begin = (): never => expect.fail('an attempt was noted');
    const { task, clock, runLast } = createCounted({ ...createMemoryLedger(), begin });
    await task.applyAsync(['ok'], { countdown: 100 });
    expect(await runLast()).toEqual(ACK);
    await task.applyAsync(['ok'], { expires: 1 });
    await clock.advance(2000);
    expect(await runLast()).toEqual(ACK);
    await task.delay('ok');
    expect(await runLast({ deadline: { atMs: 0, budgetMs: 1, atEnd: [] } })).toEqual(REQUEUE);
  });

  it('gives the message back unrun when its start cannot be noted', async () => {
    const begin = () => Promise.reject(new BackendStoreError('throttled'));
    const { task, runLast, runs, logger } = createCounted({ ...createMemoryLedger(), begin });
    await task.delay('ok');
    expect(await runLast()).toEqual(REQUEUE);
    expect(runs()).toBe(0);
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'message given back', error: { name: 'BackendStoreError' } }]);
  });

  it('whose end cannot be noted is acknowledged all the same', async () => {
    const finish = () => Promise.reject(new BackendStoreError('throttled'));
    const { task, runLast, logger } = createCounted({ ...createMemoryLedger(), finish });
    await task.delay('ok');
    expect(await runLast()).toEqual(ACK);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', message: 'end of attempt not noted' });
  });

  it('has ended even where settling it goes wrong', async () => {
    const ledger = createMemoryLedger();
    const backend = createMemoryBackend();
    const worker = createTestWorker({ ledger, backend: { ...backend, store: () => Promise.reject(new BackendStoreError('no')) } });
    const { id } = await worker.app.task('one', () => 1).delay();
    expect(await worker.runLast()).toEqual(REQUEUE);
    expect(await unfinished(ledger, id)).toBe(0);
  });

  it('that is overtaken does not end the one that overtook it', async () => {
    const { app, runLast, ledger } = createCounted();
    const done: (() => void)[] = [];
    const task = app.task('slow', () => new Promise<void>((resolve) => void done.push(resolve)));
    const { id } = await task.delay();
    const first = runLast();
    await expect.poll(() => done.length).toBe(1);
    const second = runLast({ receiveCount: 2 });
    await expect.poll(() => done.length).toBe(2);
    done[0]!();
    await first;
    expect(await unfinished(ledger, id)).toBe(1);
    done[1]!();
    await second;
  });
});

describe('a killer', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 0],
    [4, 0],
  ])('after %d starts that never ended is run %d more times', async (times, expected) => {
    const { task, runLast, runs, ledger } = createCounted();
    const { id } = await task.delay('ok');
    await killed(ledger, id, times);
    await runLast({ receiveCount: times + 1 });
    expect(runs()).toBe(expected);
  });

  it('is quarantined with code, reason, task and id, and stays one; sent back it starts with a clean sheet', async () => {
    const { task, runLast, runs, deliver, ledger, transport, logger } = createCounted();
    const { id } = await task.delay('ok');
    await killed(ledger, id, 3);
    expect(await runLast({ receiveCount: 4 })).toMatchObject({ do: 'quarantine', code: 'killer', buried: true });
    expect(transport.sent[1]).toMatchObject({
      queue: 'dead',
      body: transport.sent[0]?.body,
      attributes: {
        'celeriac.code': { value: 'killer' },
        'celeriac.reason': { value: expect.stringContaining('started 3 times and never ended') },
        'celeriac.id': { value: id },
        'celeriac.task': { value: 'count' },
      },
    });
    expect(logger.lines[0]).toMatchObject({ state: 'KILLER', acknowledged: true });
    const body = toDelivery(transport.sent[0]!);
    expect(await deliver({ ...body, receiveCount: 5 })).toMatchObject({ do: 'quarantine', code: 'killer' });
    expect(runs()).toBe(0);
    expect(await deliver({ ...body, attributes: { 'celeriac.redriven': { type: 'String', value: 'letter' } } })).toEqual(ACK);
    expect(runs()).toBe(1);
  });

  it.each([
    ['there is no dead-letter queue', null, undefined],
    ['it cannot be sent there', 'dead', refused],
  ])('is given back unrun, and stays one, where %s', async (_why, deadLetterQueue, answer) => {
    let sends = 0;
    const transport = createRecordingTransport((message) => (sends++ > 0 && answer ? answer() : { ok: true, messageId: message.id }));
    const { task, deliver, runs, ledger } = createCounted(createMemoryLedger(), deadLetterQueue, transport);
    const { id } = await task.delay('ok');
    await killed(ledger, id, 3);
    const body = toDelivery(transport.sent[0]!);
    for (const receiveCount of [4, 5]) expect(await deliver({ ...body, receiveCount })).toMatchObject({ do: 'quarantine', buried: false });
    expect(runs()).toBe(0);
    expect(await unfinished(ledger, id)).toBeGreaterThanOrEqual(3);
  });

  it('does not take its batch-mates along: what was started and never ended runs after the others and alone', async () => {
    const transport = createRecordingTransport();
    const ledger = createMemoryLedger();
    const app = createApp('shop').connect({ transport, ledger, logger: createRecordingLogger() });
    let running = 0;
    const order: string[] = [];
    const task = app.task('note', async (name: string) => {
      running += 1;
      order.push(`${name} beside ${running - 1}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
    });
    const record = async (name: string, receiveCount: number, starts: number) => {
      const { id } = await task.delay(name);
      await killed(ledger, id, starts);
      return createSqsRecord(transport.sent.at(-1)!.body, { messageId: name, receiveCount });
    };
    const event = createSqsEvent([
      await record('suspect', 3, 2),
      await record('new', 1, 0),
      await record('less suspect', 3, 1),
      await record('came back', 3, 0),
    ]);
    expect(await createHandler(app)(event, createLambdaContext())).toEqual({ batchItemFailures: [] });
    expect(order).toEqual(['new beside 0', 'came back beside 1', 'less suspect beside 0', 'suspect beside 0']);
  });
});

describe('a revoked task', () => {
  it('is not run: REVOKED is stored, and the message acknowledged', async () => {
    const { app, task, runLast, runs, results } = createCounted();
    const sent = await task.delay('ok');
    await app.control.revoke(sent.id);
    expect(await runLast()).toEqual(ACK);
    expect(runs()).toBe(0);
    expect(await results.fetch(sent.id)).toMatchObject({
      status: 'REVOKED',
      result: { exc_type: 'TaskRevokedError', exc_message: ['revoked'], exc_module: 'celery.exceptions' },
      traceback: null,
    });
  });

  it('is revoked by its own handle as well', async () => {
    const { task, runLast, runs } = createCounted();
    const sent = await task.delay('ok');
    await sent.revoke();
    await runLast();
    expect(runs()).toBe(0);
  });

  it('is not sent on to wait, and not retried', async () => {
    const { app, task, runLast, transport } = createCounted();
    const { id } = await task.applyAsync(['ok'], { countdown: 100 });
    await app.control.revoke([id]);
    expect(await runLast()).toEqual(ACK);
    expect(transport.sent).toHaveLength(1);
  });

  it.each([
    [{ tenant: 'acme' }, 0],
    [{ tenant: ['ajax', 'acme'] }, 0],
    [{ tenant: 'ajax' }, 1],
    [{ other: 'acme' }, 1],
  ])('by a stamp is refused where it carries it: %j runs %d times', async (stamps, expected) => {
    const { app, task, runLast, runs } = createCounted();
    await app.control.revokeByStampedHeaders({ tenant: 'acme' });
    await task.applyAsync(['ok'], { stamps });
    await runLast();
    expect(runs()).toBe(expected);
  });

  it('runs once its revocation is forgotten', async () => {
    const { app, task, clock, runLast, runs } = createCounted();
    const { id } = await task.delay('ok');
    await app.control.revoke(id, { expires: 60 });
    await clock.advance(59_999);
    await runLast();
    expect(runs()).toBe(0);
    await clock.advance(1);
    await runLast();
    expect(runs()).toBe(1);
  });

  it('is given back when the ledger cannot be asked, or REVOKED not be stored', async () => {
    const isRevoked = () => Promise.reject(new BackendGetError('throttled'));
    const deaf = createCounted({ ...createMemoryLedger(), isRevoked });
    await deaf.task.delay('ok');
    expect(await deaf.runLast()).toEqual(REQUEUE);
    expect(deaf.runs()).toBe(0);

    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new Error('no')) };
    const { app, runLast } = createTestWorker({ backend, ledger: createMemoryLedger() });
    const { id } = await app.task('one', () => 1).delay();
    await app.control.revoke(id);
    expect(await runLast()).toEqual(REQUEUE);
  });
});
