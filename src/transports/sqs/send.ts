/**
 * The sending half: messages in, receipts out in the order asked. A single message goes as a batch of one: SendMessage costs and
 * needs the same (price, size, permission), and one path has one way of failing.
 */

import type { Clock } from '../../clock.ts';
import { type CeleryError, EncodeError, OperationalError, QueueNotFound } from '../../errors.ts';
import { fifoGroup, refusal } from '../limits.ts';
import { messageBytes } from '../message-bytes.ts';
import type { Outgoing, Receipt, Transport } from '../transport.ts';
import type { SqsApi, SqsBatchAnswer } from './api.ts';
import { toEntry } from './batches.ts';
import { type Attempt, toEntryFailure, toFailure, unanswered } from './failures.ts';
import { createOutbox, type OutboxOptions, type Parcel, type SendBatch } from './outbox.ts';
import type { QueueUrls } from './queues.ts';

const ACTION = 'sqs:SendMessage';

export interface Sending {
  readonly send: Transport['send'];
  readonly flush: () => Promise<void>;
}

/** @throws ImproperlyConfigured */
export function createSend(api: SqsApi, queues: QueueUrls, options?: OutboxOptions, clock?: Clock): Sending {
  const sendBatch: SendBatch = async (url, batch) => {
    const attempt: Attempt = { action: ACTION, queue: batch[0]!.message.queue };
    try {
      return toReceipts(batch, await api.sendMessageBatch(url, batch.map(toEntry)), attempt);
    } catch (cause) {
      const error = toFailure(cause, attempt);
      if (error instanceof QueueNotFound) for (const { message } of batch) queues.forget(message);
      return batch.map(() => ({ ok: false, error }));
    }
  };
  const outbox = createOutbox(sendBatch, { holdsBack: mayBeSentAgain, groupOf: fifoGroup, heldBack }, options, clock);

  /** Messages whose queue is being looked up. While there are any, all take that way, so that none overtakes them. */
  const lookingUp = new Set<Promise<void>>();
  const lookUp = (parcel: Parcel): void => {
    const looking = locate(parcel).finally(() => lookingUp.delete(looking));
    lookingUp.add(looking);
  };
  const locate = async (parcel: Parcel): Promise<void> => {
    try {
      outbox.put(await queues.url(parcel.message), parcel);
    } catch (cause) {
      parcel.settle(refused(toFailure(cause, { action: 'sqs:GetQueueUrl', queue: parcel.message.queue })));
    }
  };

  const place = (message: Outgoing, settle: Parcel['settle']): void => {
    const { bytes, error } = weighed(message);
    const url = error === undefined && lookingUp.size === 0 ? queues.known(message) : undefined;
    if (error !== undefined) settle(refused(error));
    else if (url === undefined) lookUp({ message, bytes, settle });
    else outbox.put(url, { message, bytes, settle });
  };

  return {
    send: (messages) =>
      new Promise((resolve) => {
        const receipts: Receipt[] = new Array(messages.length);
        let open = messages.length;
        if (open === 0) return resolve(receipts);
        messages.forEach((message, index) => {
          place(message, (receipt) => {
            receipts[index] = receipt;
            open -= 1;
            if (open === 0) resolve(receipts);
          });
        });
      }),
    async flush() {
      while (lookingUp.size > 0) await Promise.all(lookingUp);
      await outbox.flush();
    },
  };
}

/** What cannot be weighed, as text that is none, is refused by itself: others may be sent with it. */
function weighed(message: Outgoing): { readonly bytes: number; readonly error: CeleryError | undefined } {
  try {
    const bytes = messageBytes(message);
    return { bytes, error: refusal(message, bytes) };
  } catch (cause) {
    return { bytes: 0, error: new EncodeError(`The message cannot be sent: ${String(cause)}`, { path: 'attributes', cause }) };
  }
}

/** `Failed` is never success, and neither is silence. */
function toReceipts(batch: readonly Parcel[], { Successful = [], Failed = [] }: SqsBatchAnswer, attempt: Attempt): readonly Receipt[] {
  const accepted = new Map(Successful.map((entry) => [entry.Id, entry]));
  const failed = new Map(Failed.map((entry) => [entry.Id, entry]));
  return batch.map((_, position): Receipt => {
    const id = String(position);
    const failure = failed.get(id);
    if (failure !== undefined) return refused(toEntryFailure(failure, attempt));
    const success = accepted.get(id);
    return success === undefined ? refused(unanswered(attempt)) : { ok: true, messageId: success.MessageId ?? '' };
  });
}

function refused(error: CeleryError): Receipt {
  return { ok: false, error };
}

function mayBeSentAgain(receipt: Receipt): boolean {
  return !receipt.ok && receipt.error instanceof OperationalError && receipt.error.retryable;
}

function heldBack({ queue }: Outgoing): Receipt {
  const text = `Not sent: an earlier message of the same group on queue '${queue}' failed and has to go first.`;
  return refused(new OperationalError(text, { retryable: true }));
}
