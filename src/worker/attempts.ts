/** Attempts as the ledger counts them: how many of a task's starts never ended. */

import type { Attempt, Ledger } from '../ledgers/ledger.ts';
import { errorFields } from '../logger.ts';
import { attemptIdOf } from './claim-key.ts';
import { factsOf } from './request.ts';
import { NOT_STARTED, type Settled, type Settling } from './settling.ts';

/** Attempts that never ended before a message is taken for a killer of its workers. */
const UNFINISHED_LIMIT = 3;

/** How long an unfinished attempt is remembered: as long as SQS keeps a message, 14 days. */
const MEMORY_MS = 14 * 86_400_000;

/**
 * Runs the work between a noted start and a noted end. A message whose starts never ended three times killed its workers: it is
 * quarantined, and its batch-mates go on.
 */
export async function asAttempt(settling: Settling, ledger: Ledger, work: () => Promise<Settled>): Promise<Settled> {
  const { request, parts } = settling;
  const attempt = { taskId: attemptIdOf(request.id, request, parts.signing !== undefined), token: crypto.randomUUID() };
  const { unfinished } = await ledger.begin({ ...attempt, expiresMs: parts.clock.now() + MEMORY_MS });
  if (unfinished >= UNFINISHED_LIMIT) return await setKillerAside(settling, unfinished);
  // A run that was left for lack of time tells nothing of those before it, whose starts its end would take along.
  let wasCalled = true;
  try {
    const settled = await work();
    wasCalled = settled.state !== NOT_STARTED;
    return settled;
  } finally {
    if (wasCalled || unfinished === 0) await noteEnd(settling, ledger, attempt);
  }
}

/** Its starts stay noted: a duplicate of it kills nobody any more. */
async function setKillerAside({ request, parts }: Settling, unfinished: number): Promise<Settled> {
  const { quarantine } = await import('./quarantine.ts');
  const reason = `The task was started ${unfinished} times and never ended: it takes its worker with it (memory, exit, an endless loop).`;
  const disposition = await quarantine(request.delivery, { code: 'killer', reason, ...factsOf(request) }, parts);
  return { state: 'KILLER', disposition };
}

/** That an end could not be noted changes nothing now; the next end notes it. */
async function noteEnd({ request, parts }: Settling, ledger: Ledger, attempt: Attempt): Promise<void> {
  try {
    await ledger.finish(attempt);
  } catch (error) {
    parts.logger.warn({ message: 'end of attempt not noted', task: request.task, id: request.id, error: errorFields(error) });
  }
}
