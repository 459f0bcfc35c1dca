/**
 * './schedulers/eventbridge': long waits on EventBridge Scheduler, a one-time schedule each, in a group of the app's own. What is
 * asked of AWS is eventbridge-requests.ts, loaded with the SDK when the first wait comes.
 */

import { ImproperlyConfigured, QueueNotFound } from '../errors.ts';
import { keptOpen } from '../kept.ts';
import { isFifo } from '../transports/transport.ts';
import type { EventBridgeSchedulerOptions } from './eventbridge-requests.ts';
import { SCHEDULER_LIMITS } from './limits.ts';
import type { ScheduledWait, Scheduler } from './scheduler.ts';

export type { SchedulerClient, SchedulerClientOptions, SchedulerCredentials } from './eventbridge-client.ts';
export type { EventBridgeSchedulerOptions } from './eventbridge-requests.ts';

export interface EventBridgeScheduler extends Scheduler {
  /** Closes the scheduler's own client; one that was given stays open. */
  close(): Promise<void>;
}

const SQS_ARN = /^arn:[^:]+:sqs:[^:]+:[^:]+:([^:]+)$/;
const ROLE_ARN = /^arn:[^:]+:iam::[^:]+:role\/./;

/**
 * Waits beyond a queue's delay, on EventBridge Scheduler. Nothing is imported or connected before the first wait.
 * Throws ImproperlyConfigured for what is no ARN.
 *
 * @example
 * createEventBridgeScheduler({
 *   group: 'celeriac',
 *   roleArn: 'arn:aws:iam::123456789012:role/celeriac-schedule',
 *   queues: { celery: 'arn:aws:sqs:eu-central-1:123456789012:celery' },
 * });
 */
export function createEventBridgeScheduler(options: EventBridgeSchedulerOptions): EventBridgeScheduler {
  checkArns(options);
  const arnOf = createArnLookup(options.queues);
  const { open, close } = keptOpen(async () => (await import('./eventbridge-requests.ts')).createRequests(options));
  return {
    limits: SCHEDULER_LIMITS,
    async schedule(wait) {
      const arn = arnOf(wait);
      await (await open()).schedule(wait, arn);
    },
    find: async (prefix) => (await open()).find(prefix),
    cancel: async (name) => (await open()).cancel(name),
    close,
  };
}

function checkArns({ roleArn, deadLetterArn }: EventBridgeSchedulerOptions): void {
  if (!ROLE_ARN.test(roleArn)) {
    throw new ImproperlyConfigured(`roleArn is ${JSON.stringify(roleArn)}, which is no ARN of a role.`);
  }
  if (deadLetterArn === undefined || (SQS_ARN.test(deadLetterArn) && !isFifo(deadLetterArn))) return;
  throw new ImproperlyConfigured(`deadLetterArn is ${JSON.stringify(deadLetterArn)}, which is no ARN of a standard queue.`);
}

type ArnLookup = (wait: Pick<ScheduledWait, 'queue' | 'ownName'>) => string;

/** By Celery's name, or by SQS's own, which is the last part of the ARN. */
function createArnLookup(queues: Readonly<Record<string, string>>): ArnLookup {
  const byName = new Map(Object.entries(queues));
  const byOwnName = new Map(Array.from(byName, ([name, arn]) => [ownNameIn(arn, name), arn]));
  return ({ queue, ownName }) => {
    const arn = (ownName === true ? byOwnName : byName).get(queue);
    if (arn !== undefined) return arn;
    throw new QueueNotFound(queue, { hint: 'Add it to `queues` of createEventBridgeScheduler, and to what its role may send to.' });
  };
}

function ownNameIn(arn: string, name: string): string {
  const ownName = SQS_ARN.exec(arn)?.[1];
  if (ownName !== undefined) return ownName;
  throw new ImproperlyConfigured(`The ARN of queue '${name}' is ${JSON.stringify(arn)}, which is no ARN of a queue.`);
}
