/** The tasks of the README's shop: one shared module, bound to no queue service. */

// #region tasks
import { createApp } from 'celeriac';
import { bank } from './bank.ts';

export const app = createApp('shop', { deadLetterQueue: 'celery-dead-letter' });

export const resize = app.task('shop.resize', { params: ['url', 'width'] }, async (url: string, width: number = 320) => {
  return `${url}?w=${width}`;
});

export const charge = app.task('shop.charge', { bind: true, maxRetries: 5 }, async (self, order: string) => {
  if (!bank.isOpen()) self.retry({ countdown: 60 });
  self.logger.info({ message: 'charged', order });
});
// #endregion
