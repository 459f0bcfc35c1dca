/** From messages to SendMessageBatch entries: cut into batches that SQS takes, and spelled as SQS has them. Sends nothing. */

import { deduplicationId, fifoGroup } from '../limits.ts';
import { SQS_LIMITS } from '../sqs-limits.ts';
import { isFifo, type Outgoing } from '../transport.ts';
import type { SqsEntry } from './api.ts';
import { toSqsAttributes } from './attributes.ts';

export const MAX_ENTRIES = 10;

/** Where the batch ends that begins at `start`: at most ten entries and 1 MiB, and never none. */
export function batchEnd(parcels: readonly { readonly bytes: number }[], start: number): number {
  const most = Math.min(parcels.length, start + MAX_ENTRIES);
  let bytes = parcels[start]!.bytes;
  let end = start + 1;
  while (end < most && bytes + parcels[end]!.bytes <= SQS_LIMITS.messageBytes) bytes += parcels[end++]!.bytes;
  return end;
}

/** The entry of one message; `position` in its batch is its id there. */
export function toEntry({ message }: { readonly message: Outgoing }, position: number): SqsEntry {
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
