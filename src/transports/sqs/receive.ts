/** The receiving half, for the poller. Lambda's own polling does not come through here. */

import type { Clock } from '../../clock.ts';
import { type CeleryError, QueueNotFound } from '../../errors.ts';
import { visibilitySeconds } from '../limits.ts';
import { MAX_VISIBILITY_SECONDS } from '../sqs-limits.ts';
import type { Delivery, Inbox, ReceiveOptions } from '../transport.ts';
import type { SqsApi, SqsReceived } from './api.ts';
import { fromSqsAttributes } from './attributes.ts';
import { toFailure } from './failures.ts';
import { type Address, nameInUrl, type QueueUrls } from './queues.ts';

const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;

/** Lambda does not say when it received a record: no longer ago than a batching window and its longest time-out together. */
const LAMBDA_HOLDS_MS = (300 + 900) * 1000;

/** What done and postpone need to know of a delivery. */
interface SqsReceipt {
  readonly queueUrl: string;
  readonly receiptHandle: string;
  /** When it was asked for, milliseconds since 1970: no later than SQS began to count the 12 hours. */
  readonly receivedAt: number;
}

export function createInbox(api: SqsApi, queues: QueueUrls, clock: Clock): Inbox {
  const failed = (cause: unknown, action: string, address: Address): CeleryError => {
    const error = toFailure(cause, { action, queue: address.queue });
    if (error instanceof QueueNotFound) queues.forget(address);
    return error;
  };

  /** Lambda's records bring the bare receipt handle; the queue's URL is then looked up by SQS's own name. */
  const receiptOf = async ({ queue, receipt }: Delivery): Promise<SqsReceipt> =>
    typeof receipt === 'string'
      ? { queueUrl: await queues.url({ queue, ownName: true }), receiptHandle: receipt, receivedAt: clock.now() - LAMBDA_HOLDS_MS }
      : (receipt as SqsReceipt);

  return {
    async receive(queue, options = {}) {
      if (options.signal?.aborted) return [];
      const queueUrl = await queues.url({ queue });
      const receivedAt = clock.now();
      try {
        const messages = await api.receiveMessage({ QueueUrl: queueUrl, ...toSqsOptions(options) }, options.signal);
        return messages.map((message) => toDelivery(message, { queueUrl, receivedAt }));
      } catch (error) {
        if (options.signal?.aborted) return [];
        throw failed(error, 'sqs:ReceiveMessage', { queue });
      }
    },

    async done(delivery) {
      const { queue } = delivery;
      try {
        const { queueUrl, receiptHandle } = await receiptOf(delivery);
        await api.deleteMessage(queueUrl, receiptHandle);
      } catch (error) {
        throw failed(error, 'sqs:DeleteMessage', { queue, ownName: true });
      }
    },

    async postpone(delivery, seconds) {
      const { queue } = delivery;
      try {
        const { queueUrl, receiptHandle, receivedAt } = await receiptOf(delivery);
        const left = MAX_VISIBILITY_SECONDS - Math.ceil((clock.now() - receivedAt) / 1000);
        await api.changeMessageVisibility(queueUrl, receiptHandle, visibilitySeconds(Math.min(seconds, left)));
      } catch (error) {
        throw failed(error, 'sqs:ChangeMessageVisibility', { queue, ownName: true });
      }
    },
  };
}

function toSqsOptions({ max = MAX_MESSAGES, waitSeconds = 0 }: ReceiveOptions) {
  return {
    MaxNumberOfMessages: Math.min(Math.max(Math.trunc(max), 1), MAX_MESSAGES),
    WaitTimeSeconds: Math.min(Math.max(Math.ceil(waitSeconds), 0), MAX_WAIT_SECONDS),
  };
}

function toDelivery(message: SqsReceived, from: Omit<SqsReceipt, 'receiptHandle'>): Delivery {
  const { ApproximateReceiveCount, SentTimestamp, MessageGroupId, AWSTraceHeader } = message.Attributes ?? {};
  const attributes = fromSqsAttributes(message.MessageAttributes);
  const receipt: SqsReceipt = { ...from, receiptHandle: message.ReceiptHandle ?? '' };
  return {
    messageId: message.MessageId ?? '',
    queue: nameInUrl(from.queueUrl),
    body: message.Body ?? '',
    receiveCount: Number(ApproximateReceiveCount ?? 1),
    receipt,
    ...(SentTimestamp !== undefined && { sentAt: Number(SentTimestamp) }),
    ...(MessageGroupId !== undefined && { messageGroupId: MessageGroupId }),
    ...(AWSTraceHeader !== undefined && { traceHeader: AWSTraceHeader }),
    ...(attributes !== undefined && { attributes }),
  };
}
