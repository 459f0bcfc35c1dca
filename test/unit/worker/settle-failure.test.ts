import { describe, expect, it } from 'vitest';
import type { TaskDefaults } from '../../../src/app/options.ts';
import type { Settings } from '../../../src/app/settings.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { Reject } from '../../../src/errors.ts';
import type { Receipt } from '../../../src/transports/transport.ts';
import { accepted, createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker } from '../../support/worker.ts';

const ACK = { do: 'ack' };
const REQUEUE = { do: 'requeue' };

class Expected extends Error {}

/** A worker whose one task throws, its message sent and waiting; later sends get `answer`. */
async function createThrowing(error: unknown, defaults: TaskDefaults = {}, settings: Partial<Settings> = {}, answer?: () => Receipt) {
  const transport = createRecordingTransport((message, call) => (call === 1 || answer === undefined ? accepted(message) : answer()));
  const worker = createTestWorker({ settings, transport });
  const task = worker.app.task('fail', { ...defaults, bind: false, kwargs: false }, (): never => {
    throw error;
  });
  const { id } = await task.applyAsync([], { taskId: 'id-1', retries: 3 });
  return { ...worker, id, copies: () => transport.sent.slice(1) };
}

describe('a failure', () => {
  it.each<[TaskDefaults, Partial<Settings>, object]>([
    [{}, {}, ACK],
    [{ acksOnFailureOrTimeout: false }, {}, REQUEUE],
    [{}, { taskAcksOnFailureOrTimeout: false }, REQUEUE],
    [{ acksOnFailureOrTimeout: true }, { taskAcksOnFailureOrTimeout: false }, ACK],
  ])('of a task with %j under %j is stored and answered with %j', async (defaults, settings, disposition) => {
    const { runLast, results, id } = await createThrowing(new Error('x'), defaults, settings);
    expect(await runLast()).toEqual(disposition);
    expect((await results.fetch(id))?.status).toBe('FAILURE');
  });

  it('that is given back leaves its copy to the redrive policy', async () => {
    const { runLast, copies } = await createThrowing(new Error('x'), { acksOnFailureOrTimeout: false, deadLetterQueue: 'dead' });
    expect(await runLast()).toEqual(REQUEUE);
    expect(copies()).toEqual([]);
  });

  it.each([
    [new Expected('x'), 'info'],
    [new Error('x'), 'error'],
  ])('that the task announces in `throws` is no cause for alarm: %s is %s', async (error, level) => {
    const { runLast, logger } = await createThrowing(error, { throws: [Expected] });
    await runLast();
    expect(logger.lines[0]).toMatchObject({ level, state: 'FAILURE' });
  });
});

describe('the copy of a failed message', () => {
  it.each<[TaskDefaults, Partial<Settings>, readonly string[]]>([
    [{}, {}, []],
    [{ deadLetterQueue: 'dead' }, {}, ['dead']],
    [{}, { taskDeadLetterQueue: 'all-dead' }, ['all-dead']],
    [{ deadLetterQueue: 'dead' }, { taskDeadLetterQueue: 'all-dead' }, ['dead']],
    [{}, { deadLetterQueue: 'quarantine' }, []],
  ])('of a task with %j under %j goes to %j', async (defaults, settings, queues) => {
    const { runLast, copies } = await createThrowing(new Error('x'), defaults, settings);
    expect(await runLast()).toEqual(ACK);
    expect(copies().map(({ queue }) => queue)).toEqual(queues);
  });

  it('is its very body with code, reason, queue, first sight, id, task, retries and the sender’s own attributes', async () => {
    const { runLast, copies, transport } = await createThrowing(new RangeError('too far'), { deadLetterQueue: 'dead' });
    await runLast({ sentAt: 1_700_000_000_000, receiveCount: 2, traceHeader: 'Root=1', messageGroupId: 'acme', attributes: { own: { type: 'String', value: 'x' } } }); // biome-ignore format: one delivery
    expect(copies()).toEqual([
      {
        queue: 'dead', id: 'm-id-1', body: transport.sent[0]?.body, messageGroupId: 'acme',
        attributes: {
          'celeriac.code': { type: 'String', value: 'failed' },
          'celeriac.reason': { type: 'String', value: 'RangeError: too far' },
          'celeriac.queue': { type: 'String', value: 'celery' },
          'celeriac.firstSeen': { type: 'Number', value: '1700000000000' },
          own: { type: 'String', value: 'x' },
          'celeriac.id': { type: 'String', value: 'id-1' },
          'celeriac.task': { type: 'String', value: 'fail' },
          'celeriac.retries': { type: 'Number', value: '3' },
          'celeriac.trace': { type: 'String', value: 'Root=1' },
          'celeriac.receiveCount': { type: 'Number', value: '2' },
        },
      },
    ]); // biome-ignore format: one message
  });

  it.each([
    ['text', 'text'],
    [undefined, 'failed'],
    [null, 'failed'],
  ])('says why for what is no error: %j', async (thrown, reason) => {
    const { runLast, copies } = await createThrowing(thrown, { deadLetterQueue: 'dead' });
    await runLast();
    expect(copies()[0]?.attributes?.['celeriac.reason']).toMatchObject({ value: reason });
  });

  it('that is not accepted gives the message back, its failure stored', async () => {
    const { runLast, results, id, logger } = await createThrowing(new Error('x'), { deadLetterQueue: 'dead' }, {}, refused);
    expect(await runLast()).toEqual(REQUEUE);
    expect((await results.fetch(id))?.status).toBe('FAILURE');
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'message not quarantined', deadLetterQueue: 'dead' });
  });

  it('is not sent where the failure could not be stored', async () => {
    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new Error('no')) };
    const { app, runLast, transport } = createTestWorker({ backend, settings: { taskDeadLetterQueue: 'dead' } });
    await app.task('fail', () => { throw new Error('x'); }).delay(); // biome-ignore format: short
    expect(await runLast()).toEqual(REQUEUE);
    expect(transport.sent).toHaveLength(1);
  });

  it('is sent once the retries are used up, not before', async () => {
    const { app, runLast, transport } = createTestWorker({ settings: { taskDeadLetterQueue: 'dead' } });
    const task = app.task('auto', { autoretryFor: [Error], retryKwargs: { maxRetries: 1, countdown: 0 } }, (): never => {
      throw new Error('x');
    });
    await task.delay();
    await runLast();
    await runLast();
    expect(transport.sent.map(({ queue }) => queue)).toEqual(['celery', 'celery', 'dead']);
    expect(transport.sent[2]?.attributes?.['celeriac.retries']).toMatchObject({ value: '1' });
  });
});

describe('Reject', () => {
  const LATE = { acksLate: true };
  const DEAD = { deadLetterQueue: 'dead' };

  it.each<[boolean, TaskDefaults, Partial<Settings>, object, number]>([
    [true, {}, {}, REQUEUE, 0],
    [true, LATE, {}, REQUEUE, 0],
    [true, DEAD, {}, REQUEUE, 0],
    [false, {}, {}, ACK, 0],
    [false, LATE, {}, REQUEUE, 0],
    [false, {}, { taskAcksLate: true }, REQUEUE, 0],
    [false, { acksLate: false }, { taskAcksLate: true }, ACK, 0],
    [false, DEAD, {}, ACK, 1],
    [false, { ...LATE, ...DEAD }, {}, ACK, 1],
    [false, {}, { taskDeadLetterQueue: 'all-dead', taskAcksLate: true }, ACK, 1],
    [false, {}, { deadLetterQueue: 'quarantine' }, ACK, 0],
  ])(
    'with requeue %s, of a task with %j under %j, is answered with %j and %d copies',
    async (requeue, defaults, settings, answer, copied) => {
      const { runLast, copies, results } = await createThrowing(new Reject('no', { requeue }), defaults, settings);
      expect(await runLast()).toEqual(answer);
      expect(copies()).toHaveLength(copied);
      const stored = Array.from(results.documents().values(), ({ status, result }) => [status, result]);
      const exception = { exc_type: 'Reject', exc_message: ['no', false], exc_module: 'celery.exceptions' };
      expect(stored).toEqual(requeue ? [] : [['FAILURE', exception]]);
    },
  );

  it.each([
    ['broken', 'broken'],
    [undefined, 'rejected'],
    [new RangeError('far'), 'RangeError: far'],
  ])('has its reason on the copy: %s', async (reason, text) => {
    const { runLast, copies } = await createThrowing(new Reject(reason), DEAD);
    await runLast();
    expect(copies()[0]?.attributes).toMatchObject({ 'celeriac.code': { value: 'rejected' }, 'celeriac.reason': { value: text } });
  });

  it('whose copy is not accepted gives the message back', async () => {
    const { runLast } = await createThrowing(new Reject('no'), DEAD, {}, refused);
    expect(await runLast()).toEqual(REQUEUE);
  });
});

describe('a task nobody knows', () => {
  const receive = async (settings: Partial<Settings>, answer?: () => Receipt) => {
    const transport = createRecordingTransport((message, call) => (call === 1 || answer === undefined ? accepted(message) : answer()));
    const { app, runLast, results, ...worker } = createTestWorker({ settings, transport });
    app.task('known', () => 1);
    const { id } = await app.sendTask('unknown');
    const disposition = await runLast();
    return { ...worker, disposition, document: await results.fetch(id), copies: transport.sent.slice(1) };
  };
  const failed = { status: 'FAILURE', result: { exc_type: 'NotRegistered', exc_message: ['unknown'] } };
  const dead = { deadLetterQueue: 'dead' };

  it.each<[string, Partial<Settings>, object, number]>([
    ['by default', dead, REQUEUE, 0],
    ['for retry', { ...dead, onUnknownTask: 'retry' }, REQUEUE, 0],
    ['for discard', { ...dead, onUnknownTask: 'discard' }, ACK, 0],
    ['for deadletter', { ...dead, onUnknownTask: 'deadletter' }, { do: 'quarantine', code: 'unknown-task', buried: true }, 1],
    ['for deadletter without a queue', { onUnknownTask: 'deadletter' }, { do: 'quarantine', code: 'unknown-task', buried: false }, 0],
    ['for a function that says discard', { onUnknownTask: (task) => (task === 'unknown' ? 'discard' : 'retry') }, ACK, 0],
    ['for a function that says nothing it could', { onUnknownTask: () => 'strange' as 'retry' }, REQUEUE, 0],
  ])('%s stores FAILURE and is answered', async (_name, settings, answer, copied) => {
    const { disposition, document, copies } = await receive(settings);
    expect(disposition).toMatchObject(answer);
    expect(document).toMatchObject(failed);
    expect(copies).toHaveLength(copied);
  });

  it('lies in the dead-letter queue with its name and why', async () => {
    const { copies } = await receive({ ...dead, onUnknownTask: 'deadletter' });
    expect(copies[0]?.attributes).toMatchObject({
      'celeriac.code': { value: 'unknown-task' },
      'celeriac.reason': { value: "No worker here knows the task 'unknown'." },
      'celeriac.task': { value: 'unknown' },
    });
  });

  it('is given back when it cannot be buried', async () => {
    expect((await receive({ ...dead, onUnknownTask: 'deadletter' }, refused)).disposition).toMatchObject({ buried: false });
  });

  it('is given back when the function fails', async () => {
    const onUnknownTask = (): never => {
      throw new Error('x');
    };
    expect((await receive({ onUnknownTask })).disposition).toEqual(REQUEUE);
  });
});
