/** One dead message as its reader sees it: why it died from its attributes, what it is from its body, both as far as they can be read. */

import type { Delivery } from '../transports/transport.ts';
import { openEnvelope } from '../wire/envelope.ts';
import type { TaskMessage } from '../wire/message.ts';
import { type ReadOptions, readMessage } from '../wire/protocol-read.ts';
import { DEAD_LETTER, numberIn, textIn } from './dead-letter-attributes.ts';

/** A message in a dead-letter queue. */
export interface DeadLetter {
  readonly messageId: string;
  /** Why it is dead; `redriven` when SQS moved it after too many receives. */
  readonly code: string;
  readonly reason: string;
  /** Task name and id: the body's, or the attributes' when the body cannot be read. */
  readonly task?: string;
  readonly id?: string;
  readonly retries?: number;
  /** The transport's own name of the queue it came from; unknown when SQS moved it. */
  readonly queue?: string;
  /** When it was first sent, milliseconds since 1970. SQS keeps that time for what it moves between standard queues. */
  readonly firstSeenMs?: number;
  /** When it was sent to this queue, milliseconds since 1970; of what SQS moved, when it was sent to the first. */
  readonly sentAtMs?: number;
  /** How often it was received before it died; of what SQS moved, the transport's count. */
  readonly receiveCount: number;
  readonly delivery: Delivery;
  /** Reads the whole message. @throws DecodeError, ContentDisallowed or InvalidTaskError */
  message(): TaskMessage;
}

/** Who a message is of, as far as its text tells. */
export interface MessageNames {
  readonly task?: string;
  readonly id?: string;
  readonly retries?: number;
}

const MOVED = { code: 'redriven', reason: 'SQS moved it: it was received more often than its queue allows.' };

export function toDeadLetter(delivery: Delivery, options: ReadOptions): DeadLetter {
  const { messageId, attributes, sentAt } = delivery;
  const code = textIn(attributes, DEAD_LETTER.code) ?? MOVED.code;
  return defined({
    messageId,
    code,
    reason: textIn(attributes, DEAD_LETTER.reason) ?? (code === MOVED.code ? MOVED.reason : code),
    ...namesInAttributes(delivery),
    ...namesIn(delivery.body, options),
    queue: textIn(attributes, DEAD_LETTER.queue),
    firstSeenMs: numberIn(attributes, DEAD_LETTER.firstSeen) ?? sentAt,
    sentAtMs: sentAt,
    receiveCount: numberIn(attributes, DEAD_LETTER.receiveCount) ?? delivery.receiveCount,
    delivery,
    message: () => readMessage(delivery.body, options),
  });
}

/**
 * Names of a message body, whatever it is. Protocol 2 has them in the headers, where they can be read even if the body cannot;
 * protocol 1 in the body. Never throws.
 */
export function namesIn(text: string, options: ReadOptions): MessageNames {
  let names: MessageNames = {};
  try {
    names = namesOf(openEnvelope(text, options.limits).headers);
    return names.task !== undefined && names.id !== undefined ? names : namesOf(readMessage(text, options).headers);
  } catch {
    return names;
  }
}

function namesOf({ task, id, retries }: Readonly<Record<string, unknown>>): MessageNames {
  return {
    ...(isName(task) && { task }),
    ...(isName(id) && { id }),
    ...(isCount(retries) && { retries }),
  };
}

function namesInAttributes({ attributes }: Delivery): MessageNames {
  const [task, id] = [textIn(attributes, DEAD_LETTER.task), textIn(attributes, DEAD_LETTER.id)];
  return namesOf({ task, id, retries: numberIn(attributes, DEAD_LETTER.retries) });
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

type Undefinable<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] };

/** A field that is not known is not there, rather than undefined. */
function defined(letter: Undefinable<DeadLetter>): DeadLetter {
  return Object.fromEntries(Object.entries(letter).filter(([, value]) => value !== undefined)) as unknown as DeadLetter;
}
