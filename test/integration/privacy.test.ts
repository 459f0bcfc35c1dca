/** Secrets in arguments, results, errors and headers, through every end a task may have: which sink has which of them, and which has none. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import type { Settings } from '../../src/app/settings.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { Reject } from '../../src/errors.ts';
import { type AsyncResult, chain, chord, group, type Signature } from '../../src/index.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createJsonLogger, type Logger } from '../../src/logger.ts';
import type { Outgoing } from '../../src/transports/transport.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { envelopeText } from '../support/messages.ts';
import { createRecordingTransport, refused } from '../support/recording.ts';
import { readSent, toDelivery } from '../support/worker.ts';

/** One sentinel for each place a value may come from. */
const SECRET = {
  argument: 'sentinel-argument-4111',
  keyword: 'sentinel-keyword-4111',
  result: 'sentinel-result-4111',
  error: 'sentinel-error-4111',
  header: 'sentinel-header-4111',
} as const;
const NAMES = Object.keys(SECRET) as (keyof typeof SECRET)[];

const found = (text: string): string[] => NAMES.filter((name) => text.includes(SECRET[name]));

/** Everything a logger could make of a line: as JSON, and as `console` prints it, own fields and causes included. */
function capture() {
  let text = '';
  const json = createJsonLogger((line) => {
    text += `${line}\n`;
  });
  const at =
    (level: keyof Logger) =>
    (line: Parameters<Logger['info']>[0]): void => {
      json[level](line);
      text += `${inspect(line, { depth: Number.POSITIVE_INFINITY, showHidden: true })}\n`;
    };
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, text: () => text };
}

/** A task whose arguments are nobody's business here. */
interface AnyTask {
  applyAsync(args: readonly unknown[], options?: object): Promise<AsyncResult>;
  signature<A extends readonly unknown[] = []>(args: readonly unknown[], options?: object): Signature<A, unknown>;
  map(items: readonly unknown[]): Signature<[], unknown>;
  s(): Signature<[], unknown>;
}

type Privacy = 'open' | 'types' | 'sensitive' | 'everywhere';

const OPTIONS = {
  open: {},
  types: { argsrepr: 'types' },
  sensitive: { sensitive: ['0.card', 'pin'] },
  everywhere: {},
} as const;

function createWorld(privacy: Privacy, given: Partial<Settings> = {}, isDown = false) {
  const transport = createRecordingTransport(isDown ? refused : undefined);
  const backend = createMemoryBackend();
  const ledger = createMemoryLedger();
  const { logger, text } = capture();
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const app = createApp('shop', {
    deadLetterQueue: 'dead',
    taskDeadLetterQueue: 'failed',
    resultExtended: true,
    taskPublishRetry: false,
    ...(privacy === 'everywhere' && { taskArgsrepr: 'types' as const }),
    ...given,
  }).connect({ transport, backend, ledger, clock, logger });
  const options = { ...OPTIONS[privacy], kwargs: true } as const;
  const fail = (): never => {
    throw Object.assign(new RangeError(`no ${SECRET.error}`), { card: SECRET.argument, cause: new Error(SECRET.error) });
  };
  const succeed = app.task('succeed', options, (_order: object, _more: { pin: string }) => ({ paid: SECRET.result }));
  const tasks = {
    succeed,
    fail: app.task('fail', options, fail),
    retry: app.task('retry', { ...options, bind: true }, (self, _order: object, _more: { pin: string }) =>
      self.retry({ exc: new Error(SECRET.error) }),
    ),
    exhaust: app.task('exhaust', { ...options, bind: true, maxRetries: 0 }, (self, _order: object, _more: { pin: string }) => self.retry()),
    reject: app.task('reject', options, (_order: object, _more: { pin: string }): never => {
      throw new Reject(SECRET.error);
    }),
    unwritable: app.task('unwritable', options, (_order: object, _more: { pin: string }) => ({
      [SECRET.result.slice(0, 5)]: () => SECRET.result,
    })),
    hooked: app.task(
      'hooked',
      { ...options, onSuccess: fail, afterReturn: fail },
      (_order: object, _more: { pin: string }) => SECRET.result,
    ),
    errback: app.task('errback', { ...OPTIONS[privacy] }, (_request: unknown, _error: unknown, _traceback: unknown) => fail()),
  };
  const consume = createConsumer(app, { hostname: 'w', pid: 1 });
  return { app, tasks: tasks as unknown as Readonly<Record<keyof typeof tasks, AnyTask>>, transport, backend, ledger, consume, logs: text };
}

const ORDER = { card: { number: SECRET.argument }, amount: 5 };
const KWARGS = { pin: SECRET.keyword };
const CALL = { kwargs: KWARGS, headers: { tenant: SECRET.header } };

type World = ReturnType<typeof createWorld>;

/** Consumes all that is sent to the queue of tasks, what that sends as well. */
async function drain({ transport, consume }: World): Promise<void> {
  for (let at = 0; at < transport.sent.length && at < 50; at += 1) {
    const outgoing = transport.sent[at]!;
    if (outgoing.queue === 'celery') await consume(toDelivery(outgoing));
  }
}

const textsOf = ({ headers }: ReturnType<typeof readSent>): string => `${headers.argsrepr} ${headers.kwargsrepr}`;
const attributesOf = (sent: readonly Outgoing[]): string => JSON.stringify(sent.map(({ attributes }) => attributes));
const reprsOf = ({ transport }: World): string => transport.sent.map((message) => textsOf(readSent(message))).join('\n');

const ENDS = ['succeed', 'fail', 'retry', 'exhaust', 'reject', 'unwritable', 'hooked'] as const;
const PRIVATE = ['types', 'sensitive', 'everywhere'] as const;

describe.each(PRIVATE)('where arguments are kept back (%s)', (privacy) => {
  it.each(ENDS)('a task that ends by %s says none of its values', async (end) => {
    const world = createWorld(privacy);
    await world.tasks[end].applyAsync([ORDER], CALL);
    await drain(world);
    expect(found(world.logs())).toEqual([]);
    expect(found(attributesOf(world.transport.sent))).toEqual([]);
    expect(found(reprsOf(world))).toEqual([]);
  });

  it('nor do errbacks, maps, chains and chords', async () => {
    const world = createWorld(privacy);
    const { fail, succeed, errback } = world.tasks;
    await fail.applyAsync([ORDER], { ...CALL, linkError: errback.s() });
    await succeed.map([ORDER]).applyAsync();
    await chain(succeed.signature([ORDER], CALL), fail.signature<[unknown]>([], CALL)).applyAsync();
    await chord(
      group(fail.signature([ORDER], CALL), succeed.signature([ORDER], CALL)),
      succeed.signature<[unknown]>([], CALL),
    ).applyAsync();
    await drain(world);
    expect(world.transport.sent.length).toBeGreaterThan(5);
    expect(found(world.logs())).toEqual([]);
    expect(found(attributesOf(world.transport.sent))).toEqual([]);
    // What one task returned is the next one's argument, and nobody called it sensitive.
    expect(found(reprsOf(world)).filter((name) => name !== 'result' || privacy !== 'sensitive')).toEqual([]);
  });
});

describe('where nothing is kept back', () => {
  it('the argsrepr has the arguments, and logs and reasons the texts of errors, but neither arguments nor results', async () => {
    for (const end of ENDS) {
      const world = createWorld('open');
      await world.tasks[end].applyAsync([ORDER], CALL);
      await drain(world);
      expect(found(reprsOf(world)), end).toEqual(['argument', 'keyword']);
      const isTold = end === 'exhaust';
      expect(
        found(world.logs()).filter((name) => name !== 'error'),
        end,
      ).toEqual(isTold ? ['argument', 'keyword'] : []);
      expect(
        found(attributesOf(world.transport.sent)).filter((name) => name !== 'error'),
        end,
      ).toEqual(isTold ? ['argument', 'keyword'] : []);
    }
  });
});

describe('a result', () => {
  it('has neither sensitive arguments nor, where they are not wanted, stacks', async () => {
    for (const end of ['succeed', 'fail', 'exhaust'] as const) {
      const world = createWorld('sensitive', { resultTracebacks: false });
      const { id } = await world.tasks[end].applyAsync([ORDER], CALL);
      await drain(world);
      const document = await world.backend.fetch(id);
      expect(document, end).toMatchObject({ args: [{ card: '***', amount: 5 }], kwargs: { pin: '***' }, traceback: null });
      expect(found(JSON.stringify(document)), end).toEqual({ succeed: ['result'], fail: ['error'], exhaust: [] }[end]);
    }
  });

  it('of a map or a step that never runs has none either', async () => {
    const world = createWorld('sensitive');
    const { fail, succeed } = world.tasks;
    const mapped = await succeed.map([ORDER]).applyAsync();
    const last = await chain(fail.signature([ORDER], CALL), succeed.signature<[unknown]>([], CALL)).applyAsync();
    await drain(world);
    const documents = [await world.backend.fetch(mapped.id), await world.backend.fetch(last.id)];
    expect(documents.map((document) => document?.status)).toEqual([expect.any(String), 'FAILURE']);
    expect(found(JSON.stringify(documents.map((document) => [document?.args, document?.kwargs])))).toEqual([]);
  });

  it('has of a long error what the setting keeps', async () => {
    const world = createWorld('open', { resultErrorLength: 10 });
    const { id } = await world.tasks.fail.applyAsync([ORDER], CALL);
    await drain(world);
    const { result, traceback } = (await world.backend.fetch(id))!;
    expect(result).toMatchObject({ exc_type: 'RangeError', exc_message: ['no sentine… (12 characters cut)'] });
    expect(traceback).toMatch(/^RangeError… \(\d+ characters cut\)$/);
  });
});

describe('what cannot be run', () => {
  const [first, last] = [SECRET.argument, SECRET.keyword];
  const cases: readonly (readonly [string, string])[] = [
    ['no JSON', Buffer.from(`{"body": "${first}`).toString('base64')],
    ['no base64', `{{{{${first}`],
    ['a body that is none', envelopeText({ body: { [first]: last } })],
    ['a body that is no JSON', envelopeText({ rawBody: `[["${first}"], {"pin": ` } as never)],
    ['arguments that are none', envelopeText({ body: [first, {}, null] })],
    ['keywords that are none', envelopeText({ body: [[], last, null] })],
    ['a tag of a value that is none', envelopeText({ body: [[{ __type__: 'decimal', __value__: first }], {}, null] })],
    ['a tag of a date that is none', envelopeText({ body: [[{ __type__: 'datetime', __value__: first }], {}, null] })],
    ['a task nobody knows', envelopeText({ headers: { task: 'nobody', tenant: SECRET.header }, body: [[first], { pin: last }, null] })],
    ['links that are none', envelopeText({ body: [[first], {}, { callbacks: [{ task: 5, args: [last] }] }] })],
  ];

  it.each(cases)('leaves no value in logs and reasons: %s', async (_what, body) => {
    const world = createWorld('open', { onUnknownTask: 'deadletter' });
    await world.consume(toDelivery({ id: 'x', queue: 'celery', body }));
    expect(world.transport.sent).toHaveLength(1);
    expect(world.transport.sent[0]?.queue).toBe('dead');
    expect(found(world.logs())).toEqual([]);
    expect(found(attributesOf(world.transport.sent))).toEqual([]);
  });

  it('leaves none where the dead-letter queue does not answer', async () => {
    const world = createWorld('open', { onUnknownTask: 'deadletter' }, true);
    for (const [, body] of cases) await world.consume(toDelivery({ id: 'x', queue: 'celery', body }));
    expect(world.logs()).toContain('message not quarantined');
    expect(found(world.logs())).toEqual([]);
  });

  it('leaves none of what is revoked, expired, too early, too late or kills its workers', async () => {
    const world = createWorld('open');
    const send = (options: object) => world.tasks.succeed.applyAsync([ORDER], { ...CALL, ...options });
    const revoked = await send({});
    await world.app.control.revoke(revoked.id);
    await send({ expires: -5 });
    await send({ countdown: 5000 });
    const killer = await send({});
    for (const token of ['a', 'b', 'c', 'd']) await world.ledger.begin({ taskId: killer.id, token, expiresMs: Number.MAX_SAFE_INTEGER });
    const calls = world.transport.sent.slice();
    for (const message of calls) await world.consume(toDelivery(message));
    expect(world.logs()).toContain('task ends its workers');
    expect(found(world.logs())).toEqual([]);
    expect(found(attributesOf(world.transport.sent))).toEqual([]);
  });
});

describe('arguments that do not fit a task', () => {
  it('are not named in the error', async () => {
    const world = createWorld('open');
    world.app.task('strict', { params: ['a'] }, (a: string) => a);
    for (const body of [
      [[SECRET.argument, SECRET.argument], {}, null],
      [[SECRET.argument], { a: SECRET.keyword }, null],
      [[], { b: SECRET.keyword }, null],
      [[], {}, null],
    ]) {
      await world.consume(
        toDelivery({ id: 'x', queue: 'celery', body: envelopeText({ headers: { task: 'strict', id: crypto.randomUUID() }, body }) }),
      );
    }
    expect(world.logs()).toContain('TypeError');
    expect(found(world.logs())).toEqual([]);
  });
});

describe('an odd error', () => {
  const throwing = (): never => {
    throw new Error('no');
  };
  const { proxy: revoked, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();

  it.each<[string, unknown]>([
    [
      'with getters that throw',
      Object.defineProperties(new Error('x'), { message: { get: throwing }, stack: { get: throwing }, name: { get: throwing } }),
    ],
    ['that throws whatever is asked', new Proxy(new Error('x'), { get: throwing })],
    ['that was revoked', revoked],
    ['without a prototype', Object.create(null)],
    ['with a name of a megabyte', Object.assign(new Error('x'), { name: 'N'.repeat(1_000_000) })],
  ])('%s is a failure like any other', async (_what, error) => {
    const world = createWorld('open');
    world.app.task('odd', () => {
      throw error;
    });
    const { id } = await world.app.sendTask('odd');
    const [message] = world.transport.sent;
    expect(await world.consume(toDelivery(message!))).toEqual({ do: 'ack' });
    expect(await world.backend.fetch(id)).toMatchObject({ status: 'FAILURE' });
    expect(JSON.stringify(await world.backend.fetch(id)).length).toBeLessThan(70_000);
  });
});
