/** A task that has ended and was delivered again: it does not run; what follows it and may not have been sent is sent, under the same ids. */

import type { Ledger } from '../ledgers/ledger.ts';
import { follow, type Held, noteFollowed, sendRetry } from './conclude.ts';
import { ACK } from './disposition.ts';
import type { End, Record } from './remembered.ts';
import type { Settled, Settling } from './settling.ts';
import { hasHooks, isObserved } from './watched.ts';

/** By now the next attempt may have ended, and stored so: of a retry nothing is stored, it is only sent. */
async function followAgain(settling: Settling, held: Held, end: End): Promise<Settled> {
  if (end.state !== 'RETRY') return await follow(settling, held, end);
  const settled = await sendRetry(settling, end.retry);
  if (settled.isOpen === true) return settled;
  await noteFollowed(settling, held, settled.state);
  return settled;
}

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
  const held = { ledger, attempt, expiresMs, committed: undefined, isUncertain: false, isConcluded: true };
  const settled = await followAgain(settling, held, end);
  // Whoever watches may have been told before, or not: its worker died on the way.
  if (end.state !== 'REVOKED' && isWatched(settling)) await (await import('./announce.ts')).announceEnd(settling, end, settled);
  return settled;
}
