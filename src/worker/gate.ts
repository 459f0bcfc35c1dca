/** May the task run now? Pure. Expiry is looked at before the eta, as in Celery (celery.worker.strategy, Request.revoked). */

import { parseIso } from '../wire/dates.ts';
import type { TaskHeaders } from '../wire/message.ts';

export type Gate =
  | { readonly open: true }
  | { readonly open: false; readonly expired: true }
  | { readonly open: false; readonly etaMs: number };

const OPEN: Gate = Object.freeze({ open: true });
const EXPIRED: Gate = Object.freeze({ open: false, expired: true });

/** Both texts have been checked when the message was read. A task expires after, not at, its moment, and may start at its eta. */
export function askGate(headers: TaskHeaders, nowMs: number): Gate {
  const { expires, eta } = headers;
  if (expires && isExpired(headers, nowMs)) return EXPIRED;
  if (eta) {
    const etaMs = parseIso(eta).ceilMs;
    if (etaMs > nowMs) return { open: false, etaMs };
  }
  return OPEN;
}

/** A task expires after its moment, not at it. */
export function isExpired({ expires }: TaskHeaders, nowMs: number): boolean {
  return typeof expires === 'string' && nowMs > parseIso(expires).epochMs;
}
