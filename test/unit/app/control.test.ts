import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { BackendStoreError, OperationalError } from '../../../src/errors.ts';
import type { Ledger } from '../../../src/ledgers/ledger.ts';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';
import { createMemoryScheduler } from '../../../src/schedulers/memory.ts';
import type { Scheduler } from '../../../src/schedulers/scheduler.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { createRecordingLogger, createRecordingTransport } from '../../support/recording.ts';

const DAY_MS = 86_400_000;

function createRevoking(more: { ledger?: Ledger; scheduler?: Partial<Scheduler> } = {}) {
  const transport = createRecordingTransport();
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const ledger = more.ledger ?? createMemoryLedger();
  const memory = createMemoryScheduler({ transport, clock });
  const app = createApp('shop').connect({ transport, clock, ledger, logger, scheduler: { ...memory, ...more.scheduler } });
  const isRevoked = (taskId: string, stamps = {}, nowMs = NOON) => ledger.isRevoked({ taskId, stamps }, nowMs);
  return { app, clock, logger, transport, isRevoked, waits: memory.waits };
}

describe('revoking', () => {
  it('refuses one id, or many', async () => {
    const { app, isRevoked } = createRevoking();
    await app.control.revoke('a');
    await app.control.revoke(['b', 'c']);
    await app.asyncResult('d').revoke();
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => isRevoked(id)))).toEqual([true, true, true, true, false]);
  });

  it.each([
    [undefined, 14 * DAY_MS],
    [{}, 14 * DAY_MS],
    [{ expires: 60 }, 60_000],
    [{ expires: 0.5 }, 500],
  ])('with %j is remembered for %d ms', async (options, ms) => {
    const { app, isRevoked } = createRevoking();
    await app.control.revoke('a', options);
    await app.control.revokeByStampedHeaders({ tenant: 'acme' }, options);
    expect([await isRevoked('a', {}, NOON + ms - 1), await isRevoked('b', { tenant: 'acme' }, NOON + ms - 1)]).toEqual([true, true]);
    expect([await isRevoked('a', {}, NOON + ms), await isRevoked('b', { tenant: 'acme' }, NOON + ms)]).toEqual([false, false]);
  });

  it('by stamps refuses any of the values', async () => {
    const { app, isRevoked } = createRevoking();
    await app.control.revokeByStampedHeaders({ tenant: ['acme', 'ajax'], region: 'eu' });
    const refused = [{ tenant: 'acme' }, { tenant: ['x', 'ajax'] }, { region: 'eu' }];
    for (const stamps of refused) expect(await isRevoked('a', stamps)).toBe(true);
    for (const stamps of [{}, { tenant: 'x' }, { region: 'acme' }]) expect(await isRevoked('a', stamps)).toBe(false);
  });

  it('takes back what waits at the scheduler, of these tasks only', async () => {
    const { app, waits, isRevoked } = createRevoking();
    for (const taskId of ['a', 'b', 'c']) await app.sendTask('late', [], { taskId, countdown: 86_400 });
    expect(waits.size).toBe(3);
    await app.control.revoke(['a', 'b']);
    expect(waits.size).toBe(1);
    expect(await isRevoked('a')).toBe(true);
    await app.control.revoke('c');
    expect(waits.size).toBe(0);
  });

  it('holds though the scheduler fails, which is logged', async () => {
    const find = () => Promise.reject(new OperationalError('down', { retryable: true }));
    const { app, isRevoked, logger } = createRevoking({ scheduler: { find } });
    await app.control.revoke('a');
    expect(await isRevoked('a')).toBe(true);
    expect(logger.lines).toEqual([{ level: 'warn', message: 'schedule not taken back', id: 'a', error: 'down' }]);
  });

  it('rejects when the ledger does, and leaves the scheduler alone', async () => {
    const revoke = () => Promise.reject(new BackendStoreError('throttled'));
    const { app, waits } = createRevoking({ ledger: { ...createMemoryLedger(), revoke } });
    await app.sendTask('late', [], { taskId: 'a', countdown: 86_400 });
    await expect(app.control.revoke('a')).rejects.toThrow('throttled');
    expect(waits.size).toBe(1);
  });

  it('says what is missing without a ledger, or a connection', async () => {
    const app = createApp('shop');
    await expect(app.control.revoke('a')).rejects.toThrow(/not connected/);
    app.connect({ transport: createRecordingTransport() });
    const missing = { name: 'ImproperlyConfigured', message: expect.stringContaining('without a ledger') };
    await expect(app.control.revoke('a')).rejects.toMatchObject(missing);
    await expect(app.control.revokeByStampedHeaders({ a: 1 })).rejects.toMatchObject(missing);
    await expect(app.asyncResult('a').revoke()).rejects.toMatchObject(missing);
  });
});
