/** What tasks have sent without waiting for it: Lambda freezes the process as soon as the batch is answered for. */

import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { startTimer } from '../timers.ts';
import type { LambdaContext } from './event.ts';

/** A reserve may be 0, for starting records: answering takes time all the same. */
const ANSWER_MS = 2000;

export interface FlushingParts {
  readonly clock: Clock;
  readonly context: Pick<LambdaContext, 'getRemainingTimeInMillis'>;
  /** What the invocation began with. */
  readonly budgetMs: number;
  readonly reserveMs: number;
  readonly logger: Logger;
}

/** Waits for it while the invocation has time for that, half of the reserve being left for the answer; what is then under way is logged. */
export async function flushInTime(flushed: Promise<void>, { clock, context, budgetMs, reserveMs, logger }: FlushingParts): Promise<void> {
  const keptMs = Math.max(reserveMs, Math.min(ANSWER_MS, budgetMs / 10)) / 2;
  const leftMs = context.getRemainingTimeInMillis() - keptMs;
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
