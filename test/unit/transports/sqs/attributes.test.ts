import { describe, expect, it } from 'vitest';
import { fromSqsAttributes, toSqsAttributes } from '../../../../src/transports/sqs/attributes.ts';
import type { MessageAttributes } from '../../../../src/transports/transport.ts';

describe('message attributes', () => {
  it('go to SQS and come back the same', () => {
    const attributes: MessageAttributes = {
      a: { type: 'String', value: 'x' },
      b: { type: 'Number', value: '1.0' },
      c: { type: 'Binary', value: Uint8Array.of(1, 2) },
    };
    const sqs = toSqsAttributes(attributes);
    expect(sqs).toEqual({
      a: { DataType: 'String', StringValue: 'x' },
      b: { DataType: 'Number', StringValue: '1.0' },
      c: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) },
    });
    expect(fromSqsAttributes(sqs)).toEqual(attributes);
  });

  it('lose custom labels', () => {
    const sqs = {
      a: { DataType: 'Number.int', StringValue: '1' },
      b: { DataType: 'String.uuid', StringValue: 'u' },
      c: { DataType: 'Binary.png', BinaryValue: Uint8Array.of(1) },
      d: {},
    };
    expect(fromSqsAttributes(sqs)).toEqual({
      a: { type: 'Number', value: '1' },
      b: { type: 'String', value: 'u' },
      c: { type: 'Binary', value: Uint8Array.of(1) },
      d: { type: 'String', value: '' },
    });
  });

  it('are undefined when there are none', () => {
    expect(fromSqsAttributes(undefined)).toBeUndefined();
    expect(fromSqsAttributes({})).toBeUndefined();
  });

  it('named __proto__ reach no prototype', () => {
    const received = fromSqsAttributes(JSON.parse('{"__proto__": {"DataType": "String", "StringValue": "x"}}'));
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype);
    expect(Object.entries(received ?? {})).toEqual([['__proto__', { type: 'String', value: 'x' }]]);
    expect(Object.keys(toSqsAttributes(received ?? {}))).toEqual(['__proto__']);
  });
});
