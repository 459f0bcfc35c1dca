/** What tasks have sent without waiting for it: Lambda freezes the process as soon as the batch is answered for. */

import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { startTimer } from '../timers.ts';
import type { LambdaContext } from './event.ts';

/** Waits for it while the invocation has time for that, half of the reserve being left for the answer; what is then under way is logged. */
export async function flushInTime(
  flushed: Promise<void>,
  clock: Clock,
  context: Pick<LambdaContext, 'getRemainingTimeInMillis'>,
  reserveMs: number,
  logger: Logger,
): Promise<void> {
  const leftMs = context.getRemainingTimeInMillis() - reserveMs / 2;
  await new Promise<void>((resolve) => {
    const stop = startTimer(clock, leftMs, () => {
      logger.warn({ message: 'sends under way at the end of the invocation, which nobody waited for' });
      resolve();
    });
    void flushed.then(() => {
      stop();
      resolve();
    });
  });
}
