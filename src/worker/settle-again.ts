/** A task that has ended and was delivered again: it does not run; what follows it and may not have been sent is sent, under the same ids. */

import type { Ledger } from '../ledgers/ledger.ts';
import { follow, type Held } from './conclude.ts';
import { ACK } from './disposition.ts';
import type { Record } from './remembered.ts';
import type { Settled, Settling } from './settling.ts';
import { hasHooks, isObserved } from './watched.ts';

const isWatched = ({ task, parts }: Settling): boolean => isObserved(parts.signals) || (task !== undefined && hasHooks(task));

/** Without a record nothing is known of it but that it has ended. */
export async function settleAgain(
  settling: Settling,
  ledger: Ledger,
  taskId: string,
  expiresMs: number,
  record: Record | undefined,
): Promise<Settled> {
  if (record?.remembered === undefined) return { state: 'DUPLICATE', disposition: ACK };
  const { end, retry, children } = record.remembered;
  const { run } = settling;
  run.retry = retry;
  run.children = children;
  run.ended = true;
  const attempt = { taskId, token: record.token };
  const held: Held = { ledger, attempt, expiresMs, committed: undefined, isUncertain: false, isConcluded: true };
  const settled = await follow(settling, held, end, true);
  // Whoever watches may have been told before, or not: its worker died on the way.
  if (end.state !== 'REVOKED' && isWatched(settling)) await (await import('./announce.ts')).announceEnd(settling, end, settled);
  return settled;
}
