/** Sets a message aside: its body unchanged to the dead-letter queue, with why as message attributes (app/dead-letter-attributes). */

import { type DeadLetterFacts, deadLetterAttributes } from '../app/dead-letter-attributes.ts';
import { sendWithRetry } from '../app/publish-retry.ts';
import { isPrivate } from '../app/sensitive.ts';
import { errorFields } from '../logger.ts';
import type { Delivery } from '../transports/transport.ts';
import type { Disposition } from './disposition.ts';
import type { Settling } from './settling.ts';
import type { WorkerParts } from './worker-parts.ts';

/**
 * Sends the message to the dead-letter queue. Without one, or when that send fails, `buried` is false and the door
 * gives the message back, so that nothing is lost.
 */
export async function quarantine(delivery: Delivery, facts: DeadLetterFacts, parts: WorkerParts): Promise<Disposition> {
  const queue = parts.settings.deadLetterQueue;
  const buried = queue !== null && (await bury(delivery, facts, queue, parts));
  return { do: 'quarantine', code: facts.code, reason: facts.reason, buried };
}

/** Sends a copy of the message to a dead-letter queue; false when it was not accepted, which is logged. */
export async function bury(delivery: Delivery, facts: DeadLetterFacts, queue: string, parts: WorkerParts): Promise<boolean> {
  const { transport, settings, clock, logger } = parts;
  const outgoing = {
    queue,
    id: delivery.messageId,
    body: delivery.body,
    attributes: deadLetterAttributes(delivery, facts),
    ...(delivery.messageGroupId !== undefined && { messageGroupId: delivery.messageGroupId }),
  };
  try {
    const [receipt] = await sendWithRetry(transport, [outgoing], settings.taskPublishRetryPolicy, clock);
    if (receipt?.ok === true) return true;
    logger.error({
      message: 'message not quarantined',
      messageId: delivery.messageId,
      deadLetterQueue: queue,
      error: errorFields(receipt?.error),
    });
  } catch (error) {
    logger.error({ message: 'message not quarantined', messageId: delivery.messageId, deadLetterQueue: queue, error: errorFields(error) });
  }
  return false;
}

/**
 * Why a task's message is dead, for those who read its queue: the error's name and text, or what it was rejected for. Of a task that
 * keeps its values to itself only the error's name is said, or the code.
 */
export function deathReason({ task, parts }: Pick<Settling, 'task' | 'parts'>, code: string, error: unknown): string {
  try {
    const isDiscreet = isPrivate(task?.defaults, parts.settings);
    if (!(error instanceof Error)) return isDiscreet ? code : String(error ?? code);
    const { name, message = '' } = errorFields(error, isDiscreet);
    return message === '' ? name : `${name}: ${message}`;
  } catch {
    return code;
  }
}
