/** Runs the examples of the documentation: what a reader copies from there has been seen to work. */

import { type LogLine, type Outgoing, silentLogger } from 'celeriac';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { startLocalSqs } from 'celeriac/local';
import { createEagerTransport, createLambdaContext, createSqsEvent } from 'celeriac/testing';
import { createMemoryTransport, type MemoryTransport } from 'celeriac/transports/memory';
import { createCodecs, readMessage, type TaskMessage } from 'celeriac/wire';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bank } from '../../docs/examples/bank.ts';
import * as codecs from '../../docs/examples/codecs.ts';
import * as declaring from '../../docs/examples/declaring.ts';
import { runBundle, runLocally } from '../../docs/examples/local.ts';
import { resizeLocally } from '../../docs/examples/local-results.ts';
import * as logging from '../../docs/examples/logging.ts';
import { handler as middyHandler } from '../../docs/examples/middy.ts';
import { poller } from '../../docs/examples/polling.ts';
import { createTextBackend, resized } from '../../docs/examples/results.ts';
import { order } from '../../docs/examples/send.ts';
import * as sending from '../../docs/examples/sending.ts';
import { connectLean, connectWithKeysOf, orderLean } from '../../docs/examples/sqs-fetch.ts';
import { app, charge, resize } from '../../docs/examples/tasks.ts';
import * as testing from '../../docs/examples/testing.ts';
import * as values from '../../docs/examples/values.ts';
import { roundTrip } from '../../docs/examples/wire.ts';
import { handler } from '../../docs/examples/worker.ts';
import { writeBundle } from '../support/lambda-bundle.ts';

const IMAGE = 'https://example.com/a.png';

/** What the worker logged through `connectMemory`. */
const logged: LogLine[] = [];
const keep = (line: LogLine): void => void logged.push(line);

function connectMemory(options: Parameters<typeof createMemoryTransport>[0] = {}): MemoryTransport {
  const transport = createMemoryTransport(options);
  app.connect({ transport, logger: { debug: keep, info: keep, warn: keep, error: keep } });
  return transport;
}

const read = ({ body }: Outgoing): TaskMessage => readMessage(body, { codecs: createCodecs() });
const bodiesOf = (transport: MemoryTransport, queue = 'celery'): string[] => transport.messages(queue).map(({ body }) => body);

describe('tasks.ts, send.ts and worker.ts', () => {
  afterEach(() => {
    bank.open = true;
  });

  it('send a task with a countdown, and the handler runs it', async () => {
    const sender = connectMemory();
    const id = await order();
    const [message] = sender.messages('celery');
    expect(message).toMatchObject({ id, delaySeconds: 5 });

    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6000);
    const answer = await handler(createSqsEvent([message?.body ?? '']), createLambdaContext());
    now.mockRestore();
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  it('try a charge again while the bank is closed, and charge when it is open', async () => {
    const transport = connectMemory();
    const { id } = await charge.delay('order-1');
    const [first = ''] = bodiesOf(transport);
    bank.open = false;
    expect(await handler(createSqsEvent([first]), createLambdaContext())).toEqual({ batchItemFailures: [] });
    const again = transport.messages('celery')[1] as Outgoing;
    expect(again).toMatchObject({ delaySeconds: 60 });
    expect(read(again).headers).toMatchObject({ id, retries: 1, parent_id: id });

    bank.open = true;
    expect(await handler(createSqsEvent([first]), createLambdaContext())).toEqual({ batchItemFailures: [] });
    expect(logged).toContainEqual({ message: 'charged', order: 'order-1', task: 'shop.charge', id, retries: 0, rootId: id });
  });

  it('work inside middy, which hears of what the handler throws', async () => {
    const transport = connectMemory();
    await resize.delay(IMAGE);
    expect(await middyHandler(createSqsEvent(bodiesOf(transport)), createLambdaContext() as never)).toEqual({ batchItemFailures: [] });

    const told = vi.spyOn(console, 'error').mockReturnValue();
    await expect(middyHandler({ Records: [] }, createLambdaContext() as never)).rejects.toThrow(/no Records/);
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });
});

describe('declaring.ts', () => {
  it('sends to tasks here and elsewhere, and calls one as a function', async () => {
    const transport = createMemoryTransport();
    declaring.app.connect({ transport });
    expect(await declaring.callAll()).toBe(5);
    expect(transport.messages('celery').map((message) => read(message).headers.task)).toEqual(['math.add', 'mail.send']);
    const [declared, named] = transport.messages('python').map(read);
    expect([declared?.args, named?.args, named?.kwargs]).toEqual([[IMAGE, 64], [IMAGE], { width: 64 }]);
  });

  it('has tasks that take keywords and their own message', async () => {
    const info = vi.fn();
    const transport = createEagerTransport(declaring.app);
    declaring.app.connect({ transport, backend: createMemoryBackend(), logger: { info, debug: info, warn: info, error: info } });
    expect(await (await declaring.add.applyAsync([2, 3])).get()).toBe(5);
    const mailed = await declaring.mail.applyAsync(['ada@example.com'], { kwargs: {} });
    expect(await mailed.get()).toBe('ada@example.com: no subject');
    const { id } = await declaring.whoami.applyAsync(['hello'], { headers: { tenant: 'acme' } });
    expect(info).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'hello', task: 'who.am_i', id, queue: 'celery', receiveCount: 1, tenant: 'acme' }),
    );
  });
});

describe('sending.ts', () => {
  it('puts its options on the wire', async () => {
    const transport = connectMemory();
    const id = await sending.withOptions();
    const [message] = transport.messages('images');
    const { headers } = read(message as Outgoing);
    expect(message).toMatchObject({ id, delaySeconds: 60 });
    expect(headers).toMatchObject({ tenant: 'acme', compression: 'application/x-gzip' });
    expect(Date.parse(String(headers.expires)) - Date.parse(String(headers.eta))).toBe(3_540_000);
  });

  it('routes by name, pattern and regular expression', async () => {
    const transport = createMemoryTransport();
    sending.routed.connect({ transport });
    for (const name of ['images.thumbnail', 'sms.send', 'shop.charge', 'other']) await sending.routed.sendTask(name);
    expect(transport.messages('python')).toHaveLength(1);
    expect(read(transport.messages('notify')[0] as Outgoing).properties.priority).toBe(3);
    expect(transport.messages('payments.fifo')).toMatchObject([{ messageGroupId: 'bank' }]);
    expect(transport.messages('celery')).toHaveLength(1);
  });

  it('explains why nothing was sent', async () => {
    connectMemory({ queues: ['celery'] });
    expect(await sending.sendOrExplain(IMAGE)).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sending.sendOrExplain('x'.repeat(2_000_000))).toMatch(/^send a reference: \d+ of 1048576 bytes$/);
    expect(await sending.sendOrExplain((() => IMAGE) as never)).toBe('not sendable: args[0]');
    connectMemory({ queues: ['other'] });
    expect(await sending.sendOrExplain(IMAGE)).toBe('no such queue: celery');
  });

  it('keeps groups apart', async () => {
    const transport = connectMemory();
    await sending.inOrder();
    await sending.fairly('tenant-1');
    expect(transport.messages('orders.fifo').map((message) => [message.messageGroupId, read(message).args[0]])).toEqual([
      ['customer-17', 'https://example.com/1.png'],
      ['customer-17', 'https://example.com/2.png'],
    ]);
    expect(transport.messages('celery')).toMatchObject([{ messageGroupId: 'tenant-1' }]);
  });
});

describe('values.ts, wire.ts and codecs.ts', () => {
  it('send every value of Python’s so that it comes back as it was', async () => {
    const transport = createMemoryTransport();
    values.app.connect({ transport });
    await values.sendValues();
    const { args } = read(transport.messages('celery')[0] as Outgoing);
    expect(args.map((value) => (value as object).constructor.name)).toEqual([
      'PyDateTime',
      'PyDateTime',
      'PyDate',
      'PyTime',
      'Decimal',
      'Uuid',
      'BigInt',
      'Uint8Array',
      'Number',
    ]);
    expect([args[6], String(args[4]), JSON.stringify(args[1])]).toEqual([2n ** 70n, '10.50', '"2030-01-02T03:04:05.000006+02:00"']);
  });

  it('read what they wrote', () => {
    expect(roundTrip()).toEqual({ task: 'images.thumbnail', args: [IMAGE], kwargs: { width: 64 } });
  });

  it('send and run a message of a plugged-in serializer and compression', async () => {
    const transport = createEagerTransport(codecs.app);
    codecs.app.connect({ transport, backend: createMemoryBackend() });
    expect(await (await codecs.echo.delay('hello')).get()).toBe('hello');
    expect(() => read(transport.runs[0]?.message as Outgoing)).toThrow(/application\/x-json-lines/);
  });
});

describe('results.ts', () => {
  it('gets a result, a failure, or the state of what is not done', async () => {
    app.connect({ transport: createEagerTransport(app), backend: createTextBackend(new Map<string, string>()) });
    expect(await resized(IMAGE)).toBe(`${IMAGE}?w=640`);

    const backend = createMemoryBackend();
    app.connect({ transport: createMemoryTransport(), backend, clock: impatient() });
    expect(await resized(IMAGE)).toBe('still PENDING');

    const result = { exc_type: 'ValueError', exc_message: ['no image', 7], exc_module: 'builtins' };
    const fetch = async (task_id: string) => ({ status: 'FAILURE', result, traceback: null, children: [], date_done: null, task_id });
    app.connect({ transport: createMemoryTransport(), backend: { ...backend, fetch } });
    expect(await resized(IMAGE)).toBe('ValueError: no image, 7');
  });

  it('keeps results in any store of texts, a success for good', async () => {
    const texts = new Map<string, string>();
    const backend = createTextBackend(texts);
    app.connect({ transport: createEagerTransport(app), backend });
    const sent = await resize.delay(IMAGE);
    expect([...texts.keys()]).toEqual([`celery-task-meta-${sent.id}`]);
    await backend.store({ status: 'FAILURE', result: null, traceback: null, children: [], date_done: null, task_id: sent.id });
    expect(await sent.state()).toBe('SUCCESS');
    await sent.forget();
    expect(await sent.state()).toBe('PENDING');
  });
});

/** A clock on which every wait is over at once. */
function impatient() {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
}

describe('sqs-fetch.ts', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('sends with the keys of the environment, and with those of a vault', async () => {
    const sqs = await startLocalSqs({ queues: [{ name: 'celery' }] });
    vi.stubEnv('AWS_REGION', sqs.region).stubEnv('AWS_ENDPOINT_URL_SQS', sqs.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a').stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    connectLean();
    const ids = [await orderLean()];
    let reads = 0;
    connectWithKeysOf({
      async read() {
        reads += 1;
        return { id: 'i', secret: 's', token: 't', endsAt: '2100-01-01T00:00:00Z' };
      },
    });
    ids.push(await orderLean(), await orderLean());
    expect((await sqs.peek('celery')).map(({ body }) => readMessage(body, { codecs: createCodecs() }).headers.id).sort()).toEqual(
      ids.sort(),
    );
    expect(reads).toBe(1);
    await sqs.close();
  });
});

describe('polling.ts', () => {
  it('runs what lies in its queues until it is stopped', async () => {
    const transport = createMemoryTransport();
    app.connect({ transport, backend: createMemoryBackend(), logger: silentLogger });
    const sent = [await resize.delay(IMAGE), await resize.applyAsync([IMAGE], { queue: 'images' })];
    const running = poller.run();
    expect(await Promise.all(sent.map((task) => task.get({ timeout: 5, interval: 0.01 })))).toEqual([`${IMAGE}?w=320`, `${IMAGE}?w=320`]);
    await poller.stop();
    await running;
    expect([...transport.messages('celery'), ...transport.messages('images')]).toEqual([]);
  });
});

describe('testing.ts', () => {
  afterEach(() => {
    bank.open = true;
  });

  it.each([testing.directly, testing.eagerly, testing.throughTheHandler, testing.triedAgain, testing.waitsForAnHour])(
    '%o passes',
    async (test) => {
      await test();
    },
  );

  it.each(testing.cases)('the memory transport $name', async ({ run }) => {
    await run();
  });
});

describe('local.ts', () => {
  it('runs a task through SQS and the event source mapping', async () => {
    expect(await runLocally()).toBe('deleted');
  });

  it('runs a bundle as Lambda would', async () => {
    const bundle = await writeBundle('export const handler = async ({ Records }) => ({ seen: Records.length, stage: process.env.STAGE });');
    expect(await runBundle(bundle.bundleDir)).toBe('{"seen":0,"stage":"test"}');
    await bundle.remove();
  });

  it('keeps results in a DynamoDB of its own', async () => {
    expect(await resizeLocally()).toBe(`${IMAGE}?w=320`);
  });
});

describe('logging.ts', () => {
  it('writes one line of JSON for each record', async () => {
    const transport = createEagerTransport(logging.app);
    logging.app.task('noop', () => null);
    const { logger } = logging;
    logging.app.connect({ transport, logger });
    await logging.app.sendTask('noop');
    expect(JSON.parse(logging.lines[0] ?? '')).toMatchObject({
      level: 'INFO',
      message: 'task succeeded',
      task: 'noop',
      acknowledged: true,
    });
  });
});
