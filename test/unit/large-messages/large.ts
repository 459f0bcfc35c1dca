/** Builders of messages for the tests of large ones. */

import { createMemoryLargeMessages, type MemoryLargeMessages } from '../../../src/large-messages/memory.ts';
import { offload } from '../../../src/large-messages/offload.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { type Envelope, openEnvelope, type TaskFields, type WriteOptions, writeMessage } from '../../../src/wire/index.ts';
import { fieldsWith } from '../../support/messages.ts';

export const LIMITS = { messageBytes: 1_048_576, delaySeconds: 900 };
export const TASK_ID = 'id-1';

/** A task message of so many characters in its one argument. */
export function outgoingOf(characters: number, fields: Partial<TaskFields> = {}, options: WriteOptions = {}): Outgoing {
  return { queue: 'celery', id: TASK_ID, body: writeMessage(fieldsWith({ args: ['x'.repeat(characters)], ...fields }), options) };
}

/** What is sent of a message that is put into a store which takes all above 1000 bytes. */
export async function offloaded(fields: Partial<TaskFields> = {}, options: WriteOptions = {}) {
  const store: MemoryLargeMessages = createMemoryLargeMessages({ thresholdBytes: 1000 });
  const whole = outgoingOf(5000, fields, options);
  const small = await offload(whole, TASK_ID, store, LIMITS);
  return { store, whole, small };
}

export const opened = ({ body }: Pick<Outgoing, 'body'>): Envelope => openEnvelope(body, { messageBytes: Number.POSITIVE_INFINITY });
