import { describe, expect, it } from 'vitest';
import { deduplicationId, fifoGroup, refusal, visibilitySeconds } from '../../../src/transports/limits.ts';
import { messageBytes } from '../../../src/transports/message-bytes.ts';
import type { MessageAttribute, MessageAttributes, Outgoing } from '../../../src/transports/transport.ts';

const message = (more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'celery', id: 'id-1', body: 'body', ...more });
const check = (more: Partial<Outgoing>) => refusal(message(more), messageBytes(message(more)));
const text = (value: string): MessageAttribute => ({ type: 'String', value });

describe('the size of a message', () => {
  it('is the UTF-8 bytes of its body', () => {
    expect(messageBytes(message({ body: 'aü漢🐇' }))).toBe(1 + 2 + 3 + 4);
  });

  it('counts name, type and value of every attribute', () => {
    const attributes: MessageAttributes = { ü: text('ß'), raw: { type: 'Binary', value: new Uint8Array(9) } };
    expect(messageBytes(message({ body: 'x', attributes }))).toBe(1 + (2 + 6 + 2) + (3 + 6 + 9));
  });

  it('may be 1 MiB and not a byte more', () => {
    expect(check({ body: 'x'.repeat(1_048_576) })).toBeUndefined();
    expect(check({ body: 'x'.repeat(1_048_577) })).toMatchObject({ name: 'MessageTooLarge', bytes: 1_048_577, limit: 1_048_576 });
  });
});

describe('the characters of a message', () => {
  it.each([
    ['\0', 'U+0000'],
    ['\b', 'U+0008'],
    ['\u000b', 'U+000B'],
    ['\u001f', 'U+001F'],
    ['\ufffe', 'U+FFFE'],
    ['\uffff', 'U+FFFF'],
    ['\ud800', 'U+D800'],
    ['\udc00', 'U+DC00'],
  ])('may not include %j, and the error says %s', (character, name) => {
    const error = check({ body: `ab${character}c` });
    expect(error).toMatchObject({ name: 'EncodeError', path: 'body' });
    expect(error?.message).toContain(`${name}, found in body at 2`);
  });

  it('may include all the others', () => {
    expect(check({ body: '\t\n\r ~\u007f\u0085\ud7ff\ue000\ufffd\u{10000}\u{1f407}\u{10ffff}' })).toBeUndefined();
  });

  it('are at least one', () => {
    expect(check({ body: '' })).toMatchObject({ name: 'EncodeError', path: 'body' });
  });
});

describe('the delay of a message', () => {
  it.each([0, 1, 900])('may be %d', (delaySeconds) => {
    expect(check({ delaySeconds })).toBeUndefined();
  });

  it.each([-1, 0.5, 901, Number.NaN, Number.POSITIVE_INFINITY])('may not be %d', (delaySeconds) => {
    expect(check({ delaySeconds })).toMatchObject({ name: 'EncodeError', path: 'delaySeconds' });
  });

  it('is refused on a FIFO queue, unless it is 0', () => {
    expect(check({ queue: 'q.fifo', delaySeconds: 1 })?.message).toMatch(/FIFO/);
    expect(check({ queue: 'q.fifo', delaySeconds: 0 })).toBeUndefined();
  });
});

describe('the ids of a message', () => {
  it.each(['messageGroupId', 'messageDeduplicationId'])('take 1 to 128 printable ASCII characters in %s', (path) => {
    expect(check({ [path]: '~'.repeat(128) })).toBeUndefined();
    for (const bad of ['', 'a b', 'ü', 'x'.repeat(129)]) expect(check({ [path]: bad })).toMatchObject({ name: 'EncodeError', path });
  });

  it('make the deduplication id from the task id when none is given', () => {
    expect(deduplicationId(message())).toBe('id-1');
    expect(deduplicationId(message({ messageDeduplicationId: 'own' }))).toBe('own');
  });

  it('make a hash of a task id that SQS would not take', () => {
    const odd = deduplicationId(message({ id: 'an id with spaces' }));
    expect(odd).toMatch(/^[0-9a-f]{64}$/);
    expect(deduplicationId(message({ id: 'an id with  spaces' }))).not.toBe(odd);
  });

  it('put a message without a group into the group default', () => {
    expect(fifoGroup(message())).toBe('default');
    expect(fifoGroup(message({ messageGroupId: 'g' }))).toBe('g');
  });
});

describe('the attributes of a message', () => {
  it('are ten at most', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, text('x')]));
    expect(check({ attributes: many(10) })).toBeUndefined();
    expect(check({ attributes: many(11) })).toMatchObject({ name: 'EncodeError', path: 'attributes' });
  });

  it.each(['a', 'A-b_c.9', 'awsome', '__proto__', 'x'.repeat(256)])('may be named %s', (name) => {
    expect(check({ attributes: Object.fromEntries([[name, text('x')]]) })).toBeUndefined();
  });

  it.each(['', '.a', 'a.', 'a..b', 'a b', 'ü', 'AWS.a', 'aws.a', 'Amazon.a', 'x'.repeat(257)])('may not be named %j', (name) => {
    expect(check({ attributes: { [name]: text('x') } })).toMatchObject({ name: 'EncodeError', path: 'attributes' });
  });

  it.each<MessageAttribute>([
    text(''),
    text('\0'),
    { type: 'Number', value: '' },
    { type: 'Number', value: '1 apple' },
    { type: 'Binary', value: new Uint8Array() },
  ])('may not hold %j', (attribute) => {
    expect(check({ attributes: { a: attribute } })).toMatchObject({ name: 'EncodeError', path: 'attributes.a' });
  });

  it.each<MessageAttribute>([text('x'), { type: 'Number', value: '-1.5e3' }, { type: 'Binary', value: Uint8Array.of(0) }])(
    'may hold %j',
    (attribute) => {
      expect(check({ attributes: { a: attribute } })).toBeUndefined();
    },
  );
});

describe('the time to hide a message', () => {
  it.each([
    [-1, 0],
    [0, 0],
    [0.1, 1],
    [43_200, 43_200],
    [50_000, 43_200],
    [Number.POSITIVE_INFINITY, 43_200],
  ])('of %d seconds is %d in SQS', (asked, given) => {
    expect(visibilitySeconds(asked)).toBe(given);
  });
});
