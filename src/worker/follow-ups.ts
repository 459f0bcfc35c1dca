/** What a task that returned is followed by: its callbacks, the next step of its chain, its part of a chord. Imported when one has some. */

import { planOf } from '../canvas/planning.ts';
import { errorFields } from '../logger.ts';
import { FAILURE, SUCCESS } from '../states.ts';
import { countOwnPart } from './chord-parts.ts';
import { REQUEUE } from './disposition.ts';
import { callFor, plansOf, sendPlans } from './sending.ts';
import type { Settled, Settling } from './settling.ts';
import { storedException } from './stored-errors.ts';
import { isUnwritable } from './unwritable.ts';

/**
 * Callbacks and next step are sent first, then the result is stored, for it names them as children, and then the part counted. A fault in
 * between has all of it done again, under the same ids.
 */
export async function settleFollowed(settling: Settling, value: unknown, storeResult: () => Promise<Settled>): Promise<Settled> {
  try {
    await sendFollowUps(settling, value);
  } catch (error) {
    if (!isUnwritable(error)) return { state: SUCCESS, disposition: REQUEUE, error, isOpen: true };
    const { settleOtherwise } = await import('./settle-otherwise.ts');
    return await settleOtherwise(settling, { state: 'FAILURE', error });
  }
  const settled = await storeResult();
  if (settled.state !== SUCCESS || settled.isOpen === true) return settled;
  try {
    await countOwnPart(settling, { state: SUCCESS, result: value ?? null });
    return settled;
  } catch (error) {
    return (await countAsFailed(settling, error)) ?? settled;
  }
}

/** A part that can never be counted for what it is (its result cannot be written) fails its chord, or the body would wait for ever. */
async function countAsFailed(settling: Settling, error: unknown): Promise<Settled | undefined> {
  if (!isUnwritable(error)) return { state: SUCCESS, disposition: REQUEUE, error, isOpen: true };
  const { request, parts } = settling;
  parts.logger.error({ message: 'part of a chord counted as failed', task: request.task, id: request.id, error: errorFields(error) });
  try {
    await countOwnPart(settling, { state: FAILURE, result: storedException(error, parts.settings) });
    return undefined;
  } catch (again) {
    // A body that is no signature can neither be sent nor fail: nothing more will become of it, however often it is tried.
    return isUnwritable(again) ? undefined : { state: SUCCESS, disposition: REQUEUE, error: again, isOpen: true };
  }
}

async function sendFollowUps(settling: Settling, value: unknown): Promise<void> {
  const { request, parts } = settling;
  const { callbacks, chain } = request.message.embed;
  const options = { parent_id: request.id, root_id: request.rootId };
  const call = { ...callFor(parts, request.id, 'success'), args: [value ?? null], options };
  const plans = plansOf(callbacks ?? [], call);
  const next = chain?.at(-1);
  if (next !== undefined) plans.push(planOf(next, { ...call, options: { ...options, chain: chain!.slice(0, -1) } }));
  await sendPlans(settling, plans);
}
