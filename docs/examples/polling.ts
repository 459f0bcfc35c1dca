/** The worker as a process of its own. */

// #region poller
import { createPoller } from 'celeriac/poller';
import { app } from './tasks.ts';

export const poller = createPoller(app, { queues: ['celery', 'images'], concurrency: 4 });

export async function main(): Promise<void> {
  await poller.run();
}
// #endregion
