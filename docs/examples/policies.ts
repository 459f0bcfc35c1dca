/** What becomes of messages that fail, and queues for priorities. */

import { createApp } from 'celeriac';

// #region policies
export const app = createApp('strict', {
  deadLetterQueue: 'celery-dead-letter',
  taskDeadLetterQueue: 'celery-dead-letter',
  onUnknownTask: (task) => (task.startsWith('legacy.') ? 'deadletter' : 'retry'),
  brokerTransportOptions: { backoffPolicy: { 1: 10, 3: 60, 5: 300 } },
});
// #endregion

// #region priorities
export const ranked = createApp('ranked', {
  taskPriorityQueues: { celery: { 4: 'celery.high', 9: 'celery.urgent' } },
});
// #endregion
