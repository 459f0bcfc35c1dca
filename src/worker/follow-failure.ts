/** Who is told when a task fails or is revoked: its chord, the rest of its chain, its errbacks (celery Backend.mark_as_failure). */

import { FAILURE, REVOKED } from '../states.ts';
import { encodeException } from '../wire/exception.ts';
import { countOwnPart, countParts } from './chord-parts.ts';
import { REQUEUE } from './disposition.ts';
import { callErrbacks } from './errbacks.ts';
import { failSteps } from './fail-steps.ts';
import { tracebackOf } from './results.ts';
import type { Settled, Settling } from './settling.ts';
import { isStored } from './store-state.ts';
import { isUnwritable } from './unwritable.ts';

/** Undefined when all have been told; else the message is given back, and all of it done again. */
export async function followFailure(settling: Settling, error: unknown): Promise<Settled | undefined> {
  const { request } = settling;
  const { errbacks, chain } = request.message.embed;
  return await follow(settling, FAILURE, async () => {
    await countOwnPart(settling, { state: FAILURE, result: encodeException(error) });
    await countParts(settling, await failSteps(settling, chain ?? [], { error, isStored: isStored(settling, true) }));
    await callErrbacks(settling, { request, errbacks: errbacks ?? [], error, traceback: tracebackOf(error) });
  });
}

/** Of a revoked task only its chord is told. */
export async function followRevoked(settling: Settling, error: unknown): Promise<Settled | undefined> {
  return await follow(settling, REVOKED, () => countOwnPart(settling, { state: REVOKED, result: encodeException(error) }));
}

async function follow({ request, parts }: Settling, state: string, tell: () => Promise<void>): Promise<Settled | undefined> {
  try {
    await tell();
    return undefined;
  } catch (error) {
    if (!isUnwritable(error)) return { state, disposition: REQUEUE, error, isOpen: true };
    // The same again, however often it is done.
    parts.logger.error({ message: 'what follows a failure cannot be sent', task: request.task, id: request.id, error });
    return undefined;
  }
}
