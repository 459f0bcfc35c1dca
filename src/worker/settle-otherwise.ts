/** The ends of a run that did not return: failed, to be tried again, replaced, ignored, rejected. Imported when the first one comes. */

import { ACK } from './disposition.ts';
import type { Outcome } from './outcome.ts';
import { settleFailure, settleRejected } from './settle-failure.ts';
import { settleReplaced } from './settle-replaced.ts';
import { settleRetry } from './settle-retry.ts';
import type { Settled, Settling } from './settling.ts';

export { sendNextAttempt, withItself } from './settle-retry.ts';

/** Every outcome but success. */
type Unreturned = Exclude<Outcome, { state: 'SUCCESS' }>;

export async function settleOtherwise(settling: Settling, outcome: Unreturned): Promise<Settled> {
  if (outcome.state === 'FAILURE') return await settleFailure(settling, outcome.error);
  if (outcome.state === 'RETRY') return await settleRetry(settling, outcome.retry);
  if (outcome.state === 'REPLACED') return await settleReplaced(settling, outcome.signature);
  if (outcome.state === 'REJECTED') return await settleRejected(settling, outcome.requeue, outcome.reason);
  return { state: outcome.state, disposition: ACK };
}
