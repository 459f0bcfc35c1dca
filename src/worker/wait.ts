/** A message that came too early waits: sent on with the longest delay that fits and acknowledged, so that waiting uses up no receives. */

import { planWait } from '../app/delay.ts';
import { sendWithRetry } from '../app/publish-retry.ts';
import { type Delivery, isFifo, type Outgoing } from '../transports/transport.ts';
import { ACK, type Disposition, REQUEUE } from './disposition.ts';
import type { WorkerParts } from './worker-parts.ts';

/** The longest a FIFO message is hidden before it is looked at again: SQS allows 12 hours from its receipt. */
const LONGEST_HIDE_SECONDS = 43_200 - 60;

/** A FIFO queue takes no delay per message: there the message is given back and hidden, which keeps its group in order. */
export async function wait(delivery: Delivery, id: string, etaMs: number, parts: WorkerParts): Promise<Disposition> {
  const { transport, clock, settings, logger } = parts;
  if (isFifo(delivery.queue)) return { do: 'requeue', afterSeconds: planWait(etaMs, clock.now(), LONGEST_HIDE_SECONDS).delaySeconds };
  const { delaySeconds } = planWait(etaMs, clock.now(), transport.limits.delaySeconds);
  const [receipt] = await sendWithRetry(transport, [sendOn(delivery, id, delaySeconds)], settings.taskPublishRetryPolicy, clock);
  if (receipt?.ok === true) return ACK;
  logger.error({ message: 'early message not sent on', id, messageId: delivery.messageId, error: receipt?.error });
  return REQUEUE;
}

/** The very body that came, to the queue it came from. */
function sendOn(delivery: Delivery, id: string, delaySeconds: number): Outgoing {
  return {
    queue: delivery.queue,
    ownName: true,
    id,
    body: delivery.body,
    delaySeconds,
    ...(delivery.messageGroupId !== undefined && { messageGroupId: delivery.messageGroupId }),
    ...(delivery.attributes !== undefined && { attributes: delivery.attributes }),
    ...(delivery.traceHeader !== undefined && { traceHeader: delivery.traceHeader }),
  };
}
