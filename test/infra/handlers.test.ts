import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalSqs, startLocalSqs } from 'celeriac/local';
import { createSqsTransport, type SqsTransport } from 'celeriac/transports/sqs';
import { createCodecs, readMessage } from 'celeriac/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

let sqs: LocalSqs;
let transport: SqsTransport;
let handlers: { enqueue: typeof import('../../handlers/enqueue.ts'); deadLetter: typeof import('../../handlers/dead-letter.ts') };

const DEAD = 'test-celery-dead-letter';

beforeAll(async () => {
  // After one receive, so that a message which SQS moves can be had at once.
  const redrive = { deadLetterQueue: DEAD, maxReceiveCount: 1 };
  sqs = await startLocalSqs({ queues: [{ name: DEAD }, { name: 'test-celery', visibilityTimeoutSeconds: 0, redrive }] });
  for (const [name, value] of Object.entries({
    SQS_ENDPOINT: sqs.endpoint,
    QUEUE_NAME_PREFIX: 'test-',
    DEAD_LETTER_QUEUE: 'celery-dead-letter',
    MAX_RECEIVE_COUNT: '5',
    AWS_REGION: sqs.region,
    AWS_ACCESS_KEY_ID: sqs.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: sqs.credentials.secretAccessKey,
  })) {
    vi.stubEnv(name, value);
  }
  transport = createSqsTransport({ ...connectionOf(sqs), queueNamePrefix: 'test-' });
  handlers = { enqueue: await import('../../handlers/enqueue.ts'), deadLetter: await import('../../handlers/dead-letter.ts') };
});

const connectionOf = ({ endpoint, region, credentials }: LocalSqs) => ({ endpoint, region, credentials });

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await transport.close();
  await (await import('../../handlers/app.ts')).transport.close();
  await sqs.close();
});

const context = { getRemainingTimeInMillis: () => 60_000 } as never;

/** Receives and removes all that a queue has. */
async function drain(queue: string) {
  const received = await transport.inbox.receive(queue, { max: 10 });
  await Promise.all(received.map((delivery) => transport.inbox.done(delivery)));
  return received;
}

describe('handlers/tasks', () => {
  const FIXTURES = join(import.meta.dirname, '../interop/recorded/fixtures/celery');

  it('has every task that a recorded message calls, but for those of Celery itself', async () => {
    const { app } = await import('../../handlers/app.ts');
    const files = (await readdir(FIXTURES)).filter((file) => file.endsWith('.json'));
    const texts = await Promise.all(files.map((file) => readFile(join(FIXTURES, file), 'utf8')));
    const called = new Set(texts.flatMap((text) => [...text.matchAll(/"task": "([^"]+)"/g)].map((match) => match[1]!)));
    expect(called.size).toBeGreaterThan(20);
    expect([...called].filter((name) => !name.startsWith('celery.') && !app.tasks.includes(name))).toEqual([]);
  });

  it('gives back what echo is given', async () => {
    const { echo } = await import('../../handlers/tasks.ts');
    expect(echo(1, 'two', {})).toEqual([1, 'two']);
    expect(echo(1, { two: 2 })).toEqual([[1], { two: 2 }]);
  });
});

describe('handlers/enqueue', () => {
  const post = (body: unknown, changes: object = {}) => call({ body: JSON.stringify(body), ...changes });

  async function call(changes: object) {
    const event = { requestContext: { http: { method: 'POST' } }, ...changes };
    const { statusCode, headers, body } = await handlers.enqueue.handler(event, context);
    return { statusCode, headers, body: JSON.parse(body) as { id?: string; error?: string } };
  }

  it('sends the task and answers with its id', async () => {
    const { statusCode, body } = await post({ task: 'add', args: [2, 3] });
    expect(statusCode).toBe(202);
    const [message] = (await drain('celery')).map((delivery) => readMessage(delivery.body, { codecs: createCodecs() }));
    expect(message?.headers).toMatchObject({ task: 'proj.tasks.add', id: body.id });
    expect(message?.args).toEqual([2, 3]);
  });

  it('takes a countdown', async () => {
    expect((await post({ task: 'poison', countdown: 900 })).statusCode).toBe(202);
    expect(await sqs.depth('test-celery')).toMatchObject({ ready: 0, delayed: 1 });
  });

  it('reads a body that the gateway has put into base64', async () => {
    const body = Buffer.from(JSON.stringify({ task: 'mul', args: [6, 7] })).toString('base64');
    expect((await call({ body, isBase64Encoded: true })).statusCode).toBe(202);
    expect(await drain('celery')).toHaveLength(1);
  });

  it.each([
    ['no body', undefined],
    ['what is not JSON', '{'],
    ['null', 'null'],
    ['a text', '"add"'],
  ])('refuses %s', async (_what, body) => {
    const { statusCode, body: answered } = await call({ body });
    expect([statusCode, answered.error]).toEqual([400, 'The body is to be a JSON object { task, args, countdown? }.']);
  });

  it.each([
    ['a task that is not in its list', { task: 'spawn', args: [1] }, /^'task' is to be one of add, /],
    ['a task called like what every object has', { task: 'constructor' }, /^'task' is to be one of/],
    ['a task that is no text', { task: ['add'], args: [1, 2] }, /^'task' is to be one of/],
    ['too few arguments', { task: 'add', args: [1] }, /^'args' is to be a list of the arguments of 'add'/],
    ['too many arguments', { task: 'add', args: [1, 2, 3] }, /^'args'/],
    ['arguments of another kind', { task: 'add', args: ['1', 2] }, /^'args'/],
    ['arguments that are no list', { task: 'add', args: { x: 1 } }, /^'args'/],
    ['a countdown that is no number', { task: 'add', args: [1, 2], countdown: '5' }, /^'countdown' is to be/],
    ['a countdown in the past', { task: 'add', args: [1, 2], countdown: -1 }, /^'countdown'/],
    ['a countdown of more than a day', { task: 'add', args: [1, 2], countdown: 86_401 }, /^'countdown'/],
  ])('refuses %s', async (_what, order, error) => {
    const { statusCode, body } = await post(order);
    expect(statusCode).toBe(400);
    expect(body.error).toMatch(error);
  });

  it('refuses other methods', async () => {
    const { statusCode, headers } = await call({ requestContext: { http: { method: 'GET' } } });
    expect([statusCode, headers['allow']]).toEqual([405, 'POST']);
  });

  it('says which text is too long for a message', async () => {
    const { statusCode, body } = await post({ task: 'fail', args: ['x'.repeat(1_100_000)] });
    expect([statusCode, body.error]).toEqual([413, expect.stringContaining('1048576')]);
  });

  it('has sent nothing of what it refused', async () => {
    expect(await drain('celery')).toEqual([]);
  });
});

describe('handlers/dead-letter', () => {
  /** What a run logs, line by line. */
  async function run(having = context) {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const answer = await handlers.deadLetter.handler({}, having);
    const text = write.mock.calls.map(([line]) => String(line)).join('');
    write.mockRestore();
    const lines = text.split('\n').filter((line) => line.includes('"dead letter'));
    return { answer, text, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  async function send(queue: string, body: string, attributes: Record<string, string> = {}) {
    const typed = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, { type: 'String' as const, value }]));
    const [receipt] = await transport.send([{ queue, body, id: crypto.randomUUID(), attributes: typed }]);
    expect(receipt).toMatchObject({ ok: true });
  }

  /** A message as `enqueue` writes it, with an argument that no log may show. */
  async function written(): Promise<string> {
    const body = JSON.stringify({ task: 'fail', args: ['a secret'] });
    await handlers.enqueue.handler({ body, requestContext: { http: { method: 'POST' } } }, context);
    return (await drain('celery'))[0]!.body;
  }

  afterEach(() => drain('celery-dead-letter'));

  it('finds nothing in an empty queue', async () => {
    const { answer, lines } = await run();
    expect(answer).toEqual({ seen: 0 });
    expect(lines).toEqual([expect.objectContaining({ message: 'dead letters read', seen: 0 })]);
  });

  it('logs why a quarantined message is there, with its name and id and none of its arguments', async () => {
    await send('celery-dead-letter', await written(), {
      'celeriac.code': 'chord-without-backend',
      'celeriac.reason': 'It is part of a chord.',
      'celeriac.queue': 'test-celery',
    });
    const { answer, text, lines } = await run();
    expect(answer).toEqual({ seen: 1 });
    expect(lines[0]).toMatchObject({
      level: 'WARN',
      message: 'dead letter',
      code: 'chord-without-backend',
      reason: 'It is part of a chord.',
      task: 'proj.tasks.fail',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      queue: 'test-celery',
      messageId: expect.any(String),
      sentAt: expect.stringMatching(/^20\d\d-.*Z$/),
    });
    expect(text).not.toContain('secret');
  });

  it('says of a message that SQS moved that SQS moved it', async () => {
    await send('celery', await written());
    for (const _ of [1, 2]) await transport.inbox.receive('celery');
    const { lines } = await run();
    expect(lines[0]).toMatchObject({ code: 'redriven', reason: 'redriven by SQS after 5 receives', task: 'proj.tasks.fail' });
  });

  it('names a message of protocol 1 too', async () => {
    await send('celery-dead-letter', JSON.stringify(envelopeOf({ task: 'old', id: 'o-1', args: ['a secret'], kwargs: {} })));
    const { text, lines } = await run();
    expect(lines[0]).toMatchObject({ task: 'old', id: 'o-1' });
    expect(text).not.toContain('secret');
  });

  it('logs what cannot be read by its reason alone', async () => {
    await send('celery-dead-letter', 'not a message', { 'celeriac.code': 'not-json', 'celeriac.reason': 'bad\ntext' });
    const { text, lines } = await run();
    expect(lines[0]).toMatchObject({ code: 'not-json', reason: 'bad\ntext' });
    expect(lines[0]).not.toHaveProperty('task');
    expect(text.split('\n')).toHaveLength(3);
  });

  it('leaves every message where it was, to be seen again by the next run', async () => {
    for (let n = 0; n < 12; n++) await send('celery-dead-letter', `message ${n}`);
    expect((await run()).answer).toEqual({ seen: 12 });
    expect(await sqs.depth(DEAD)).toEqual({ ready: 12, delayed: 0, inFlight: 0 });
    expect((await run()).answer).toEqual({ seen: 12 });
    while ((await drain('celery-dead-letter')).length > 0);
  });

  it('stops in time to put back what it has seen', async () => {
    await send('celery-dead-letter', 'message');
    const late = { getRemainingTimeInMillis: () => 9_000 } as never;
    expect((await run(late)).answer).toEqual({ seen: 0 });
    expect(await sqs.depth(DEAD)).toMatchObject({ ready: 1, inFlight: 0 });
  });
});

function envelopeOf(task: object) {
  return {
    body: Buffer.from(JSON.stringify(task)).toString('base64'),
    'content-type': 'application/json',
    'content-encoding': 'utf-8',
    headers: {},
    properties: { body_encoding: 'base64' },
  };
}
