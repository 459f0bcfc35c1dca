/** What app.control does when it is asked: through the ledger, which every worker asks, for SQS carries no broadcasts. */

import { ImproperlyConfigured } from '../errors.ts';
import type { Ledger } from '../ledgers/ledger.ts';
import type { Connected } from './connection.ts';

export interface RevokeOptions {
  /** Seconds the revocation is remembered; default 14 days, as long as SQS keeps a message. */
  readonly expires?: number;
}

/** As long as SQS keeps a message. */
const MEMORY_SECONDS = 14 * 86_400;

export async function revokeTasks(
  taskIds: string | readonly string[],
  options: RevokeOptions | undefined,
  connected: Connected,
): Promise<void> {
  const ids = typeof taskIds === 'string' ? [taskIds] : taskIds;
  await ledgerOf(connected).revoke(ids, expiry(connected, options));
  if (connected.scheduler !== undefined) await Promise.all(ids.map((id) => takeBack(id, connected)));
}

export async function revokeStamps(
  stamps: Readonly<Record<string, unknown>>,
  options: RevokeOptions | undefined,
  connected: Connected,
): Promise<void> {
  const lists = Object.fromEntries(Object.entries(stamps).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]));
  await ledgerOf(connected).revokeByStamps(lists, expiry(connected, options));
}

function ledgerOf({ ledger }: Connected): Ledger {
  if (ledger !== undefined) return ledger;
  throw new ImproperlyConfigured('Nothing can be revoked without a ledger; give app.connect one that its workers share.');
}

const expiry = ({ clock }: Connected, { expires = MEMORY_SECONDS }: RevokeOptions = {}) => ({ expiresMs: clock.now() + expires * 1000 });

/** The revocation holds without this, which only spares the message its way; that it failed is logged. */
async function takeBack(id: string, { scheduler, logger }: Connected): Promise<void> {
  try {
    const { schedulePrefix } = await import('../schedulers/schedule-name.ts');
    const names = (await scheduler?.find(schedulePrefix(id))) ?? [];
    await Promise.all(names.map((name) => scheduler?.cancel(name)));
  } catch (error) {
    logger?.warn({ message: 'schedule not taken back', id, error: error instanceof Error ? error.message : String(error) });
  }
}
