/** A message that came too early waits: sent on as it is and acknowledged, so that waiting uses up no receives. */

import { redrivenAttributes } from '../app/dead-letter-attributes.ts';
import { planWait } from '../app/delay.ts';
import { countHop, deliver } from '../app/deliver.ts';
import { errorFields } from '../logger.ts';
import { type Delivery, isFifo, type Outgoing } from '../transports/transport.ts';
import { ACK, type Disposition, REQUEUE } from './disposition.ts';
import { quarantine } from './quarantine.ts';
import { factsOf, type Request } from './request.ts';
import type { WorkerParts } from './worker-parts.ts';

/** A FIFO queue takes no delay per message: there the message is given back and hidden, which keeps its group in order. */
export async function wait(request: Request, etaMs: number, parts: WorkerParts): Promise<Disposition> {
  const { delivery, id, retries } = request;
  const { clock, settings, logger } = parts;
  if (isFifo(delivery.queue)) return hide(etaMs, clock.now());
  const outgoing = countHop(sendOn(delivery, id));
  if ('reason' in outgoing)
    return await quarantine(delivery, { code: 'too-many-hops', reason: outgoing.reason, ...factsOf(request) }, parts);
  const receipt = await deliver({ outgoing, etaMs, task: request.task, taskId: id, retries }, settings.taskPublishRetryPolicy, parts);
  if (receipt.ok) return ACK;
  logger.error({ message: 'early message not sent on', id, messageId: delivery.messageId, error: errorFields(receipt.error) });
  return REQUEUE;
}

function hide(etaMs: number, nowMs: number): Disposition {
  const plan = planWait({ etaMs, nowMs, fifo: true, longestDelaySeconds: 0 });
  return plan.via === 'hide' ? { do: 'requeue', afterSeconds: plan.seconds } : { do: 'requeue', afterSeconds: 0 };
}

/** The very body that came, to the queue it came from. */
function sendOn(delivery: Delivery, id: string): Outgoing {
  const attributes = redrivenAttributes(delivery);
  return {
    queue: delivery.queue,
    ownName: true,
    id,
    body: delivery.body,
    ...(delivery.messageGroupId !== undefined && { messageGroupId: delivery.messageGroupId }),
    ...(attributes !== undefined && { attributes }),
    ...(delivery.traceHeader !== undefined && { traceHeader: delivery.traceHeader }),
  };
}
