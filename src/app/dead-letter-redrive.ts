/** A dead letter as the message that is sent again: same body, same ids, the attributes of a dead message taken off. */

import { isFifo, type MessageAttributes, type Outgoing } from '../transports/transport.ts';
import { createEncoders, type Encoders } from '../wire/codecs.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { writeMessage } from '../wire/protocol-write.ts';
import { isBase64Envelope, sealLike } from '../wire/seal.ts';
import { toFields } from '../wire/task-fields.ts';
import { DEAD_LETTER, MAX_ATTRIBUTES, REDRIVEN_ATTRIBUTE, senderAttributes, textIn } from './dead-letter-attributes.ts';
import type { DeadLetter } from './dead-letter-record.ts';
import type { Settings } from './settings.ts';

/** `keep` sends the body as it is; `reset` lets the task have all its retries again. */
export type RedriveRetries = 'keep' | 'reset';

export interface Destination {
  readonly queue: string;
  readonly ownName?: boolean;
}

export function toRedriven(letter: DeadLetter, { queue, ownName }: Destination, retries: RedriveRetries, settings: Settings): Outgoing {
  const { delivery, messageId } = letter;
  const attributes = withMarkBeside(senderAttributes(delivery.attributes), markOf(letter, retries));
  const traceHeader = delivery.traceHeader ?? traceOf(letter);
  return {
    queue,
    ...(ownName === true && { ownName }),
    id: letter.id ?? messageId,
    body: retries === 'reset' && (letter.retries ?? 0) > 0 ? withoutRetries(letter, settings) : delivery.body,
    // Another than the first message's, which would still be remembered; the same when this very letter is sent again after a crash.
    ...(isFifo(queue) && { messageDeduplicationId: `redrive-${messageId}` }),
    ...(delivery.messageGroupId !== undefined && { messageGroupId: delivery.messageGroupId }),
    attributes,
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

/** Which letter it was, and how many retries it had made, where the message no longer says so. */
export function markOf({ messageId, delivery, retries = 0 }: DeadLetter, how: RedriveRetries): string {
  const death = textIn(delivery.attributes, DEAD_LETTER.firstSeen) ?? messageId;
  return how === 'reset' && retries > 0 ? `${death} ${retries}` : death;
}

/** What has ended is not run again under the same id, unless it says that it is a run of its own. */
function withMarkBeside(attributes: MessageAttributes, messageId: string): MessageAttributes {
  if (Object.keys(attributes).length >= MAX_ATTRIBUTES) return attributes;
  return { ...attributes, [REDRIVEN_ATTRIBUTE]: { type: 'String', value: messageId } };
}

/** The same within the message, where it is signed with the rest: what stands beside a signed message anyone may have put there. */
export function withMark(body: string, messageId: string): string {
  try {
    const envelope = openEnvelope(body);
    const properties = { ...envelope.properties, [REDRIVEN_ATTRIBUTE]: messageId };
    return sealLike(body, { ...envelope, properties });
  } catch {
    return body;
  }
}

/** The body with `retries` 0. One that cannot be rewritten goes as it is: the task then has fewer retries left, and is not lost. */
function withoutRetries({ delivery, message }: DeadLetter, settings: Settings): string {
  try {
    const envelope = openEnvelope(delivery.body);
    // Protocol 2 counts in the headers: arguments, codec and compression stay untouched.
    if (envelope.headers['task'] !== undefined) {
      return sealLike(delivery.body, { ...envelope, headers: { ...envelope.headers, retries: 0 } });
    }
    return rewritten(message(), isBase64Envelope(delivery.body), createEncoders(settings.codecs), settings);
  } catch {
    return delivery.body;
  }
}

/** Protocol 1 counts in the body, which is written anew. */
function rewritten(message: ReturnType<DeadLetter['message']>, base64Envelope: boolean, encoders: Encoders, settings: Settings): string {
  const { compression } = message.headers;
  const fields = { ...toFields(message), retries: 0, compression: compression ?? undefined, codec: encoders.encoder(message.contentType) };
  const { taggedValues, compressions } = settings;
  return writeMessage(fields, { base64Envelope, taskProtocol: 1, untagged: !taggedValues, compressions });
}

const TRACE_HEADER = /^Root=[\w=;:-]{1,500}$/;

/** SQS refuses a whole request for a trace header it cannot read. */
function traceOf({ delivery }: DeadLetter): string | undefined {
  const trace = textIn(delivery.attributes, DEAD_LETTER.trace);
  return trace !== undefined && TRACE_HEADER.test(trace) ? trace : undefined;
}
