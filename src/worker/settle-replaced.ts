/** A task that another signature takes the place of (celery Task.replace): that is sent under the task's id, and no state is stored. */

import { planOf } from '../canvas/planning.ts';
import { replacement } from '../canvas/replacing.ts';
import type { AnySignature } from '../canvas/signature.ts';
import { IGNORED } from '../states.ts';
import { ACK, REQUEUE } from './disposition.ts';
import { replacedRequest } from './replaced-request.ts';
import { callFor, sendPlans } from './sending.ts';
import { settleFailure } from './settle-failure.ts';
import type { Settled, Settling } from './settling.ts';
import { isUnwritable } from './unwritable.ts';

export async function settleReplaced(settling: Settling, signature: AnySignature): Promise<Settled> {
  const { request, parts } = settling;
  try {
    const replaced = replacedRequest(request);
    // A replacement may be replaced in turn, under the same id.
    const call = callFor(parts, request.id, `replaced ${replaced.replacedTaskNesting}`);
    await sendPlans(settling, [planOf(replacement(replaced, signature.toData(), call), call)]);
  } catch (error) {
    if (isUnwritable(error)) return await settleFailure(settling, error);
    return { state: IGNORED, disposition: REQUEUE, error, isOpen: true };
  }
  return { state: IGNORED, disposition: ACK };
}
