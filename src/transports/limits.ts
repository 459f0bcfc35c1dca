/**
 * What SQS accepts of one message, checked before the network: size, characters, delay, attributes, group and deduplication ids.
 * Every transport keeps to it, so that what the memory transport carries SQS carries too.
 */

import { type CeleryError, EncodeError, MessageTooLarge } from '../errors.ts';
import { nodeCrypto, sha256 } from '../node-crypto.ts';
import { binaryOf } from '../wire/base64.ts';
import { MAX_VISIBILITY_SECONDS, SQS_LIMITS } from './sqs-limits.ts';
import { isFifo, type MessageAttribute, type MessageAttributes, type Outgoing } from './transport.ts';

const MAX_ATTRIBUTES = 10;
const MAX_ATTRIBUTE_NAME = 256;

/** Anything but XML 1.0's Char; with the `u` flag a lone surrogate, which UTF-8 cannot carry, is caught as well. */
const REFUSED_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** SQS's alphabet for group and deduplication ids: letters, digits and ASCII punctuation. */
const VALID_ID = /^[\x21-\x7e]{1,128}$/;

const VALID_ATTRIBUTE_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const RESERVED_ATTRIBUTE_NAME = /^(aws|amazon)\./i;

/** Why SQS would refuse the message, or undefined when it is fit to send. */
export function refusal(message: Outgoing, bytes: number): CeleryError | undefined {
  return (
    sizeRefusal(bytes) ??
    textRefusal(message.body, 'body') ??
    delayRefusal(message) ??
    idRefusal(message.messageGroupId, 'messageGroupId') ??
    idRefusal(message.messageDeduplicationId, 'messageDeduplicationId') ??
    taskIdRefusal(message) ??
    attributesRefusal(message.attributes)
  );
}

/**
 * The deduplication id of a FIFO message: its own, or one made from the task id, so that sending the same id again within five
 * minutes adds nothing. kombu makes a random one, which never deduplicates. A retry goes on under its id and so has to bring its own.
 * Asked for only where `refusal` had nothing to say.
 */
export function deduplicationId(message: Outgoing): string {
  if (message.messageDeduplicationId !== undefined) return message.messageDeduplicationId;
  return VALID_ID.test(message.id) ? message.id : sha256(message.id, 'A deduplication id').digest('hex');
}

/** The group of a FIFO message: its own, or `default`, as kombu's. */
export function fifoGroup(message: Outgoing): string {
  return message.messageGroupId ?? 'default';
}

/** Seconds to hide a message as SQS takes them: whole, never shorter than asked, from 0 to 12 hours. */
export function visibilitySeconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds), 0), MAX_VISIBILITY_SECONDS);
}

function sizeRefusal(bytes: number): CeleryError | undefined {
  return bytes > SQS_LIMITS.messageBytes ? new MessageTooLarge(bytes, SQS_LIMITS.messageBytes) : undefined;
}

function textRefusal(text: string, path: string): CeleryError | undefined {
  if (text === '') return new EncodeError(`SQS takes no empty text; ${path} is empty.`, { path });
  // Most bodies are base64, which has none of what is refused, and is told in a sixth of the time.
  if (text[0] !== '{' && binaryOf(text) !== undefined) return undefined;
  const found = REFUSED_CHARACTER.exec(text);
  if (found === null) return undefined;
  const codePoint = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return new EncodeError(`SQS refuses the character U+${codePoint}, found in ${path} at ${found.index}; encode the text, as base64 does.`, {
    path,
  });
}

function delayRefusal({ delaySeconds, queue }: Outgoing): CeleryError | undefined {
  if (delaySeconds === undefined || delaySeconds === 0) return undefined;
  const path = 'delaySeconds';
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > SQS_LIMITS.delaySeconds) {
    return new EncodeError(`delaySeconds is ${delaySeconds}; SQS takes whole seconds from 0 to ${SQS_LIMITS.delaySeconds}.`, { path });
  }
  if (!isFifo(queue)) return undefined;
  return new EncodeError(`The FIFO queue '${queue}' takes no delay per message; postpone the message on receipt, or delay the queue.`, {
    path,
  });
}

function idRefusal(id: string | undefined, path: string): CeleryError | undefined {
  if (id === undefined || VALID_ID.test(id)) return undefined;
  return new EncodeError(`${path} is ${JSON.stringify(id)}; SQS takes 1 to 128 letters, digits and ASCII punctuation.`, { path });
}

/** What `deduplicationId` would make an id of, where it cannot. */
function taskIdRefusal({ queue, id, messageDeduplicationId }: Outgoing): CeleryError | undefined {
  if (messageDeduplicationId !== undefined || !isFifo(queue) || VALID_ID.test(id) || nodeCrypto() !== undefined) return undefined;
  return new EncodeError(
    `The task id ${JSON.stringify(id)} is no deduplication id, and without node:crypto none is made of it; give messageDeduplicationId, or a task id of 1 to 128 letters, digits and ASCII punctuation.`,
    { path: 'messageDeduplicationId' },
  );
}

function attributesRefusal(attributes: MessageAttributes | undefined): CeleryError | undefined {
  if (attributes === undefined) return undefined;
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    const path = 'attributes';
    return new EncodeError(`The message has ${entries.length} attributes; SQS takes at most ${MAX_ATTRIBUTES}.`, { path });
  }
  for (const [name, attribute] of entries) {
    const refused = nameRefusal(name) ?? valueRefusal(attribute, `attributes.${name}`);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function nameRefusal(name: string): CeleryError | undefined {
  if (name.length <= MAX_ATTRIBUTE_NAME && VALID_ATTRIBUTE_NAME.test(name) && !RESERVED_ATTRIBUTE_NAME.test(name)) return undefined;
  return new EncodeError(
    `${JSON.stringify(name)} is no attribute name; SQS takes 1 to ${MAX_ATTRIBUTE_NAME} letters, digits, '_', '-' and single inner dots, not beginning with AWS. or Amazon.`,
    { path: 'attributes' },
  );
}

function valueRefusal(attribute: MessageAttribute, path: string): CeleryError | undefined {
  if (attribute.type === 'Binary') {
    return attribute.value.byteLength > 0 ? undefined : new EncodeError(`SQS takes no empty attribute; ${path} is empty.`, { path });
  }
  if (attribute.type === 'Number' && !Number.isFinite(Number(attribute.value))) {
    return new EncodeError(`${path} is ${JSON.stringify(attribute.value)}, which is no number.`, { path });
  }
  return textRefusal(attribute.value, path);
}
