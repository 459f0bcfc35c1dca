/** Runs the examples of docs/retries.md, revoking.md, waiting.md, settings.md and worker.md: what happens when a task does not simply return. */

import type { LogLine } from 'celeriac';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createMemoryLedger } from 'celeriac/ledgers/memory';
import { createMemoryScheduler } from 'celeriac/schedulers/memory';
import { createEagerTransport } from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bank } from '../../docs/examples/bank.ts';
import * as policies from '../../docs/examples/policies.ts';
import * as retrying from '../../docs/examples/retrying.ts';
import { orderAndCancel } from '../../docs/examples/revoking.ts';
import { app } from '../../docs/examples/tasks.ts';
import { tomorrow } from '../../docs/examples/waiting.ts';
import * as watching from '../../docs/examples/watching.ts';

const IMAGE = 'https://example.com/a.png';

describe('retrying.ts', () => {
  afterEach(() => {
    bank.open = true;
    vi.unstubAllGlobals();
  });

  const connectEager = () => {
    const transport = createEagerTransport(retrying.app, { keep: ['celery-dead-letter'] });
    retrying.app.connect({ transport, backend: createMemoryBackend() });
    return transport;
  };

  it('tries again until the bank is open, or the retries are used up', async () => {
    const transport = connectEager();
    bank.open = false;
    expect(await (await retrying.pay.delay('order-1')).document()).toMatchObject({ status: 'RETRY', result: { exc_type: 'BankClosed' } });
    expect(transport.delayed).toMatchObject([{ delaySeconds: 60 }]);

    const last = await retrying.pay.applyAsync(['order-2'], { retries: 5 });
    await expect(last.get()).rejects.toMatchObject({ excType: 'BankClosed', excArgs: ['order-2'] });
    bank.open = true;
    expect(await (await retrying.pay.applyAsync(['order-3'], { retries: 5 })).get()).toBe('order-3 paid in attempt 6');
  });

  it('tries again by itself, and buries a copy in the end', async () => {
    const transport = connectEager();
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.999);
    bank.open = false;
    await retrying.refund.applyAsync(['order-1'], { retries: 3 });
    await retrying.refund.applyAsync(['order-2'], { retries: 8 });
    const [again, dead] = transport.delayed;
    expect(again).toMatchObject({ queue: 'celery', delaySeconds: 16 });
    expect(dead).toMatchObject({ queue: 'celery-dead-letter' });
    expect(dead?.attributes).toMatchObject({
      'celeriac.code': { value: 'failed' },
      'celeriac.reason': { value: 'BankClosed: order-2' },
      'celeriac.retries': { value: '8' },
    });
    bank.open = true;
    expect(await (await retrying.refund.delay('order-3')).get()).toBe('order-3 refunded');
  });

  it('holds a booking, and with it the bookings behind it', async () => {
    const transport = connectEager();
    bank.open = false;
    await retrying.book.delay('entry-1');
    expect(transport.runs).toMatchObject([{ disposition: { do: 'requeue', afterSeconds: 30 } }]);
    expect(transport.delayed).toEqual([]);
    bank.open = true;
    expect(await (await retrying.book.delay('entry-2')).get()).toBe('entry-2 booked');
  });

  it('gives a download up at its soft limit and tries it again', async () => {
    const transport = connectEager();
    const hang = (_url: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    vi.stubGlobal('fetch', hang);
    await retrying.download.applyAsync([IMAGE], { softTimeLimit: 0.01, timeLimit: 5 });
    expect(transport.delayed).toMatchObject([{ delaySeconds: 300 }]);

    vi.stubGlobal('fetch', async () => new Response('pixels'));
    expect(await (await retrying.download.delay(IMAGE)).get()).toBe('pixels');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no route')));
    await expect((await retrying.download.delay(IMAGE)).get()).rejects.toMatchObject({ excType: 'TypeError' });
  });
});

describe('revoking.ts, waiting.ts, watching.ts and policies.ts', () => {
  it('revoke by id and by stamp', async () => {
    const transport = createMemoryTransport();
    const ledger = createMemoryLedger();
    const scheduler = createMemoryScheduler({ transport });
    app.connect({ transport, scheduler, ledger });
    const id = await orderAndCancel();
    expect([scheduler.waits.size, transport.messages('celery')]).toEqual([0, []]);
    const revoked = (taskId: string, stamps = {}) => ledger.isRevoked({ taskId, stamps }, Date.now());
    expect(await Promise.all([revoked(id), revoked('order-17'), revoked('other', { tenant: 'ajax' }), revoked('other')])).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('have a schedule wait until tomorrow', async () => {
    const transport = createMemoryTransport();
    const scheduler = createMemoryScheduler({ transport });
    app.connect({ transport, scheduler });
    await tomorrow();
    expect([...scheduler.waits.values()]).toMatchObject([{ queue: 'celery' }]);
    expect(transport.messages('celery')).toEqual([]);
  });

  it('are told of what is sent, of failures, and of ends', async () => {
    const lines: LogLine[] = [];
    const keepLine = (line: LogLine) => void lines.push(line);
    const logger = { debug: keepLine, info: keepLine, warn: vi.fn(), error: vi.fn() };
    watching.app.connect({ transport: createEagerTransport(watching.app), logger });
    const { id } = await watching.divide.delay(1, 0);
    watching.stopCounting();
    await watching.divide.delay(4, 2);
    const failure = 'RangeError: division by zero';
    expect(watching.seen).toEqual([
      `${id}: ${failure}`,
      `math.divide failed: ${failure}`,
      'FAILURE',
      'math.divide sent to celery',
      'SUCCESS',
    ]);
    expect(lines.map(({ state }) => state)).toEqual(['FAILURE', 'SUCCESS']);
  });

  it('bury what nobody knows any more, and give the rest back for longer each time', async () => {
    policies.app.task('known', () => null);
    const transport = createEagerTransport(policies.app, { keep: ['celery-dead-letter'] });
    policies.app.connect({ transport });
    await policies.app.sendTask('legacy.report');
    await policies.app.sendTask('new.report');
    expect(transport.delayed.map(({ attributes }) => attributes?.['celeriac.code']?.value)).toEqual(['unknown-task']);
    expect(transport.runs.map(({ disposition }) => disposition)).toMatchObject([
      { do: 'quarantine', code: 'unknown-task', buried: true },
      { do: 'requeue', afterSeconds: 10 },
    ]);
  });

  it('choose a queue by priority', async () => {
    const transport = createMemoryTransport();
    policies.ranked.connect({ transport });
    for (const priority of [0, 5, 9]) await policies.ranked.sendTask('report', [], { priority });
    expect(['celery', 'celery.high', 'celery.urgent'].map((queue) => transport.messages(queue).length)).toEqual([1, 1, 1]);
  });
});
