/** Attempts as the ledger counts them: how many of a task's starts never ended. */

import type { Attempt, Ledger } from '../ledgers/ledger.ts';
import { errorFields } from '../logger.ts';
import { redrivenOf } from './claim-key.ts';
import { factsOf } from './request.ts';
import type { Settled, Settling } from './settling.ts';

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
  // Sent back from a dead-letter queue it starts with a clean sheet.
  const redriven = redrivenOf(request, parts.signing !== undefined);
  const taskId = redriven === undefined ? request.id : JSON.stringify([request.id, redriven]);
  const attempt = { taskId, token: crypto.randomUUID() };
  const { unfinished } = await ledger.begin({ ...attempt, expiresMs: parts.clock.now() + MEMORY_MS });
  if (unfinished >= UNFINISHED_LIMIT) return await setKillerAside(settling, unfinished);
  try {
    return await work();
  } finally {
    await noteEnd(settling, ledger, attempt);
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
