/** What SQS says to a message it is sent: taken, or refused with a code, by its limits of size, characters, delay, attributes and ids. */

import { Buffer } from 'node:buffer';

export interface SentAttribute {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** The fields of SendMessage, and of an entry of SendMessageBatch. */
export interface SentEntry {
  readonly Id?: string;
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Readonly<Record<string, SentAttribute>>;
  readonly MessageSystemAttributes?: Readonly<Record<string, SentAttribute>>;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export const MAX_BYTES = 1_048_576;
const MAX_DELAY_SECONDS = 900;
const MAX_ATTRIBUTES = 10;

const REFUSED_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const ID = /^[\x21-\x7e]{1,128}$/;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.)[\w-]+(\.[\w-]+)*$/i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/;
export const ENTRY_ID = /^[\w-]{1,80}$/;

/** Body and attributes; system attributes are not counted. */
export function bytesOf({ MessageBody = '', MessageAttributes }: SentEntry): number {
  let bytes = Buffer.byteLength(MessageBody);
  for (const name in MessageAttributes) {
    const { DataType = '', StringValue = '', BinaryValue } = MessageAttributes[name]!;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + (BinaryValue?.byteLength ?? Buffer.byteLength(StringValue));
  }
  return bytes;
}

export function refusalOf(entry: SentEntry, queue: { readonly fifo: boolean; readonly contentBased: boolean }): Refusal | undefined {
  const { MessageBody, DelaySeconds = 0, MessageGroupId, MessageDeduplicationId } = entry;
  if (MessageBody === undefined || MessageBody === '') return missing('MessageBody');
  if (bytesOf(entry) > MAX_BYTES)
    return invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`);
  if (REFUSED_CHARACTER.test(MessageBody)) return { code: 'InvalidMessageContents', message: 'Invalid characters found.' };
  if (!Number.isInteger(DelaySeconds) || DelaySeconds < 0 || DelaySeconds > MAX_DELAY_SECONDS) {
    return invalid(`Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`);
  }
  for (const id of [MessageGroupId, MessageDeduplicationId])
    if (id !== undefined && !ID.test(id)) return invalid(`Value ${id} is invalid.`);
  return (queue.fifo ? fifoRefusal(entry, queue.contentBased) : standardRefusal(entry)) ?? attributesRefusal(entry);
}

function fifoRefusal({ DelaySeconds, MessageGroupId, MessageDeduplicationId }: SentEntry, contentBased: boolean): Refusal | undefined {
  if (DelaySeconds) return invalid(`Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: not valid for this queue type.`);
  if (MessageGroupId === undefined) return missing('MessageGroupId');
  if (MessageDeduplicationId !== undefined || contentBased) return undefined;
  return invalid('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
}

function standardRefusal({ MessageDeduplicationId }: SentEntry): Refusal | undefined {
  if (MessageDeduplicationId === undefined) return undefined;
  return invalid('The request include parameter MessageDeduplicationId which is not valid for this queue type');
}

function attributesRefusal({ MessageAttributes }: SentEntry): Refusal | undefined {
  let count = 0;
  for (const name in MessageAttributes) {
    const { DataType = '', StringValue, BinaryValue } = MessageAttributes[name]!;
    count += 1;
    if (count > MAX_ATTRIBUTES) return invalid('Number of message attributes exceeds the allowed maximum [10].');
    if (name.length > 256 || !ATTRIBUTE_NAME.test(name)) return invalid(`The message attribute name '${name}' is invalid.`);
    if (!ATTRIBUTE_TYPE.test(DataType)) return invalid(`The message attribute '${name}' has an invalid message attribute type.`);
    const empty = DataType.startsWith('Binary') ? !BinaryValue?.byteLength : !StringValue;
    if (empty || REFUSED_CHARACTER.test(StringValue ?? '')) return invalid(`The message attribute '${name}' must contain a valid value.`);
    if (DataType.startsWith('Number') && !Number.isFinite(Number(StringValue)))
      return invalid(`Can't cast the value of '${name}' to a number.`);
  }
  return undefined;
}

const invalid = (message: string): Refusal => ({ code: 'InvalidParameterValue', message });
const missing = (name: string): Refusal => ({ code: 'MissingParameter', message: `The request must contain the parameter ${name}.` });
