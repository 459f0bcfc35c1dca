/** Sets a message aside: its body unchanged to the dead-letter queue, with why as message attributes. */

import { sendWithRetry } from '../app/publish-retry.ts';
import type { Delivery, MessageAttribute, MessageAttributes } from '../transports/transport.ts';
import type { Disposition } from './disposition.ts';
import type { Verdict } from './verdict.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Names of the attributes on a dead message. */
export const DEAD_LETTER = {
  code: 'celeriac.code',
  reason: 'celeriac.reason',
  queue: 'celeriac.queue',
  receiveCount: 'celeriac.receiveCount',
} as const;

/** Longest reason that travels, in characters. */
const REASON_LIMIT = 1024;

/**
 * Sends the message to the dead-letter queue. Without one, or when that send fails, `buried` is false and the door
 * gives the message back, so that nothing is lost.
 */
export async function quarantine(delivery: Delivery, verdict: Verdict, parts: WorkerParts): Promise<Disposition> {
  const queue = parts.settings.deadLetterQueue;
  const buried = queue !== null && (await bury(delivery, verdict, queue, parts));
  return { do: 'quarantine', code: verdict.code, reason: verdict.reason, buried };
}

async function bury(delivery: Delivery, verdict: Verdict, queue: string, parts: WorkerParts): Promise<boolean> {
  const { transport, settings, clock, logger } = parts;
  const outgoing = {
    queue,
    id: delivery.messageId,
    body: delivery.body,
    attributes: deadLetterAttributes(delivery, verdict),
    ...(delivery.messageGroupId !== undefined && { messageGroupId: delivery.messageGroupId }),
  };
  try {
    const [receipt] = await sendWithRetry(transport, [outgoing], settings.taskPublishRetryPolicy, clock);
    if (receipt?.ok === true) return true;
    logger.error({ message: 'message not quarantined', messageId: delivery.messageId, deadLetterQueue: queue, error: receipt?.error });
  } catch (error) {
    logger.error({ message: 'message not quarantined', messageId: delivery.messageId, deadLetterQueue: queue, error });
  }
  return false;
}

const text = (value: string): MessageAttribute => ({ type: 'String', value });

/** A reason may hold characters SQS refuses; what it cannot carry is replaced. */
function deadLetterAttributes(delivery: Delivery, { code, reason }: Verdict): MessageAttributes {
  return {
    ...carriedAttributes(delivery.attributes),
    [DEAD_LETTER.code]: text(code),
    [DEAD_LETTER.reason]: text(toSendableText(reason) || code),
    [DEAD_LETTER.queue]: text(delivery.queue || 'unknown'),
    [DEAD_LETTER.receiveCount]: { type: 'Number', value: String(delivery.receiveCount) },
  };
}

/** SQS takes ten attributes; four are ours, the sender's first six travel on. */
function carriedAttributes(attributes: MessageAttributes | undefined): MessageAttributes {
  if (attributes === undefined) return {};
  const ours: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER));
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => !ours.has(name))
      .slice(0, 6),
  );
}

/** Characters outside of what SQS takes (XML 1.0 Char). */
const UNSENDABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const toSendableText = (reason: string): string => reason.toWellFormed().replace(UNSENDABLE, '\ufffd').slice(0, REASON_LIMIT);
