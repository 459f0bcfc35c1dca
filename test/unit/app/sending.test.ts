import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import type { Settings } from '../../../src/app/settings.ts';
import type { ApplyOptions } from '../../../src/canvas/call-options.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { createRecordingTransport, refused, throttled } from '../../support/recording.ts';

function setUp(settings: Partial<Settings> = {}) {
  const transport = createRecordingTransport();
  const app = createApp('shop', settings).connect({ transport, clock: createFakeClock() });
  const add = app.task('tasks.add', (x: number, y: number) => x + y);
  return { app, add, transport, last: () => transport.sent.at(-1)! };
}

const open = ({ body }: Outgoing) => readMessage(body, { codecs: createCodecs({}) });

/** Sends with untyped options, as plain JavaScript could. */
async function sendWith(options: object, settings: Partial<Settings> = {}) {
  const { add, last } = setUp(settings);
  await add.applyAsync([2, 2], options as never);
  return { outgoing: last(), message: open(last()) };
}

describe('applyAsync', () => {
  it('publishes a protocol 2 message to the queue celery and gives its id', async () => {
    const { add, last } = setUp();
    const { id } = await add.applyAsync([2, 2]);
    const message = open(last());
    expect(last()).toMatchObject({ queue: 'celery', id });
    expect(message).toMatchObject({
      protocol: 2,
      args: [2, 2],
      kwargs: {},
      headers: {
        task: 'tasks.add',
        id,
        root_id: id,
        parent_id: null,
        retries: 0,
        eta: null,
        expires: null,
        argsrepr: '(2, 2)',
        origin: 'celeriac@shop',
      },
      properties: { correlation_id: id, delivery_info: { exchange: '', routing_key: 'celery' }, priority: 0, delivery_mode: 2 },
    });
    expect(last()).not.toHaveProperty('delaySeconds');
  });

  it.each<[string, ApplyOptions, object]>([
    ['taskId', { taskId: 'my-id' }, { headers: { id: 'my-id', root_id: 'my-id' }, properties: { correlation_id: 'my-id' } }],
    ['queue', { queue: 'mail' }, { properties: { delivery_info: { routing_key: 'mail' } } }],
    ['priority', { priority: 7 }, { properties: { priority: 7 } }],
    ['timeLimit and softTimeLimit', { timeLimit: 20, softTimeLimit: 10 }, { headers: { timelimit: [20, 10] } }],
    ['shadow', { shadow: 'other' }, { headers: { shadow: 'other' } }],
    ['headers', { headers: { tenant: 'acme' } }, { headers: { tenant: 'acme' } }],
    ['ignoreResult', { ignoreResult: true }, { headers: { ignore_result: true } }],
    ['replyTo', { replyTo: 'me' }, { properties: { reply_to: 'me' } }],
    ['argsrepr and kwargsrepr', { argsrepr: '(…)', kwargsrepr: '{…}' }, { headers: { argsrepr: '(…)', kwargsrepr: '{…}' } }],
    ['origin', { origin: 'me@here' }, { headers: { origin: 'me@here' } }],
    ['retries', { retries: 2 }, { headers: { retries: 2 } }],
    ['rootId and parentId', { rootId: 'r', parentId: 'p' }, { headers: { root_id: 'r', parent_id: 'p' } }],
    ['groupId and groupIndex', { groupId: 'g', groupIndex: 3 }, { headers: { group: 'g', group_index: 3 } }],
    ['replacedTaskNesting', { replacedTaskNesting: 2 }, { headers: { replaced_task_nesting: 2 } }],
    ['stamps', { stamps: { tenant: 'acme' } }, { headers: { stamped_headers: ['tenant'], stamps: { tenant: 'acme' } } }],
    ['deliveryMode', { deliveryMode: 1 }, { properties: { delivery_mode: 1 } }],
    ['compression', { compression: 'zlib' }, { headers: { compression: 'application/x-gzip' }, args: [2, 2] }],
    ['properties', { properties: { x: 1 } }, { properties: { x: 1 } }],
    ['expires in seconds', { expires: 120 }, { headers: { expires: '2030-01-02T12:02:00+00:00' }, properties: { expiration: '120000' } }],
    [
      'expires as a date',
      { expires: new Date(NOON + 1500) },
      { headers: { expires: '2030-01-02T12:00:01.500000+00:00' }, properties: { expiration: '1500' } },
    ],
    ['expires in the past', { expires: '2020-01-01T00:00:00Z' }, { properties: { expiration: '0' } }],
    ['eta with an offset', { eta: '2031-05-06T07:08:09+02:00' }, { headers: { eta: '2031-05-06T07:08:09+02:00' } }],
  ])('writes %s', async (_name, options, expected) => {
    expect((await sendWith(options)).message).toMatchObject(expected);
  });

  it('carries links, chain and chord in the embed, always as arrays', async () => {
    const { add, last } = setUp();
    await add.applyAsync([1, 1], { link: add.s(4), linkError: [add.si(1, 2)], chain: [add.s(1)], chord: add.s() });
    const { embed } = open(last());
    expect(embed.callbacks).toMatchObject([{ task: 'tasks.add', args: [4], immutable: false }]);
    expect(embed.errbacks).toMatchObject([{ task: 'tasks.add', args: [1, 2], immutable: true }]);
    expect(embed.chain).toHaveLength(1);
    expect(embed.chord).toMatchObject({ task: 'tasks.add', args: [] });
  });

  it.each<[number, object]>([
    [0, { eta: null }],
    [90, { eta: '2030-01-02T12:01:30+00:00' }],
    [0.0015, { eta: '2030-01-02T12:00:00.001000+00:00' }],
  ])('turns a countdown of %d into an eta', async (countdown, expected) => {
    expect((await sendWith({ countdown })).message.headers).toMatchObject(expected);
  });

  it.each([
    [{ countdown: 90 }, 90],
    [{ countdown: 0.2 }, 1],
    [{ countdown: 5000 }, 900],
    [{ eta: new Date(NOON + 10_000) }, 10],
    [{ delaySeconds: 4 }, 4],
    [{ delaySeconds: 4, countdown: 60 }, 4],
  ])('lets SQS hold %o for %i seconds', async (options, seconds) => {
    expect((await sendWith(options)).outgoing.delaySeconds).toBe(seconds);
  });

  it('sets no delay on a FIFO queue, which takes none per message', async () => {
    const { outgoing, message } = await sendWith({ countdown: 90, queue: 'orders.fifo', messageGroupId: 'g', messageDeduplicationId: 'd' });
    expect(outgoing).not.toHaveProperty('delaySeconds');
    expect(outgoing).toMatchObject({ messageGroupId: 'g', messageDeduplicationId: 'd' });
    expect(message.properties).toMatchObject({ MessageGroupId: 'g', MessageDeduplicationId: 'd' });
  });

  it('sends attributes beside the body, not in it', async () => {
    const { outgoing, message } = await sendWith({ messageAttributes: { kind: { type: 'String', value: 'x' } } });
    expect(outgoing.attributes).toEqual({ kind: { type: 'String', value: 'x' } });
    expect(JSON.stringify(message)).not.toContain('kind');
  });

  it.each([
    ['exchange', 'SQS has queues and no exchanges'],
    ['routingKey', 'SQS has queues and no exchanges'],
    ['mandatory', 'always waits until SQS has accepted'],
    ['producer', 'single HTTP requests'],
    ['contdown', "did you mean 'countdown'?"],
    ['task_id', "did you mean 'taskId'?"],
    ['zebra', 'Custom message properties go into `properties`'],
  ])('refuses the option %s and says why', async (name, reason) => {
    await expect(sendWith({ [name]: 'x' })).rejects.toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(reason) }),
    );
  });

  it.each([
    [{ countdown: Number.NaN }, 'ImproperlyConfigured'],
    [{ countdown: 1e300 }, 'EncodeError'],
    [{ expires: Number.POSITIVE_INFINITY }, 'ImproperlyConfigured'],
    [{ eta: 'tomorrow' }, 'EncodeError'],
    [{ eta: '2030-02-30T00:00:00Z' }, 'EncodeError'],
    [{ eta: new Date(Number.NaN) }, 'EncodeError'],
    [{ expires: '1' }, 'EncodeError'],
    [{ serializer: 'pickle' }, 'ImproperlyConfigured'],
    [{ compression: 'rar' }, 'ImproperlyConfigured'],
  ])('refuses %o', async (options, name) => {
    await expect(sendWith(options)).rejects.toThrow(expect.objectContaining({ name }));
  });

  it('refuses arguments that cannot cross the wire, naming them, and sends nothing', async () => {
    const { app, transport } = setUp();
    const sent = app.sendTask('any', [1, { when: [new Map()] }]);
    await expect(sent).rejects.toThrow(expect.objectContaining({ name: 'EncodeError', path: 'args[1].when[0]' }));
    await expect(app.sendTask('any', [], { kwargs: { f: () => 1 } })).rejects.toThrow(expect.objectContaining({ path: 'kwargs.f' }));
    expect(transport.sent).toEqual([]);
  });

  it('refuses a call its function could not take, as Celery’s typing does', async () => {
    const { add, app, transport } = setUp();
    await expect(add.applyAsync([1] as never)).rejects.toThrow(TypeError);
    await expect(add.applyAsync(7 as never)).rejects.toThrow('takes its arguments as an array');
    const named = app.task('tasks.named', { params: ['x'] }, (x: number) => x);
    await expect(named.applyAsync([1, 2] as never)).rejects.toThrow('takes 1 positional arguments but 2 were given');
    expect(transport.sent).toEqual([]);
  });

  it('rejects when the transport has not accepted, and queues nothing', async () => {
    const app = createApp('shop').connect({
      transport: createRecordingTransport(refused),
      clock: createFakeClock(0, { autoAdvance: true }),
    });
    await expect(app.sendTask('a')).rejects.toThrow(expect.objectContaining({ name: 'OperationalError', retryable: false }));
  });

  it('tries again unless told not to', async () => {
    const transport = createRecordingTransport((_message, call) => (call === 1 ? throttled() : { ok: true, messageId: 'm' }));
    const app = createApp('shop').connect({ transport, clock: createFakeClock(0, { autoAdvance: true }) });
    await app.sendTask('a');
    expect(transport.sent).toHaveLength(2);
    expect(transport.sent[0]?.body).toBe(transport.sent[1]?.body);
    const once = createRecordingTransport(throttled);
    app.connect({ transport: once });
    await expect(app.sendTask('a', [], { retry: false })).rejects.toThrow('slow down');
    expect(once.sent).toHaveLength(1);
  });

  it('is refused before the app is connected', async () => {
    const add = createApp('shop').task('add', (x: number) => x);
    await expect(add.delay(1)).rejects.toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining('not connected') }),
    );
  });
});

describe('defaults', () => {
  it('of the task stand under those of the call', async () => {
    const { app, last } = setUp();
    const slow = app.task(
      'tasks.slow',
      { queue: 'slow', priority: 3, expires: 60, timeLimit: 9, ignoreResult: true, messageGroupId: 't' },
      () => 1,
    );
    await slow.delay();
    expect(last()).toMatchObject({ queue: 'slow', messageGroupId: 't' });
    expect(open(last())).toMatchObject({
      headers: { timelimit: [9, null], ignore_result: true, expires: '2030-01-02T12:01:00+00:00' },
      properties: { priority: 3 },
    });
    await slow.applyAsync([], { queue: 'fast', priority: 1, ignoreResult: false });
    expect(open(last())).toMatchObject({
      headers: { ignore_result: false },
      properties: { priority: 1, delivery_info: { routing_key: 'fast' } },
    });
  });

  it('of a route stand under those of the task and the call and over the default queue', async () => {
    const { add, app, last } = setUp({ taskRoutes: { 'tasks.*': { queue: 'routed', priority: 5 } } });
    await app.task('tasks.own', { queue: 'own' }, () => 1).delay();
    expect(open(last()).properties).toMatchObject({ priority: 5, delivery_info: { routing_key: 'own' } });
    await add.delay(1, 2);
    expect(last().queue).toBe('routed');
    await add.applyAsync([1, 2], { queue: 'mine' });
    expect(last().queue).toBe('mine');
    expect(open(last()).properties.priority).toBe(5);
  });

  it('of the settings reach every message', async () => {
    const { add, last } = setUp({
      taskDefaultQueue: 'jobs',
      taskDefaultPriority: 2,
      taskCompression: 'zlib',
      taskIgnoreResult: true,
      taskDefaultDeliveryMode: 1,
    });
    await add.delay(1, 2);
    expect(last().queue).toBe('jobs');
    expect(open(last())).toMatchObject({
      headers: { compression: 'application/x-gzip', ignore_result: true },
      properties: { priority: 2, delivery_mode: 1 },
    });
  });

  it('write protocol 1, a plain envelope or a plain body where asked', async () => {
    const first = await sendWith({}, { taskProtocol: 1 });
    expect(first.message).toMatchObject({ protocol: 1, args: [2, 2] });
    const plain = await sendWith({}, { brokerTransportOptions: { sqsBase64Encoding: false, bodyEncoding: null } });
    expect(JSON.parse(JSON.parse(plain.outgoing.body).body)[0]).toEqual([2, 2]);
  });
});

describe('a task', () => {
  it('called directly is the function it was written as', async () => {
    const { app, add } = setUp();
    expect(add(2, 3)).toBe(5);
    expect(add.name).toBe('tasks.add');
    const bound = app.task(
      'tasks.bound',
      { bind: true },
      (self, n: number) => [self.name, self.retries, self.request.calledDirectly, n] as const,
    );
    expect(await bound(4)).toEqual(['tasks.bound', 0, true, 4]);
  });

  it('cannot be registered twice, without a name, or with both ways of taking keywords', () => {
    const { app } = setUp();
    expect(() => app.task('tasks.add', () => 1)).toThrow(expect.objectContaining({ name: 'AlreadyRegistered' }));
    expect(() => app.task('', () => 1)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
    expect(() => app.task('tasks.none', undefined as never)).toThrow('has no function');
    expect(() => app.task('tasks.both', { kwargs: true, params: ['x'] } as never, (() => 1) as never)).toThrow('both params and kwargs');
  });

  it('may be called constructor', async () => {
    const { app, last } = setUp();
    await app.task('constructor', () => 1).delay();
    expect(open(last()).headers.task).toBe('constructor');
    expect(app.tasks).toEqual(['tasks.add', 'constructor']);
  });

  it('declared elsewhere is sent by its name', async () => {
    const { app, last } = setUp();
    const resize = app.declare<[url: string], string>('images.resize');
    await resize.delay('u');
    const mail = app.declare<[], void, { to: string }>('mail.send');
    await mail.applyAsync([], { kwargs: { to: 'a' } });
    expect(open(last())).toMatchObject({ headers: { task: 'mail.send' }, kwargs: { to: 'a' } });
  });
});
