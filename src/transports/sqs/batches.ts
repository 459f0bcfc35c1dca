/** From messages to SendMessageBatch entries: cut into batches that SQS takes, and spelled as SQS has them. Sends nothing. */

import { deduplicationId, fifoGroup } from '../limits.ts';
import { SQS_LIMITS } from '../sqs-limits.ts';
import { isFifo, type Outgoing } from '../transport.ts';
import type { SqsEntry } from './api.ts';
import { toSqsAttributes } from './attributes.ts';

const MAX_ENTRIES = 10;

/** A message that is fit to send, with its place in what the caller gave. */
export interface Item {
  readonly index: number;
  readonly message: Outgoing;
  readonly bytes: number;
}

/** Cuts without reordering: at most ten entries and 1 MiB in each. */
export function toBatches(items: readonly Item[]): readonly (readonly Item[])[] {
  const batches: Item[][] = [];
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && bytes + item.bytes > SQS_LIMITS.messageBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += item.bytes;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** The entry of one message; `position` in its batch is its id there. */
export function toEntry({ message }: Item, position: number): SqsEntry {
  const { body, delaySeconds, attributes, traceHeader } = message;
  return {
    Id: String(position),
    MessageBody: body,
    ...(isFifo(message.queue) ? fifoFields(message) : standardFields(message)),
    ...(delaySeconds && { DelaySeconds: delaySeconds }),
    ...(attributes !== undefined && { MessageAttributes: toSqsAttributes(attributes) }),
    ...(traceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    }),
  };
}

function fifoFields(message: Outgoing): Partial<SqsEntry> {
  return { MessageGroupId: fifoGroup(message), MessageDeduplicationId: deduplicationId(message) };
}

/** On a standard queue a group makes the queue fair; deduplication it does not know. */
function standardFields({ messageGroupId }: Outgoing): Partial<SqsEntry> {
  return messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId };
}
