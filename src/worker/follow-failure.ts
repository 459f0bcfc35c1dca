/** Who is told when a task fails or is revoked: its chord, the rest of its chain, its errbacks (celery Backend.mark_as_failure). */

import { errorFields } from '../logger.ts';
import { FAILURE, REVOKED } from '../states.ts';
import { countOwnPart, countParts } from './chord-parts.ts';
import { REQUEUE } from './disposition.ts';
import { callErrbacks } from './errbacks.ts';
import { failSteps } from './fail-steps.ts';
import type { Settled, Settling } from './settling.ts';
import { isStored } from './store-state.ts';
import { storedException, tracebackOf } from './stored-errors.ts';
import { isUnwritable } from './unwritable.ts';

/** Undefined when all have been told; else the message is given back, and all of it done again. */
export async function followFailure(settling: Settling, error: unknown): Promise<Settled | undefined> {
  const { request, parts } = settling;
  const { errbacks, chain } = request.message.embed;
  return await follow(settling, FAILURE, async () => {
    await countOwnPart(settling, { state: FAILURE, result: storedException(error, parts.settings) });
    await countParts(settling, await failSteps(settling, chain ?? [], { error, isStored: isStored(settling, true) }));
    await callErrbacks(settling, { request, errbacks: errbacks ?? [], error, traceback: tracebackOf(error, parts.settings) });
  });
}

/** Of a revoked task only its chord is told. */
export async function followRevoked(settling: Settling, error: unknown): Promise<Settled | undefined> {
  return await follow(settling, REVOKED, () =>
    countOwnPart(settling, { state: REVOKED, result: storedException(error, settling.parts.settings) }),
  );
}

async function follow({ request, parts }: Settling, state: string, tell: () => Promise<void>): Promise<Settled | undefined> {
  try {
    await tell();
    return undefined;
  } catch (error) {
    if (!isUnwritable(error)) return { state, disposition: REQUEUE, error, isOpen: true };
    // The same again, however often it is done.
    parts.logger.error({ message: 'what follows a failure cannot be sent', task: request.task, id: request.id, error: errorFields(error) });
    return undefined;
  }
}
