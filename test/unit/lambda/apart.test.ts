import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { OperationalError, Reject } from '../../../src/errors.ts';
import type { SqsRecord } from '../../../src/lambda/event.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../../src/testing/events.ts';
import type { Delivery, Transport } from '../../../src/transports/transport.ts';
import { createRecordingLogger, createRecordingTransport } from '../../support/recording.ts';

interface Made {
  readonly ledger?: Ledger;
  readonly queue?: string;
  /** What deleting a message comes to. */
  readonly done?: (delivery: Delivery) => Promise<void>;
}

/** A worker whose events are told in order: what runs, and what is acknowledged before the batch is answered for. */
function setUp({ ledger = createMemoryLedger(), queue = 'celery', done = async () => {} }: Made = {}) {
  const recording = createRecordingTransport();
  const events: string[] = [];
  const inbox = {
    receive: async () => [],
    postpone: async () => {},
    async done(delivery: Delivery) {
      events.push(`${delivery.messageId} acknowledged`);
      await done(delivery);
    },
  };
  const transport: Transport = { ...recording, inbox };
  const logger = createRecordingLogger();
  const app = createApp('shop').connect({ transport, logger, ledger });
  const note = app.task('note', (name: string, end: string) => {
    events.push(`${name} runs`);
    if (end === 'back') throw new Reject('later', { requeue: true });
  });
  /** @param starts how often it was started and never ended; from 0 on it was delivered before */
  const record = async (name: string, starts?: number, { end = 'ok', group }: { end?: string; group?: string } = {}) => {
    const { id } = await note.delay(name, end);
    for (let n = 0; n < (starts ?? 0); n++) await ledger.begin({ taskId: id, token: `${id}-${n}`, expiresMs: 8.64e15 });
    return createSqsRecord(recording.sent.at(-1)!.body, {
      messageId: name,
      queue,
      receiveCount: starts === undefined ? 1 : 2,
      ...(group !== undefined && { messageGroupId: group }),
    });
  };
  const handler = createHandler(app);
  const handle = (records: readonly SqsRecord[], remaining?: () => number) =>
    handler(createSqsEvent(records), createLambdaContext(remaining));
  return { events, handle, logger, record };
}

const failures = (...names: string[]) => ({ batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })) });

describe('a batch with records whose start never ended', () => {
  it('acknowledges all that is done before each of them is started, and answers for it all the same', async () => {
    const { events, handle, record } = setUp();
    const records = [await record('worse', 2), await record('new'), await record('bad', 1), await record('back', 0, { end: 'back' })];
    expect(await handle(records)).toEqual(failures('back'));
    expect(events).toEqual(['new runs', 'back runs', 'new acknowledged', 'bad runs', 'bad acknowledged', 'worse runs']);
  });

  it('takes what nobody can tell about for as suspect as one that was started once', async () => {
    const { events, handle, record } = setUp();
    const unreadable = createSqsRecord('garbage', { messageId: 'garbage', receiveCount: 2 });
    const idInBody = {
      ...(await record('old', 0)),
      body: JSON.stringify({ body: '{}', 'content-type': 'application/json', properties: {} }),
    };
    await handle([await record('worse', 2), unreadable, idInBody, await record('new')]);
    expect(events).toEqual(['new runs', 'new acknowledged', 'worse runs']);
  });

  it.each([
    ['cannot be asked', { unfinished: () => Promise.reject(new OperationalError('no', { retryable: true })) }],
    ['cannot tell', { unfinished: undefined }],
  ])('runs all that was delivered before one at a time where the ledger %s', async (_why, broken) => {
    const ledger = { ...createMemoryLedger(), ...broken } as Ledger;
    const { events, handle, record } = setUp({ ledger });
    expect(await handle([await record('a', 0), await record('b', 2), await record('new')])).toEqual(failures());
    expect(events).toEqual(['new runs', 'new acknowledged', 'a runs', 'a acknowledged', 'b runs']);
  });

  it('goes on when a record cannot be acknowledged early, and does not try again', async () => {
    const done = (): Promise<void> => Promise.reject(new OperationalError('denied', { retryable: false }));
    const { events, handle, logger, record } = setUp({ done });
    expect(await handle([await record('a', 1), await record('b', 1), await record('new')])).toEqual(failures());
    expect(events).toEqual(['new runs', 'new acknowledged', 'a runs', 'a acknowledged', 'b runs']);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'not acknowledged early', messageId: 'new', queue: 'celery', error: { message: 'denied' } },
      { message: 'not acknowledged early', messageId: 'a' },
    ]);
  });

  it('starts none of them once the time runs out, and acknowledges nothing for their sake', async () => {
    const { events, handle, record } = setUp();
    const left = [10_000, 10_000, 900];
    expect(await handle([await record('bad', 1), await record('new')], () => left.shift() ?? 900)).toEqual(failures('bad'));
    expect(events).toEqual(['new runs']);
  });

  it('has message groups that run apart as a whole, in their order', async () => {
    const { events, handle, record } = setUp({ queue: 'orders.fifo' });
    const records = [
      await record('a1', 0, { group: 'a' }),
      await record('b1', 1, { group: 'b' }),
      await record('a2', 2, { group: 'a' }),
      await record('b2', 0, { group: 'b', end: 'back' }),
      await record('c1', 0, { group: 'c' }),
      await record('b3', 0, { group: 'b' }),
      await record('a3', 0, { group: 'a' }),
    ];
    expect(await handle(records)).toEqual(failures('b2', 'b3'));
    expect(events).toEqual([
      'c1 runs',
      'c1 acknowledged',
      'b1 runs',
      'b1 acknowledged',
      'b2 runs',
      'a1 runs',
      'a1 acknowledged',
      'a2 runs',
      'a2 acknowledged',
      'a3 runs',
    ]);
  });
});

describe('a batch without them', () => {
  it.each([
    ['is new', undefined],
    ['came back and is under no suspicion', 0],
  ])('is acknowledged by its answer alone where it %s', async (_how, starts) => {
    const { events, handle, record } = setUp();
    expect(await handle([await record('a', starts), await record('b', starts)])).toEqual(failures());
    expect(events).toEqual(['a runs', 'b runs']);
  });

  it('of a single record asks nobody', async () => {
    const ledger = { ...createMemoryLedger(), unfinished: () => Promise.reject(new Error('asked')) };
    const { events, handle, record } = setUp({ ledger });
    expect(await handle([await record('a', 2)])).toEqual(failures());
    expect(events).toEqual(['a runs']);
  });
});
