/** Message attributes: ours on one side, SQS's DataType and its two value members on the other. */

import type { MessageAttribute, MessageAttributes } from '../transport.ts';
import type { SqsAttributes, SqsAttributeValue, SqsReceived, SqsReceivedAttribute } from './api.ts';

export function toSqsAttributes(attributes: MessageAttributes): SqsAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, toSqsValue(attribute)]));
}

function toSqsValue(attribute: MessageAttribute): SqsAttributeValue {
  if (attribute.type === 'Binary') return { DataType: 'Binary', BinaryValue: attribute.value };
  return { DataType: attribute.type, StringValue: attribute.value };
}

/** Undefined when the message has none. */
export function fromSqsAttributes(attributes: SqsReceived['MessageAttributes']): MessageAttributes | undefined {
  const entries = Object.entries(attributes ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, fromSqsValue(value)]));
}

/** A custom label, as in `Number.int`, is left off: the seam knows the three types alone. */
function fromSqsValue({ DataType = 'String', StringValue = '', BinaryValue }: SqsReceivedAttribute): MessageAttribute {
  if (BinaryValue !== undefined) return { type: 'Binary', value: BinaryValue };
  return { type: DataType.startsWith('Number') ? 'Number' : 'String', value: StringValue };
}
