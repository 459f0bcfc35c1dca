/** What a message is before it is read, where the app is connected for it: its signature is checked, then the whole of it fetched. */

import type { Delivery } from '../transports/transport.ts';
import type { Verdict } from './verdict.ts';
import { verdictOn } from './verdict.ts';
import type { WorkerParts } from './worker-parts.ts';

/** The message's whole text, or what is held against it. Rejects when that could not be found out: then it is given back. */
export async function admit(delivery: Delivery, { signing, largeMessages, clock }: WorkerParts): Promise<string | Verdict> {
  if (signing !== undefined) {
    const { checkSignature } = await import('../signing/check.ts');
    const fault = await checkSignature(delivery, signing, clock.now());
    if (fault !== undefined) return fault;
  }
  if (largeMessages === undefined) return delivery.body;
  const { restore } = await import('../large-messages/restore.ts');
  try {
    return await restore(delivery.body, largeMessages);
  } catch (error) {
    const verdict = verdictOn(error);
    if (verdict.code === 'unreadable') throw error;
    return verdict;
  }
}
