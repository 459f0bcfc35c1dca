/**
 * What a local queue is, checked as SQS would check it, and turned into SQS's own queue attributes.
 * Starting the queues is sqs.ts.
 */

import { ImproperlyConfigured } from '../errors.ts';

export interface QueueDefinition {
  /** Queue name; a FIFO queue's ends in `.fifo`. */
  readonly name: string;
  /** Default: whether the name ends in `.fifo`. */
  readonly fifo?: boolean;
  /** 0 to 43 200; default 30, as SQS. */
  readonly visibilityTimeoutSeconds?: number;
  /** Delay of every message, 0 to 900; default 0. */
  readonly delaySeconds?: number;
  /** Messages received more than `maxReceiveCount` times (1 to 1000) move to `deadLetterQueue`, another queue of the same kind. */
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
}

/** The account every local ARN and queue URL names. */
export const LOCAL_ACCOUNT = '000000000000';

/** The ARN of a local queue, `arn:aws:sqs:<region>:000000000000:<name>`. */
export function toQueueArn(name: string, region: string): string {
  return `arn:aws:sqs:${region}:${LOCAL_ACCOUNT}:${name}`;
}

const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const FIFO_SUFFIX = '.fifo';

/** Whether the definition is of a FIFO queue. */
export function isFifo(definition: QueueDefinition): boolean {
  return definition.fifo ?? definition.name.endsWith(FIFO_SUFFIX);
}

/**
 * Refuses what SQS would refuse: bad names, numbers out of range, a dead-letter queue that is missing, of the other kind, or the queue itself.
 * @throws ImproperlyConfigured naming the queue.
 */
export function checkQueueDefinitions(queues: readonly QueueDefinition[]): void {
  const byName = new Map<string, QueueDefinition>();
  for (const queue of queues) {
    checkName(queue);
    if (byName.has(queue.name))
      throw new ImproperlyConfigured(`The queue '${queue.name}' is defined twice; give each queue one definition.`);
    byName.set(queue.name, queue);
    checkRange(queue, 'visibilityTimeoutSeconds', queue.visibilityTimeoutSeconds, 0, 43_200);
    checkRange(queue, 'delaySeconds', queue.delaySeconds, 0, 900);
  }
  for (const queue of queues) checkRedrive(queue, byName);
}

/** The attributes CreateQueue takes for a checked definition. */
export function toQueueAttributes(queue: QueueDefinition, region: string): Record<string, string> {
  const attributes: Record<string, string> = {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds ?? 30),
    DelaySeconds: String(queue.delaySeconds ?? 0),
  };
  if (isFifo(queue)) attributes['FifoQueue'] = 'true';
  if (queue.redrive !== undefined) {
    attributes['RedrivePolicy'] = JSON.stringify({
      deadLetterTargetArn: toQueueArn(queue.redrive.deadLetterQueue, region),
      maxReceiveCount: queue.redrive.maxReceiveCount,
    });
  }
  return attributes;
}

function checkName(queue: QueueDefinition): void {
  const { name } = queue;
  const stem = name.endsWith(FIFO_SUFFIX) ? name.slice(0, -FIFO_SUFFIX.length) : name;
  if (!QUEUE_NAME.test(stem) || name.length > 80) {
    throw new ImproperlyConfigured(`'${name}' is no queue name; SQS takes 1 to 80 letters, digits, hyphens and underscores.`);
  }
  if (isFifo(queue) !== name.endsWith(FIFO_SUFFIX)) {
    throw new ImproperlyConfigured(
      `The queue '${name}' has fifo: ${String(queue.fifo)}; names of FIFO queues, and only theirs, end in '.fifo'.`,
    );
  }
}

function checkRange(queue: QueueDefinition, field: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new ImproperlyConfigured(`The queue '${queue.name}' has ${field}: ${value}; SQS takes whole numbers from ${least} to ${most}.`);
}

function checkRedrive(queue: QueueDefinition, byName: ReadonlyMap<string, QueueDefinition>): void {
  if (queue.redrive === undefined) return;
  const { deadLetterQueue, maxReceiveCount } = queue.redrive;
  checkRange(queue, 'redrive.maxReceiveCount', maxReceiveCount, 1, 1000);
  const target = byName.get(deadLetterQueue);
  if (target === undefined || target === queue) {
    throw new ImproperlyConfigured(
      `The dead-letter queue '${deadLetterQueue}' of '${queue.name}' is not among the other queues; define it too.`,
    );
  }
  if (isFifo(target) !== isFifo(queue)) {
    throw new ImproperlyConfigured(
      `The dead-letter queue '${deadLetterQueue}' and '${queue.name}' are of different kinds; a FIFO queue's dead-letter queue is FIFO.`,
    );
  }
}
