import { expect, it } from 'vitest';
import { createMemoryLedger } from '../../../src/ledgers/memory.ts';

const attempt = { taskId: 'i', token: 't' };

it('keeps nothing of an attempt that ended', async () => {
  const ledger = createMemoryLedger();
  await ledger.begin({ ...attempt, expiresMs: 2000 });
  expect(ledger.size).toBe(1);
  await ledger.finish(attempt);
  expect(ledger.size).toBe(0);
});

it('forgets revocations whose time has come, when it is asked', async () => {
  const ledger = createMemoryLedger();
  await ledger.revoke(['a', 'b'], { expiresMs: 2000 });
  await ledger.revoke(['c'], { expiresMs: 3000 });
  await ledger.isRevoked({ taskId: 'x', stamps: {} }, 1999);
  expect(ledger.size).toBe(3);
  await ledger.isRevoked({ taskId: 'x', stamps: {} }, 2000);
  expect(ledger.size).toBe(1);
});

it('forgets claims whose time has come, when it is asked', async () => {
  const ledger = createMemoryLedger();
  const claim = { payload: 'p', nowMs: 1000, heldUntilMs: 1500, expiresMs: 2000 };
  for (const taskId of ['held', 'released', 'renewed']) await ledger.claim({ taskId, token: 't', ...claim });
  await ledger.release({ taskId: 'released', token: 't' });
  await ledger.renew({ taskId: 'renewed', token: 't', heldUntilMs: 2500 });
  await ledger.claim({ taskId: 'late', token: 't', payload: 'p', nowMs: 2000, heldUntilMs: 2000, expiresMs: 2000 });
  expect(ledger.size).toBe(2);
});
