/**
 * Acts on an Outcome: what follows is sent first, then the result stored, and the message acknowledged by what is returned, so that a
 * fault in between makes a duplicate and never a loss.
 */

import type { Retry } from '../app/retry.ts';
import type { Outcome } from './outcome.ts';
import { settleSuccess } from './settle-success.ts';
import type { Settled, Settling } from './settling.ts';

/** At once, where nothing is sent or stored. */
export function settle(settling: Settling, outcome: Outcome): Settled | Promise<Settled> {
  const { retry } = settling.run;
  return retry === undefined && outcome.state === 'SUCCESS'
    ? settleSuccess(settling, outcome.value)
    : settleLater(settling, outcome, retry);
}

async function settleLater(settling: Settling, outcome: Outcome, retry: Retry | undefined): Promise<Settled> {
  const { sendNextAttempt, settleOtherwise, withItself } = await import('./settle-otherwise.ts');
  // Asked for with `throw: false`: the next attempt is sent, and this one ends as it ended.
  if (retry !== undefined && outcome.state !== 'RETRY') {
    const notSent = await sendNextAttempt(settling, retry);
    if (notSent !== undefined) return notSent;
    settling.run.children = withItself(settling.run.children, settling.request.id);
  }
  return outcome.state === 'SUCCESS' ? await settleSuccess(settling, outcome.value) : await settleOtherwise(settling, outcome);
}
