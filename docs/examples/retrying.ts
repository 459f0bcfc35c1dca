/** Tasks that are tried again, and tasks with limits. */

import { createApp, SoftTimeLimitExceeded } from 'celeriac';
import { bank } from './bank.ts';

export const app = createApp('bank');

export class BankClosed extends Error {
  override readonly name = 'BankClosed';
}

// #region retry
export const pay = app.task('bank.pay', { bind: true, maxRetries: 5 }, (self, order: string) => {
  if (!bank.isOpen()) self.retry({ countdown: 60, exc: new BankClosed(order) });
  return `${order} paid in attempt ${self.retries + 1}`;
});
// #endregion

// #region auto
export const refund = app.task(
  'bank.refund',
  { autoretryFor: [BankClosed], retryBackoff: 2, retryBackoffMax: 300, maxRetries: 8, deadLetterQueue: 'celery-dead-letter' },
  (order: string) => {
    if (!bank.isOpen()) throw new BankClosed(order);
    return `${order} refunded`;
  },
);
// #endregion

// #region hold
export const book = app.task(
  'bank.book',
  { queue: 'bookings.fifo', fifoRetry: 'hold', autoretryFor: [BankClosed], retryKwargs: { countdown: 30 } },
  (entry: string) => {
    if (!bank.isOpen()) throw new BankClosed(entry);
    return `${entry} booked`;
  },
);
// #endregion

// #region limits
export const download = app.task('bank.download', { bind: true, softTimeLimit: 20, timeLimit: 25 }, async (self, url: string) => {
  try {
    const response = await fetch(url, { signal: self.signal });
    return await response.text();
  } catch (error) {
    if (error instanceof SoftTimeLimitExceeded) self.retry({ countdown: 300, exc: error });
    throw error;
  }
});
// #endregion
