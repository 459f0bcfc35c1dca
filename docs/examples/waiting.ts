/** Long waits on EventBridge Scheduler. */

// #region scheduler
import { createEventBridgeScheduler } from 'celeriac/schedulers/eventbridge';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app, resize } from './tasks.ts';

app.connect({
  transport: createSqsTransport({ region: 'eu-central-1' }),
  scheduler: createEventBridgeScheduler({
    region: 'eu-central-1',
    group: 'celery',
    roleArn: 'arn:aws:iam::123456789012:role/celery-schedule',
    deadLetterArn: 'arn:aws:sqs:eu-central-1:123456789012:celery-schedule-dead-letter',
    queues: { celery: 'arn:aws:sqs:eu-central-1:123456789012:celery' },
  }),
});

export async function tomorrow(): Promise<string> {
  const { id } = await resize.applyAsync(['https://example.com/a.png'], { countdown: 86_400 });
  return id;
}
// #endregion
