/** A ledger in this process's memory, for tests and local work; it asks no clock, the times it is told are enough. */

import { attemptKey, claimKey, revokedKey, stampKeys } from './keys.ts';
import type { Claim, ClaimAnswer, Ledger } from './ledger.ts';

export interface MemoryLedger extends Ledger {
  /** How many records are kept. */
  readonly size: number;
}

interface ClaimRecord {
  readonly payload: string;
  readonly expiresMs: number;
  /** Undefined once released or settled. */
  readonly holder?: { readonly token: string; readonly untilMs: number };
  readonly settled?: { readonly token: string; readonly outcome?: string };
}

/** @example app.connect({ transport, ledger: createMemoryLedger() }) */
export function createMemoryLedger(): MemoryLedger {
  const starts = new Map<string, readonly string[]>();
  const revoked = new Map<string, number>();
  const claims = new Map<string, ClaimRecord>();
  const reserved = new Map<string, { readonly taskId: string; readonly untilMs: number }>();

  const refuse = (keys: readonly string[], expiresMs: number): void => {
    for (const key of keys) revoked.set(key, Math.max(expiresMs, revoked.get(key) ?? expiresMs));
  };

  return {
    async begin({ taskId, token }) {
      const known = starts.get(attemptKey(taskId)) ?? [];
      const at = known.indexOf(token);
      if (at === -1) starts.set(attemptKey(taskId), [...known, token]);
      return { unfinished: at === -1 ? known.length : at };
    },
    async finish({ taskId, token }) {
      const known = starts.get(attemptKey(taskId)) ?? [];
      const later = known.slice(known.indexOf(token) + 1);
      if (later.length > 0) starts.set(attemptKey(taskId), later);
      else starts.delete(attemptKey(taskId));
    },
    unfinished: async (taskIds) => taskIds.map((taskId) => starts.get(attemptKey(taskId))?.length ?? 0),

    async revoke(taskIds, { expiresMs }) {
      refuse(taskIds.map(revokedKey), expiresMs);
    },
    async revokeByStamps(stamps, { expiresMs }) {
      refuse(stampKeys(stamps), expiresMs);
    },
    async isRevoked({ taskId, stamps }, nowMs) {
      forget(revoked, nowMs, (expiresMs) => expiresMs);
      return [revokedKey(taskId), ...stampKeys(stamps)].some((key) => nowMs < (revoked.get(key) ?? nowMs));
    },

    async claim(claim) {
      forget(claims, claim.nowMs, keptUntil);
      const key = claimKey(claim.taskId);
      const answer = judge(claims.get(key), claim);
      if (answer.claim === 'granted') claims.set(key, granted(claim, claims.get(key)));
      return answer;
    },
    async renew({ taskId, token, heldUntilMs }) {
      const key = claimKey(taskId);
      const record = claims.get(key);
      if (record?.holder?.token !== token) return false;
      const untilMs = Math.max(heldUntilMs, record.holder.untilMs);
      claims.set(key, { ...record, holder: { token, untilMs } });
      return true;
    },
    async settle({ taskId, token, expiresMs, outcome }) {
      const key = claimKey(taskId);
      const record = claims.get(key);
      if (record === undefined || (record.holder ?? record.settled)?.token !== token) return false;
      claims.set(key, { payload: record.payload, expiresMs, settled: { token, ...(outcome !== undefined && { outcome }) } });
      return true;
    },
    async release({ taskId, token }) {
      const key = claimKey(taskId);
      const record = claims.get(key);
      if (record?.holder?.token === token) claims.set(key, { payload: record.payload, expiresMs: record.expiresMs });
    },

    async reserve({ name, taskId, nowMs, untilMs }) {
      forget(reserved, nowMs, (kept) => kept.untilMs);
      const known = reserved.get(name);
      if (known !== undefined && nowMs < known.untilMs && known.taskId !== taskId) return { taskId: known.taskId };
      reserved.set(name, { taskId, untilMs: Math.max(untilMs, known?.taskId === taskId ? known.untilMs : untilMs) });
      return { taskId };
    },
    async unreserve({ name, taskId }) {
      if (reserved.get(name)?.taskId === taskId) reserved.delete(name);
    },

    get size() {
      return starts.size + revoked.size + claims.size + reserved.size;
    },
  };
}

function judge(record: ClaimRecord | undefined, { token, payload, nowMs }: Claim): ClaimAnswer {
  if (record === undefined || keptUntil(record) <= nowMs) return { claim: 'granted' };
  const { holder, settled } = record;
  if (record.payload !== payload) return { claim: 'mismatch', ...(settled?.outcome !== undefined && { outcome: settled.outcome }) };
  if (settled !== undefined) return { claim: 'done', ...(settled.outcome !== undefined && { outcome: settled.outcome }) };
  if (holder === undefined || holder.token === token || holder.untilMs <= nowMs) return { claim: 'granted' };
  return { claim: 'held', untilMs: holder.untilMs };
}

/** Asked for again by the same attempt, and for less than it holds, a claim stays as it is. */
function granted({ payload, token, nowMs, heldUntilMs, expiresMs }: Claim, record: ClaimRecord | undefined): ClaimRecord {
  const held = record?.holder;
  if (record !== undefined && held?.token === token && nowMs < held.untilMs && heldUntilMs < held.untilMs) return record;
  return { payload, expiresMs: Math.max(expiresMs, heldUntilMs), holder: { token, untilMs: heldUntilMs } };
}

function keptUntil({ expiresMs, holder }: ClaimRecord): number {
  return holder === undefined ? expiresMs : Math.max(expiresMs, holder.untilMs);
}

/** Lets go of what has expired, from the oldest on, as far as it goes: a look at one record, mostly. */
function forget<Kept>(records: Map<string, Kept>, nowMs: number, until: (record: Kept) => number): void {
  for (const [key, record] of records) {
    if (nowMs < until(record)) return;
    records.delete(key);
  }
}
