import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import type { UniqueOptions } from '../../../src/app/definition.ts';
import { DuplicateTask } from '../../../src/errors.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import type { Outgoing, Receipt } from '../../../src/transports/transport.ts';
import { Decimal } from '../../../src/wire/values.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { accepted, createRecordingLogger, createRecordingTransport, refused, throttled } from '../../support/recording.ts';

const HOUR = 3600;
const MINUTES_MS = 60_000;
const sizes = (path: string, width: number): string => `${path} ${width}`;

interface Given {
  readonly unique?: Partial<UniqueOptions<[path: string, width: number]>>;
  readonly ledger?: Partial<Ledger>;
  readonly answer?: (message: Outgoing, call: number) => Receipt;
}

function setUp({ unique = {}, ledger: more = {}, answer }: Given = {}) {
  const transport = createRecordingTransport(answer);
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const logger = createRecordingLogger();
  const ledger = { ...createMemoryLedger(), ...more };
  const app = createApp('shop').connect({ transport, clock, ledger, logger });
  const resize = app.task('images.resize', { params: ['path', 'width'], unique: { for: HOUR, ...unique } }, sizes);
  return { app, resize, transport, clock, logger };
}

const once = (first: () => Receipt) => (message: Outgoing, call: number) => (call === 1 ? first() : accepted(message));
const noRetry = { retry: false };

describe('a unique task', () => {
  it('is sent once under its arguments, and the second call is refused with the id of the first', async () => {
    const { resize, transport } = setUp();
    const { id } = await resize.delay('a.png', 100);
    const error = await resize.delay('a.png', 100).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DuplicateTask);
    expect(error).toMatchObject({ name: 'DuplicateTask', taskId: id });
    await resize.delay('a.png', 101);
    expect(transport.sent).toHaveLength(2);
  });

  it('gives the result of the first to the second call that asks to have it returned', async () => {
    const { resize, transport } = setUp({ unique: { otherwise: 'return' } });
    const { id } = await resize.delay('a.png', 100);
    expect((await resize.delay('a.png', 100)).id).toBe(id);
    expect(transport.sent).toHaveLength(1);
  });

  it('may be sent again when its time is up, counted from when it was sent', async () => {
    const { resize, transport, clock } = setUp();
    await resize.delay('a.png', 100);
    await clock.advance(HOUR * 1000 - 1);
    await expect(resize.delay('a.png', 100)).rejects.toThrow(DuplicateTask);
    await clock.advance(1);
    await resize.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('may be unique for less than it takes to send it', async () => {
    const { resize, transport, clock } = setUp({ unique: { for: 0.5 } });
    await resize.delay('a.png', 100);
    await clock.advance(500);
    await resize.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('is told from others by a key of its own', async () => {
    const { resize, transport } = setUp({ unique: { key: (path) => path } });
    await resize.delay('a.png', 100);
    await expect(resize.delay('a.png', 200)).rejects.toThrow(DuplicateTask);
    await resize.delay('b.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('is the same whether arguments come by place or by name', async () => {
    const { resize, app } = setUp();
    await resize.delay('a.png', 100);
    const byName = { kwargs: { width: 100 } };
    await expect(app.sendTask('images.resize', ['a.png'], byName)).rejects.toThrow(DuplicateTask);
    await expect(app.sendTask('images.resize', [], { kwargs: { width: 100, path: 'a.png' } })).rejects.toThrow(DuplicateTask);
  });

  it('is another with the name of another task', async () => {
    const { app, resize, transport } = setUp();
    const crop = app.task('images.crop', { unique: { for: HOUR } }, sizes);
    await resize.delay('a.png', 100);
    await crop.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('that takes keywords hands them to its key as the function gets them', async () => {
    const { app } = setUp();
    const seen: unknown[] = [];
    const key = (...args: readonly unknown[]): string => {
      seen.push(args);
      return 'k';
    };
    const mail = app.task('mail', { kwargs: true, unique: { for: HOUR, key } }, (to: string, _more: { cc: string }) => to);
    await mail.applyAsync(['a'], { kwargs: { cc: 'b' } });
    expect(seen).toEqual([['a', { cc: 'b' }]]);
  });

  it('carries the id that the call names', async () => {
    const { resize, transport } = setUp();
    expect((await resize.applyAsync(['a.png', 100], { taskId: 'mine' })).id).toBe('mine');
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ taskId: 'mine' });
    // The same call again is the same task.
    await resize.applyAsync(['a.png', 100], { taskId: 'mine' });
    expect(transport.sent.map(({ id }) => id)).toEqual(['mine', 'mine']);
  });

  it('is sent without a look at its key when it is part of a canvas', async () => {
    const { resize, transport } = setUp();
    await resize.delay('a.png', 100);
    await resize.s('a.png', 100).delay();
    expect(transport.sent).toHaveLength(2);
  });

  it('needs a ledger', async () => {
    const { app, resize } = setUp();
    app.connect({ transport: createRecordingTransport() });
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('takes a ledger'),
    });
  });

  it('is not sent when its key is no text, or its arguments cannot be sent', async () => {
    const { app, resize, transport } = setUp({ unique: { key: () => 7 as never } });
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('is a number'),
    });
    const odd = app.task('odd', { unique: { for: HOUR } }, (_what: unknown) => null);
    await expect(odd.delay((() => 1) as never)).rejects.toMatchObject({ name: 'EncodeError' });
    const circle: unknown[] = [];
    circle.push(circle);
    await expect(odd.delay(circle as never)).rejects.toMatchObject({ name: 'EncodeError' });
    expect(transport.sent).toEqual([]);
  });
});

describe('arguments', () => {
  const same = async (left: unknown, right: unknown): Promise<boolean> => {
    const { app } = setUp();
    const note = app.task('note', { unique: { for: HOUR } }, (_what: unknown) => null);
    await app.sendTask(note.name, [left]);
    return await app.sendTask(note.name, [right]).then(
      () => false,
      (error: unknown) => error instanceof DuplicateTask,
    );
  };

  it('are the same whatever order their members have', async () => {
    expect(await same({ a: 1, b: { c: [{ d: 1, e: 2 }] } }, { b: { c: [{ e: 2, d: 1 }] }, a: 1 })).toBe(true);
    expect(await same({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(await same(JSON.parse('{"__proto__": 1, "a": 2}'), JSON.parse('{"a": 2, "__proto__": 1}'))).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['members', { a: 1 }, { a: 2 }],
    ['orders', [1, 2], [2, 1]],
    ['texts and numbers', '1', 1],
    ['null and its name', null, 'null'],
    ['large integers', 2n ** 60n, 2n ** 60n + 1n],
    ['dates', new Date(0), new Date(1)],
    ['decimals and texts', new Decimal('1.0'), '1.0'],
    ['bytes', Buffer.from('a'), Buffer.from('b')],
    ['odd names and none', JSON.parse('{"__proto__": 1}'), {}],
  ])('are told apart by %s', async (_what, left, right) => {
    expect(await same(left, right)).toBe(false);
    expect(await same(left, left)).toBe(true);
  });
});

describe('a unique task that could not be sent', () => {
  it('gives its key up, so that the next call is sent', async () => {
    const { resize, transport } = setUp({ answer: once(refused) });
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ name: 'OperationalError' });
    await resize.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('gives it up as well where it may have been sent', async () => {
    const { resize, transport } = setUp({ answer: once(throttled) });
    await expect(resize.applyAsync(['a.png', 100], noRetry)).rejects.toMatchObject({ name: 'OperationalError' });
    await resize.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('keeps it for a few minutes where it may have been sent and its id was given: the same call passes, others do not', async () => {
    const { resize, transport, clock } = setUp({ answer: once(throttled) });
    const mine = { taskId: 'mine', ...noRetry };
    await expect(resize.applyAsync(['a.png', 100], mine)).rejects.toMatchObject({ name: 'OperationalError' });
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ name: 'DuplicateTask', taskId: 'mine' });
    await resize.applyAsync(['a.png', 100], mine);
    await clock.advance(5 * MINUTES_MS);
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ name: 'DuplicateTask' });
    expect(transport.sent).toHaveLength(2);
  });

  it('blocks nobody after five minutes when its sender is gone', async () => {
    const { resize, transport, clock } = setUp({ answer: once(throttled), ledger: { unreserve: async () => {} } });
    await expect(resize.applyAsync(['a.png', 100], noRetry)).rejects.toMatchObject({ name: 'OperationalError' });
    await clock.advance(5 * MINUTES_MS - 1);
    await expect(resize.delay('a.png', 100)).rejects.toThrow(DuplicateTask);
    await clock.advance(1);
    await resize.delay('a.png', 100);
    expect(transport.sent).toHaveLength(2);
  });

  it('tells why it was not sent, also where its key cannot be given up', async () => {
    const { resize } = setUp({ answer: refused, ledger: { unreserve: () => Promise.reject(new Error('down')) } });
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ name: 'OperationalError', message: 'no' });
  });
});

describe('a ledger that does not answer', () => {
  it.each([
    ['keeps it where the call names its id, for it may have been sent before', { taskId: 'mine' }, 0],
    ['gives it up where it does not', {}, 1],
  ])('keeps a unique task from being sent; its key may be taken, and %s', async (_how, options, times) => {
    const given: unknown[] = [];
    const reserve = () => Promise.reject(new Error('down'));
    const { resize, transport } = setUp({ ledger: { reserve, unreserve: async ({ taskId }) => void given.push(taskId) } });
    await expect(resize.applyAsync(['a.png', 100], options)).rejects.toThrow('down');
    expect(transport.sent).toEqual([]);
    expect(given).toHaveLength(times);
  });

  it('at the second call under the same id leaves the key to the first, and no other call is sent', async () => {
    const memory = createMemoryLedger();
    let isDown = false;
    const reserve: Ledger['reserve'] = (asked) => (isDown ? Promise.reject(new Error('down')) : memory.reserve(asked));
    const { resize, transport } = setUp({ ledger: { ...memory, reserve } });
    await resize.applyAsync(['a.png', 100], { taskId: 'mine' });
    isDown = true;
    await expect(resize.applyAsync(['a.png', 100], { taskId: 'mine' })).rejects.toThrow('down');
    isDown = false;
    await expect(resize.delay('a.png', 100)).rejects.toMatchObject({ name: 'DuplicateTask', taskId: 'mine' });
    expect(transport.sent).toHaveLength(1);
  });

  it('once the task is sent is logged, and the call succeeds', async () => {
    const memory = createMemoryLedger();
    let calls = 0;
    const reserve: Ledger['reserve'] = (asked) => {
      calls += 1;
      return calls === 1 ? memory.reserve(asked) : Promise.reject(new Error('down'));
    };
    const { resize, logger } = setUp({ ledger: { reserve } });
    const { id } = await resize.delay('a.png', 100);
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        message: 'a unique task was sent, but its key is not remembered',
        task: 'images.resize',
        id,
        error: { message: 'down' },
      },
    ]);
  });
});

describe('the option unique', () => {
  it.each<[unknown]>([
    [null],
    [{}],
    [true],
    [{ for: 0 }],
    [{ for: Number.POSITIVE_INFINITY }],
    [{ for: '60' }],
    [{ for: 60, key: 'path' }],
    [{ for: 60, otherwise: 'ignore' }],
    [{ for: 60, forever: true }],
  ])('is refused when the task is declared: %j', (unique) => {
    expect(() => createApp('shop').task('t', { unique: unique as never }, () => 1)).toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining("the task 't'") }),
    );
  });
});
