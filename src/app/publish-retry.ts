/** Sending with Celery's publish policy (task_publish_retry_policy): what may go better later is sent again, the rest is told. */

import type { RetryPolicy } from '../canvas/call-options.ts';
import type { Clock } from '../clock.ts';
import { isCeleryError, type OperationalError } from '../errors.ts';
import { sleep } from '../timers.ts';
import type { Outgoing, Receipt, Transport } from '../transports/transport.ts';

const isRetryable = (receipt: Receipt): boolean =>
  !receipt.ok && isCeleryError(receipt.error) && receipt.error.name === 'OperationalError' && (receipt.error as OperationalError).retryable;

/**
 * Sends the batch; entries that failed and may be retried are sent again, alone, with the same id and body.
 *
 * Waits are Celery's intervals with full jitter. Order within the batch is kept for entries that succeed at once.
 * @param policy undefined means that nothing is tried again
 */
export async function sendWithRetry(
  transport: Transport,
  batch: readonly Outgoing[],
  policy: RetryPolicy | undefined,
  clock: Clock,
  random: () => number = Math.random,
): Promise<readonly Receipt[]> {
  const first = await transport.send(batch);
  if (policy === undefined || !first.some(isRetryable)) return first;
  const receipts = [...first];
  const { maxRetries = 3 } = policy;
  for (let attempt = 0; maxRetries === null || attempt < maxRetries; attempt++) {
    const again = receipts.flatMap((receipt, index) => (isRetryable(receipt) ? [index] : []));
    if (again.length === 0) break;
    await sleep(clock, waitMs(policy, attempt) * random());
    const answers = await transport.send(again.map((index) => batch[index]!));
    again.forEach((index, position) => {
      receipts[index] = answers[position]!;
    });
  }
  return receipts;
}

function waitMs({ intervalStart = 0, intervalStep = 0.2, intervalMax = 1 }: RetryPolicy, attempt: number): number {
  return Math.min(intervalStart + intervalStep * attempt, intervalMax) * 1000;
}
