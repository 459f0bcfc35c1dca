import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/app/settings.ts';
import { Reject } from '../../../src/errors.ts';
import { createHandler } from '../../../src/lambda/handler.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../../src/testing/events.ts';
import type { Delivery, Transport } from '../../../src/transports/transport.ts';
import type { Disposition } from '../../../src/worker/disposition.ts';
import { backOff } from '../../../src/worker/visibility.ts';
import { createRecordingTransport } from '../../support/recording.ts';
import { createTestWorker } from '../../support/worker.ts';

const REQUEUE: Disposition = { do: 'requeue' };
const policy = { 1: 10, 2: 20, 5: 300 };

function ask(options: Settings['brokerTransportOptions'], receiveCount: number, disposition = REQUEUE): Disposition {
  const delivery: Delivery = { messageId: 'm', queue: 'q', body: '', receiveCount };
  return backOff(disposition, 'proj.busy', delivery, { brokerTransportOptions: options } as Settings);
}

describe('the backoff policy', () => {
  it.each([
    [1, 10],
    [2, 20],
    [3, 20],
    [4, 20],
    [5, 300],
    [99, 300],
  ])('hides a message received %d times for %d s', (receiveCount, afterSeconds) => {
    expect(ask({ backoffPolicy: policy }, receiveCount)).toEqual({ do: 'requeue', afterSeconds });
  });

  it('says nothing below its first step', () => {
    expect(ask({ backoffPolicy: { 3: 10 } }, 2)).toBe(REQUEUE);
    expect(ask({ backoffPolicy: {} }, 2)).toBe(REQUEUE);
  });

  it('may give back at once', () => {
    expect(ask({ backoffPolicy: { 1: 0 } }, 1)).toEqual({ do: 'requeue', afterSeconds: 0 });
  });

  it('is for the tasks it names, or for all', () => {
    expect(ask({ backoffPolicy: policy, backoffTasks: ['proj.busy'] }, 1)).toEqual({ do: 'requeue', afterSeconds: 10 });
    expect(ask({ backoffPolicy: policy, backoffTasks: ['proj.other'] }, 1)).toBe(REQUEUE);
    expect(ask({ backoffPolicy: policy, backoffTasks: [] }, 1)).toBe(REQUEUE);
  });

  it.each<[string, Disposition]>([
    ['is acknowledged', { do: 'ack' }],
    ['is quarantined', { do: 'quarantine', code: 'c', reason: 'r', buried: false }],
    ['brings seconds of its own', { do: 'requeue', afterSeconds: 7 }],
  ])('leaves alone what %s', (_name, disposition) => {
    expect(ask({ backoffPolicy: policy }, 1, disposition)).toBe(disposition);
  });

  it('leaves all as it is where there is none', () => {
    expect(ask({ backoffTasks: ['proj.busy'] }, 1)).toBe(REQUEUE);
  });
});

describe('a message that is given back', () => {
  const settings = { brokerTransportOptions: { backoffPolicy: { 1: 10, 3: 60 } } };

  /** A handler over a transport that hides messages as told. */
  function createHiding(postpone: NonNullable<Transport['inbox']>['postpone'] | undefined) {
    const transport = createRecordingTransport();
    const inbox = { receive: async () => [], done: async () => {}, postpone: postpone! };
    const worker = createTestWorker({ settings, transport: postpone === undefined ? transport : { ...transport, inbox } });
    const busy = worker.app.task('busy', (): never => {
      throw new Reject('busy', { requeue: true });
    });
    const receive = async (receiveCount: number) => {
      await busy.delay();
      const record = createSqsRecord(transport.sent.at(-1)!.body, { messageId: 'm', receiveCount, queue: 'prod-celery' });
      return await createHandler(worker.app)(createSqsEvent([record]), createLambdaContext());
    };
    return { ...worker, receive };
  }

  const given = { batchItemFailures: [{ itemIdentifier: 'm' }] };

  it('is hidden by Lambda’s door with the record’s own receipt', async () => {
    const hidden: [receipt: unknown, queue: string, seconds: number][] = [];
    const { receive } = createHiding(async ({ receipt, queue }, seconds) => void hidden.push([receipt, queue, seconds]));
    expect(await receive(1)).toEqual(given);
    expect(await receive(4)).toEqual(given);
    expect(hidden).toEqual([
      ['receipt-m', 'prod-celery', 10],
      ['receipt-m', 'prod-celery', 60],
    ]);
  });

  it.each([new Error('too late'), 'too late'])('is given back all the same when it cannot be hidden, which is logged', async (error) => {
    const { receive, logger } = createHiding(() => Promise.reject(error));
    expect(await receive(1)).toEqual(given);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', message: 'visibility not changed', seconds: 10, error: 'too late' });
  });

  it('is given back by a transport that cannot hide', async () => {
    expect(await createHiding(undefined).receive(1)).toEqual(given);
  });
});
