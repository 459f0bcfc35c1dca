/** The ends without a result: failed, rejected, revoked, unknown. What becomes of the message is Celery's ack matrix as far as Lambda has it. */

import { NotRegistered, Reject, TaskRevokedError } from '../errors.ts';
import { FAILURE, REVOKED } from '../states.ts';
import { ACK, type Disposition, REQUEUE } from './disposition.ts';
import { factsOf } from './request.ts';
import { settleError } from './settle-error.ts';
import type { Settled, Settling } from './settling.ts';

/**
 * Failed for good: FAILURE is stored, whoever waits for it told, a copy goes to the task's dead-letter queue where there is one, and the
 * message is acknowledged, or given back where acksOnFailureOrTimeout is false.
 */
export async function settleFailure(settling: Settling, error: unknown): Promise<Settled> {
  const { task, parts } = settling;
  if (!(task?.defaults.acksOnFailureOrTimeout ?? parts.settings.taskAcksOnFailureOrTimeout)) {
    return await settleFailed(settling, error, REQUEUE);
  }
  const isExpected = task?.defaults.throws?.some((kind) => error instanceof kind) === true;
  const settled = { ...(await settleFailed(settling, error, ACK)), ...(isExpected && { isExpected }) };
  const queue = task?.defaults.deadLetterQueue ?? parts.settings.taskDeadLetterQueue;
  if (queue === null || settled.disposition.do !== 'ack') return settled;
  return (await buryCopy(settling, queue, 'failed', error)) ? settled : { ...settled, disposition: REQUEUE };
}

/** FAILURE is stored, and then whoever waits for the task's chain or chord is told, and its errbacks. */
async function settleFailed(settling: Settling, error: unknown, disposition: Disposition): Promise<Settled> {
  const settled = await settleError(settling, FAILURE, error, disposition);
  const { errbacks, chain, chord } = settling.request.message.embed;
  if (settled.isOpen === true || (!errbacks?.length && !chain?.length && chord === null)) return settled;
  const { followFailure } = await import('./follow-failure.ts');
  return (await followFailure(settling, error)) ?? settled;
}

/**
 * Reject, in Celery's matrix: given back where it asks for that. Else it is a failure that is stored and told like any other, and the
 * message is dropped, or given back where the task acknowledges late (celery Request.on_failure, since 5.7). With a dead-letter queue of
 * the task's nothing is dropped: the message goes there at once.
 */
export async function settleRejected(settling: Settling, requeue: boolean, reason: unknown): Promise<Settled> {
  const { task, parts } = settling;
  const state = 'REJECTED';
  if (requeue) return { state, disposition: REQUEUE };
  const queue = task?.defaults.deadLetterQueue ?? parts.settings.taskDeadLetterQueue;
  const isGivenBack = queue === null && (task?.defaults.acksLate ?? parts.settings.taskAcksLate);
  const settled = { ...(await settleFailed(settling, new Reject(reason), isGivenBack ? REQUEUE : ACK)), state };
  if (queue === null || settled.disposition.do !== 'ack') return settled;
  return (await buryCopy(settling, queue, 'rejected', reason)) ? settled : { ...settled, disposition: REQUEUE };
}

async function buryCopy(settling: Settling, queue: string, code: string, error: unknown): Promise<boolean> {
  const { request, parts } = settling;
  const { bury, deathReason } = await import('./quarantine.ts');
  const reason = deathReason(settling, code, error);
  return await bury(request.delivery, { code, reason, ...factsOf(request) }, queue, parts);
}

/** An expired or revoked task: REVOKED is stored and its part of a chord counted, nothing else happens (celery Backend.mark_as_revoked). */
export async function settleRevoked(settling: Settling, why: 'expired' | 'revoked'): Promise<Settled> {
  const error = new TaskRevokedError(why);
  const settled = await settleError(settling, REVOKED, error, ACK);
  if (settled.isOpen === true || settling.request.message.embed.chord === null) return settled;
  const { followRevoked } = await import('./follow-failure.ts');
  return (await followRevoked(settling, error)) ?? settled;
}

/** An unknown name: FAILURE is stored as Celery does, and the message given back, for a deploy may be under way, unless told otherwise. */
export async function settleUnknown(settling: Settling): Promise<Settled> {
  const { request, parts } = settling;
  const { onUnknownTask } = parts.settings;
  const answer = typeof onUnknownTask === 'function' ? onUnknownTask(request.task) : onUnknownTask;
  const error = new NotRegistered(request.task);
  if (answer === 'discard') return await settleError(settling, FAILURE, error, ACK);
  if (answer !== 'deadletter') return await settleError(settling, FAILURE, error, REQUEUE);
  const { quarantine } = await import('./quarantine.ts');
  const reason = `No worker here knows the task '${request.task}'.`;
  const disposition = await quarantine(request.delivery, { code: 'unknown-task', reason, ...factsOf(request) }, parts);
  return await settleError(settling, FAILURE, error, disposition);
}
