import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { BackendStoreError, Ignore, OperationalError, Reject } from '../../../src/errors.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { createConsumer } from '../../../src/worker/consumer.ts';
import { createRecordingTransport, refused } from '../../support/recording.ts';
import { createTestWorker, toDelivery } from '../../support/worker.ts';

const ACK = { do: 'ack' };
const REQUEUE = { do: 'requeue' };

/** What the real Celery stores for `add.delay(2, 3)`, ids apart. */
const SUCCESS_DOCUMENT = { status: 'SUCCESS', result: 5, traceback: null, children: [], date_done: '2030-01-02T12:00:00+00:00' };

describe('a task that returns', () => {
  it('is acknowledged once its result is stored, in Celery’s form', async () => {
    const { app, runLast, results } = createTestWorker();
    const sent = await app.task('add', (x: number, y: number) => x + y).delay(2, 3);
    expect(await runLast()).toEqual(ACK);
    const document = await results.fetch(sent.id);
    expect(document).toEqual({ ...SUCCESS_DOCUMENT, task_id: sent.id });
    expect(Object.keys(document!)).toEqual(['status', 'result', 'traceback', 'children', 'date_done', 'task_id']);
    expect(await sent.get()).toBe(5);
  });

  it('a thenable that works when it is asked is asked once, as a query builder has to be', async () => {
    const { app, runLast } = createTestWorker();
    let asked = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: what query builders are
      then(resolve: (rows: number) => void) {
        asked += 1;
        resolve(3);
      },
    };
    await app.task('query', () => query as unknown as Promise<number>).delay();
    expect(await runLast()).toEqual(ACK);
    expect(asked).toBe(1);
  });

  it('has null as result when it returns nothing', async () => {
    const { app, runLast, results } = createTestWorker();
    const { id } = await app.task('nothing', () => {}).delay();
    await runLast();
    expect(await results.fetch(id)).toMatchObject({ status: 'SUCCESS', result: null });
  });

  it('stores name, arguments and place where results are extended, and its stamps', async () => {
    const { app, runLast, results } = createTestWorker({ settings: { resultExtended: true } });
    const { id } = await app
      .task('echo', { kwargs: true }, (x: number, k: { y: number }) => x + k.y)
      .applyAsync([1], { kwargs: { y: 2 }, stamps: { tenant: 'acme' } });
    await runLast();
    expect(await results.fetch(id)).toMatchObject({
      name: 'echo', args: [1], kwargs: { y: 2 }, worker: 'test-worker', retries: 0, queue: 'celery', stamped_headers: ['tenant'], tenant: 'acme',
    }); // biome-ignore format: one document
  });

  it('stores group and parent where the message names them', async () => {
    const { app, runLast, results } = createTestWorker();
    const { id } = await app.task('one', () => 1).applyAsync([], { groupId: 'g', parentId: 'p' });
    await runLast();
    expect(await results.fetch(id)).toMatchObject({ group_id: 'g', parent_id: 'p' });
  });

  it('fails when its result cannot be written', async () => {
    const { app, runLast, results } = createTestWorker();
    const { id } = await app.task('strange', () => new Map() as never).delay();
    expect(await runLast()).toEqual(ACK);
    expect(await results.fetch(id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'EncodeError', exc_module: 'kombu.exceptions' },
    });
  });

  it('is given back when its result cannot be stored', async () => {
    const backend = { ...createMemoryBackend(), store: () => Promise.reject(new BackendStoreError('throttled')) };
    const { app, runLast, logger } = createTestWorker({ backend });
    await app.task('one', () => 1).delay();
    expect(await runLast()).toEqual(REQUEUE);
    expect(logger.lines[0]).toMatchObject({
      level: 'warn',
      message: 'task succeeded, message given back',
      error: { name: 'BackendStoreError' },
    });
  });
});

describe('a task that throws', () => {
  it('is acknowledged once its failure is stored', async () => {
    const { app, runLast, results } = createTestWorker();
    const sent = await app.task('fail', () => { throw new TypeError('boom'); }).delay(); // biome-ignore format: short
    expect(await runLast()).toEqual(ACK);
    const document = await results.fetch(sent.id);
    expect(document).toMatchObject({ status: 'FAILURE', result: { exc_type: 'TypeError', exc_message: ['boom'], exc_module: 'builtins' } });
    expect(document?.traceback).toContain('TypeError: boom');
    await expect(sent.get()).rejects.toThrow(expect.objectContaining({ name: 'RemoteError', excType: 'TypeError', excArgs: ['boom'] }));
    expect(await sent.get({ propagate: false })).toMatchObject({ name: 'RemoteError' });
  });

  it('may throw what is no error', async () => {
    const { app, runLast, results } = createTestWorker();
    const { id } = await app.task('odd', () => Promise.reject('text')).delay();
    expect(await runLast()).toEqual(ACK);
    expect((await results.fetch(id))?.status).toBe('FAILURE');
  });

  it('leaves no state for Ignore, and is acknowledged', async () => {
    const { app, runLast, results } = createTestWorker();
    await app.task('ignore', () => { throw new Ignore(); }).delay(); // biome-ignore format: short
    expect(await runLast()).toEqual(ACK);
    expect(results.documents().size).toBe(0);
  });

  it.each([
    [true, REQUEUE, []],
    [false, ACK, ['FAILURE']],
  ])('for Reject with requeue %s answers %o and stores %j', async (requeue, expected, states) => {
    // biome-ignore format: short
    const { app, runLast, results } = createTestWorker();
    await app.task('reject', () => { throw new Reject('no', { requeue }); }).delay(); // biome-ignore format: short
    expect(await runLast()).toEqual(expected);
    expect(Array.from(results.documents().values(), ({ status }) => status)).toEqual(states);
  });

  it('for a wrong call fails as Python does', async () => {
    const { app, runLast, results } = createTestWorker();
    app.task('add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);
    const found = async (args: unknown[], kwargs: object = {}) => {
      // Sent as a declared task, whose sender knows no parameters, as Python might.
      const { id } = await app.declare<[...never[]], number, object>('add').applyAsync(args as never, { kwargs });
      await runLast();
      return (await results.fetch(id))!.result as { exc_type?: string; exc_message?: string[] };
    };
    expect(await found([1], { y: 2 })).toBe(3);
    expect(await found([], { y: 2, x: 1 })).toBe(3);
    expect(await found([1])).toMatchObject({ exc_type: 'TypeError', exc_message: ["add() missing required positional argument: 'y'"] });
    expect(await found([1, 2, 3])).toMatchObject({ exc_message: ['add() takes 2 positional arguments but 3 were given'] });
    expect(await found([1, 2], { z: 1 })).toMatchObject({ exc_message: ["add() got an unexpected keyword argument 'z'"] });
    expect(await found([1, 2], { y: 1 })).toMatchObject({ exc_message: ["add() got multiple values for argument 'y'"] });
  });
});

describe('ignored results', () => {
  it('are not stored where the message says so, errors included', async () => {
    const { app, runLast, results } = createTestWorker();
    const fail = app.task('fail', (n: number) => { if (n > 0) throw new Error('x'); }); // biome-ignore format: short
    await fail.applyAsync([0], { ignoreResult: true });
    await runLast();
    await fail.applyAsync([1], { ignoreResult: true });
    await runLast();
    expect(results.documents().size).toBe(0);
  });

  it('keep their errors with storeErrorsEvenIfIgnored', async () => {
    const { app, runLast, results } = createTestWorker({ settings: { taskStoreErrorsEvenIfIgnored: true, taskIgnoreResult: true } });
    const { id } = await app.task('fail', () => { throw new Error('x'); }).delay(); // biome-ignore format: short
    await runLast();
    expect((await results.fetch(id))?.status).toBe('FAILURE');
  });

  it('are stored after all where the message says false and the task true, as since Celery 5.6.3', async () => {
    const { app, runLast, results } = createTestWorker();
    const { id } = await app.task('quiet', { ignoreResult: true }, () => 1).applyAsync([], { ignoreResult: false });
    await runLast();
    expect((await results.fetch(id))?.status).toBe('SUCCESS');
  });
});

describe('STARTED', () => {
  it('is stored before the task runs where it is tracked', async () => {
    const { app, runLast, results } = createTestWorker();
    let seen: unknown;
    const task = app.task('look', { bind: true, trackStarted: true }, async (self) => {
      seen = await results.fetch(self.id);
    });
    await task.delay();
    await runLast();
    expect(seen).toMatchObject({ status: 'STARTED', result: { pid: 7, hostname: 'test-worker' }, date_done: null });
  });

  it('that cannot be stored does not keep the task from running', async () => {
    const kept = createMemoryBackend();
    const store = (document: Parameters<typeof kept.store>[0]) =>
      document.status === 'STARTED' ? Promise.reject(new Error('no')) : kept.store(document);
    const { app, runLast, logger } = createTestWorker({ settings: { taskTrackStarted: true }, backend: { ...kept, store } });
    const { id } = await app.task('one', () => 1).delay();
    expect(await runLast()).toEqual(ACK);
    expect((await kept.fetch(id))?.status).toBe('SUCCESS');
    expect(logger.lines[0]).toMatchObject({ level: 'warn', message: 'state STARTED not stored' });
  });
});

describe('what a task publishes', () => {
  it('has it as parent and its root as root, and is among its children', async () => {
    const { app, runLast, results, transport } = createTestWorker();
    const leaf = app.task('leaf', (n: number) => n);
    const parent = app.task('parent', async () => {
      const first = await leaf.delay(1);
      await leaf.applyAsync([2], { addToParent: false });
      return first.id;
    });
    const { id } = await parent.applyAsync([], { rootId: 'root' });
    await runLast();
    const [, first, second] = transport.sent.map(({ body }) => readMessage(body, { codecs: createCodecs({}) }));
    expect(first?.headers).toMatchObject({ parent_id: id, root_id: 'root' });
    expect(second?.headers).toMatchObject({ parent_id: id, root_id: 'root' });
    expect((await results.fetch(id))?.children).toEqual([[[first?.headers.id, null], null]]);
  });

  it('keeps its parent apart among tasks that run at the same time', async () => {
    const { app, deliverText, transport } = createTestWorker();
    const leaf = app.task('leaf', (of: string) => of);
    const parent = app.task('parent', async (name: string) => {
      await Promise.resolve();
      await leaf.delay(name);
    });
    await parent.applyAsync(['a'], { taskId: 'a' });
    await parent.applyAsync(['b'], { taskId: 'b' });
    await Promise.all(transport.sent.slice().map(({ body }) => deliverText(body)));
    const leaves = transport.sent.slice(2).map(({ body }) => readMessage(body, { codecs: createCodecs({}) }));
    expect(leaves.map(({ args, headers }) => [args[0], headers.parent_id])).toEqual([['a', 'a'], ['b', 'b']]); // biome-ignore format: short
  });
});

describe('an expired task', () => {
  it('is not run; REVOKED is stored and the message acknowledged', async () => {
    const { app, clock, runLast, results } = createTestWorker();
    let ran = false;
    const sent = await app.task('late', () => { ran = true; }).applyAsync([], { expires: 10 }); // biome-ignore format: short
    await clock.advance(10_001);
    expect(await runLast()).toEqual(ACK);
    expect(ran).toBe(false);
    expect(await results.fetch(sent.id)).toMatchObject({
      status: 'REVOKED', result: { exc_type: 'TaskRevokedError', exc_message: ['expired'], exc_module: 'celery.exceptions' }, traceback: null,
    }); // biome-ignore format: short
  });

  it('is not expired at its very moment', async () => {
    const { app, clock, runLast, results } = createTestWorker();
    const { id } = await app.task('late', () => 1).applyAsync([], { expires: 10 });
    await clock.advance(10_000);
    await runLast();
    expect((await results.fetch(id))?.status).toBe('SUCCESS');
  });
});

describe('a task that came too early', () => {
  it('is sent on as it is with the longest delay that fits, and acknowledged', async () => {
    const { app, clock, runLast, transport } = createTestWorker();
    let ran = 0;
    await app.task('later', () => { ran++; }).applyAsync([], { countdown: 1000 }); // biome-ignore format: short
    await clock.advance(900_000);
    expect(await runLast()).toEqual(ACK);
    expect(transport.sent[1]).toMatchObject({ queue: 'celery', ownName: true, delaySeconds: 100, body: transport.sent[0]?.body });
    await clock.advance(100_000);
    expect(await runLast()).toEqual(ACK);
    expect(ran).toBe(1);
  });

  it('is hidden on a FIFO queue, which takes no delay per message', async () => {
    const { app, runLast, transport } = createTestWorker();
    await app.task('later', () => 1).applyAsync([], { countdown: 90, queue: 'q.fifo' });
    expect(await runLast()).toEqual({ do: 'requeue', afterSeconds: 90 });
    expect(transport.sent).toHaveLength(1);
  });

  it('is given back when it cannot be sent on', async () => {
    const transport = createRecordingTransport((message, call) => (call === 1 ? { ok: true, messageId: message.id } : refused()));
    const { app, runLast, logger } = createTestWorker({ transport });
    await app.task('later', () => 1).applyAsync([], { countdown: 90 });
    expect(await runLast()).toEqual(REQUEUE);
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'early message not sent on' });
  });
});

describe('an unknown task', () => {
  it('is given back, for a deploy may be under way, and FAILURE is stored as Celery does', async () => {
    const { app, runLast, results, logger } = createTestWorker();
    app.task('known', () => 1);
    const { id } = await app.sendTask('constructor');
    expect(await runLast()).toEqual(REQUEUE);
    expect(await results.fetch(id)).toMatchObject({
      status: 'FAILURE',
      result: { exc_type: 'NotRegistered', exc_message: ['constructor'] },
      traceback: null,
    });
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'task failed, message given back', acknowledged: false });
  });
});

describe('a message that cannot be run', () => {
  const withKnown = (worker: ReturnType<typeof createTestWorker>) => {
    worker.app.task('known', () => 1);
    return worker;
  };

  it('goes to the dead-letter queue with code and reason, its body and attributes unchanged', async () => {
    const { deliverText, transport } = withKnown(createTestWorker({ settings: { deadLetterQueue: 'celery-dead' } }));
    const attributes = { mine: { type: 'String', value: 'x' } } as const;
    const disposition = await deliverText('{"not": "json', { receiveCount: 2, attributes, messageGroupId: 'tenant' });
    expect(disposition).toMatchObject({ do: 'quarantine', code: 'not-json', buried: true });
    expect(transport.sent).toMatchObject([
      {
        queue: 'celery-dead', body: '{"not": "json', messageGroupId: 'tenant',
        attributes: {
          mine: { value: 'x' },
          'celeriac.code': { type: 'String', value: 'not-json' },
          'celeriac.queue': { value: 'celery' },
          'celeriac.receiveCount': { type: 'Number', value: '2' },
        },
      },
    ]); // biome-ignore format: one message
  });

  it('is given back where there is no dead-letter queue', async () => {
    const { deliverText, transport, logger } = withKnown(createTestWorker());
    expect(await deliverText('hello')).toMatchObject({ do: 'quarantine', buried: false });
    expect(transport.sent).toEqual([]);
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'message cannot be run, given back', acknowledged: false });
  });

  it.each([
    ['is refused', createRecordingTransport(refused)],
    ['throws', createRecordingTransport(() => { throw new OperationalError('down', { retryable: false }); })], // biome-ignore format: short
  ])('is given back where the send %s', async (_how, transport) => {
    const { deliverText, logger } = withKnown(createTestWorker({ settings: { deadLetterQueue: 'dead' }, transport }));
    expect(await deliverText('hello')).toMatchObject({ do: 'quarantine', buried: false });
    expect(logger.lines[0]).toMatchObject({ message: 'message not quarantined', deadLetterQueue: 'dead' });
  });

  it('is set aside when it is part of a chord and no backend is there to count it', async () => {
    const transport = createRecordingTransport();
    const app = createApp('loose', { deadLetterQueue: 'dead' }).connect({ transport });
    let ran = false;
    const task = app.task('part', () => {
      ran = true;
    });
    await task.applyAsync([], { groupId: 'g', chord: task.s() });
    const disposition = await createConsumer(app, { hostname: 'h', pid: 1 })(toDelivery(transport.sent[0]!));
    expect(disposition).toMatchObject({ code: 'chord-without-backend', reason: expect.stringContaining('no backend'), buried: true });
    expect(ran).toBe(false);
  });

  it('carries at most ten attributes and no text that SQS refuses', async () => {
    const { deliverText, transport } = withKnown(createTestWorker({ settings: { deadLetterQueue: 'dead' } }));
    const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, { type: 'String', value: 'x' } as const]));
    await deliverText('x', { attributes });
    expect(Object.keys(transport.sent[0]!.attributes!)).toHaveLength(10);
  });
});

describe('the consumer', () => {
  it('never rejects: what goes wrong around a task gives the message back', async () => {
    const transport = createRecordingTransport((message, call) => {
      if (call > 1) throw new Error('broken transport');
      return { ok: true, messageId: message.id };
    });
    const { app, runLast, logger } = createTestWorker({ transport });
    await app.task('later', () => 1).applyAsync([], { countdown: 90 });
    expect(await runLast()).toEqual(REQUEUE);
    expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'message given back', error: { message: 'broken transport' } });
  });

  it('cannot be made of an app without tasks, without connection, or of something else', () => {
    const worker = { hostname: 'h', pid: 1 };
    const empty = createApp('empty').connect({ transport: createRecordingTransport() });
    expect(() => createConsumer(empty, worker)).toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining('has no tasks') }),
    );
    const loose = createApp('loose');
    loose.task('a', () => 1);
    expect(() => createConsumer(loose, worker)).toThrow('is not connected');
    expect(() => createConsumer({} as never, worker)).toThrow('This is no app');
  });

  it('logs one line per record with names, ids and times, and never an argument or a result', async () => {
    const { app, runLast, logger } = createTestWorker();
    const { id } = await app.task('secret', (text: string) => `${text}!`).delay('s3cr3t');
    await runLast({ receiveCount: 3 });
    expect(logger.lines).toEqual([
      {
        level: 'info', message: 'task succeeded', state: 'SUCCESS', task: 'secret', id, rootId: id, parentId: null, retries: 0,
        queue: 'celery', messageId: `m-${id}`, receiveCount: 3, runtimeMs: 0, acknowledged: true,
      },
    ]); // biome-ignore format: one line
    expect(JSON.stringify(logger.lines)).not.toContain('s3cr3t');
  });
});

describe('a bound task', () => {
  it('sees its message as a request', async () => {
    const { app, runLast } = createTestWorker();
    let seen: Record<string, unknown> = {};
    const task = app.task('look', { bind: true }, (self, n: number) => {
      const { request } = self;
      seen = { ...pick(request), n, name: self.name, retries: self.retries };
    });
    const { id } = await task.applyAsync([5], {
      retries: 2, shadow: 's', replyTo: 'r', rootId: 'root', parentId: 'p', groupId: 'g', groupIndex: 1, timeLimit: 9, softTimeLimit: 8,
      headers: { tenant: 'acme' }, stamps: { a: 1 }, priority: 4, origin: 'o', expires: 60, ignoreResult: true, properties: { x: 1 },
    }); // biome-ignore format: one call
    await runLast({ receiveCount: 2 });
    expect(seen).toMatchObject({
      n: 5, name: 'look', retries: 2, id, task: 'look', args: [5], kwargs: {}, eta: null, expires: '2030-01-02T12:01:00+00:00', rootId: 'root',
      parentId: 'p', group: 'g', groupIndex: 1, correlationId: id, replyTo: 'r', origin: 'o', shadow: 's', timeLimit: [9, 8], ignoreResult: true,
      deliveryInfo: { exchange: '', routingKey: 'celery', priority: 4, redelivered: true }, stamps: { a: 1 }, stampedHeaders: ['a'],
      queue: 'celery', receiveCount: 2, messageId: `m-${id}`, hostname: 'test-worker', calledDirectly: false,
    }); // biome-ignore format: one request
    expect(seen['headers']).toMatchObject({ tenant: 'acme' });
    expect(seen['properties']).toMatchObject({ x: 1 });
  });
});

/** Reads every getter of a request. */
function pick(request: object): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(request)).filter((name) => name !== 'constructor');
  return Object.fromEntries([...names, 'hostname'].map((name) => [name, (request as Record<string, unknown>)[name]]));
}
