/** A message that cannot be run: set aside, logged, announced. Imported when the first one comes. */

import type { Delivery } from '../transports/transport.ts';
import type { Disposition } from './disposition.ts';
import { quarantine } from './quarantine.ts';
import type { Verdict } from './verdict.ts';
import type { WorkerParts } from './worker-parts.ts';

export async function setAside(delivery: Delivery, verdict: Verdict, parts: WorkerParts): Promise<Disposition> {
  const disposition = await quarantine(delivery, verdict, parts);
  const { messageId, queue, receiveCount } = delivery;
  if (disposition.do === 'quarantine') {
    const { code, reason, buried } = disposition;
    const message = buried ? 'message quarantined' : 'message cannot be run, given back';
    parts.logger.error({ message, code, reason, queue, messageId, receiveCount, acknowledged: buried });
  }
  if (parts.signals.has('taskRejected')) await parts.signals.emit('taskRejected', { messageId, queue, ...verdict }, parts.logger);
  return disposition;
}
