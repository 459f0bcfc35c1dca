/** Claims in DynamoDB: who may run a task, decided by conditions on one item, whoever asks and however often. */

import type { Table } from './dynamodb-table.ts';
import { type Item, numberOf, ttlSeconds } from './dynamodb-values.ts';
import { claimKey } from './keys.ts';
import type { Claim, ClaimAnswer, Ledger } from './ledger.ts';

/** A claim that was refused, and was free when we looked, is asked for again so often. */
const CLAIM_TRIES = 3;

/** A record in progress has `attempt_token` and `held_until`; a released one has neither; a done one is `settled`, with its token. */
export function claims(table: Table): Pick<Ledger, 'claim' | 'renew' | 'settle' | 'release'> {
  const take = ({ taskId, token, payload, nowMs, heldUntilMs, expiresMs: asked }: Claim): Promise<boolean> => {
    const expiresMs = Math.max(asked, heldUntilMs);
    const free = 'attribute_not_exists(held_until) OR held_until <= :now';
    const ours = 'attempt_token = :token AND held_until <= :until';
    return table.put(
      {
        id: claimKey(taskId),
        attempt_token: token,
        payload_digest: payload,
        held_until: heldUntilMs,
        expires_at: expiresMs,
        ttl: ttlSeconds(expiresMs),
      },
      `attribute_not_exists(id) OR (expires_at <= :now AND (${free})) OR (payload_digest = :payload AND attribute_not_exists(settled) AND (${free} OR (${ours})))`,
      { values: { now: nowMs, payload, token, until: heldUntilMs } },
    );
  };
  return {
    async claim(claim) {
      for (let tries = 0; tries < CLAIM_TRIES; tries += 1) {
        if (await take(claim)) return { claim: 'granted' };
        const answer = judge(await table.get(claimKey(claim.taskId)), claim);
        if (answer !== undefined) return answer;
      }
      return { claim: 'held', untilMs: claim.nowMs };
    },
    async renew({ taskId, token, heldUntilMs }) {
      const id = claimKey(taskId);
      const mine = 'attempt_token = :token AND attribute_not_exists(settled) AND held_until <= :until';
      const terms = { values: { token, until: heldUntilMs } };
      const held = await table.update(id, 'SET held_until = :until', `${mine} AND expires_at >= :until`, terms);
      if (held !== undefined) return true;
      const item = await table.get(id);
      if (!isHeldBy(item, token)) return false;
      if (heldUntilMs <= numberOf(item, 'held_until')) return true;
      // It is held longer than it was to be remembered: its time to live goes with it.
      const kept = { names: { ttl: 'ttl' }, values: { ...terms.values, ttl: ttlSeconds(heldUntilMs) } };
      const renewed = await table.update(id, 'SET held_until = :until, #ttl = :ttl', mine, kept);
      return renewed !== undefined || isHeldBy(await table.get(id), token);
    },
    async settle({ taskId, token, expiresMs, outcome }) {
      const done = 'settled = :yes, expires_at = :expires, #ttl = :ttl';
      const change =
        outcome === undefined ? `SET ${done} REMOVE held_until, outcome_text` : `SET ${done}, outcome_text = :outcome REMOVE held_until`;
      const settled = await table.update(claimKey(taskId), change, 'attempt_token = :token', {
        names: { ttl: 'ttl' },
        values: { token, yes: true, expires: expiresMs, ttl: ttlSeconds(expiresMs), ...(outcome !== undefined && { outcome }) },
      });
      return settled !== undefined;
    },
    async release({ taskId, token }) {
      await table.update(claimKey(taskId), 'REMOVE attempt_token, held_until', 'attempt_token = :token AND attribute_not_exists(settled)', {
        values: { token },
      });
    },
  };
}

const isHeldBy = (item: Item | undefined, token: string): boolean => item?.get('attempt_token') === token && !item.has('settled');

/** Why a claim was refused; undefined when by now it would not be. */
function judge(item: Item | undefined, { token, payload, nowMs }: Claim): ClaimAnswer | undefined {
  const untilMs = numberOf(item, 'held_until');
  if (item === undefined || Math.max(untilMs, numberOf(item, 'expires_at')) <= nowMs) return undefined;
  const text = item.get('outcome_text');
  const outcome = item.has('settled') && typeof text === 'string' ? { outcome: text } : {};
  if (item.get('payload_digest') !== payload) return { claim: 'mismatch', ...outcome };
  if (item.has('settled')) return { claim: 'done', ...outcome };
  if (item.get('attempt_token') === token) return { claim: 'granted' };
  return nowMs < untilMs ? { claim: 'held', untilMs } : undefined;
}
