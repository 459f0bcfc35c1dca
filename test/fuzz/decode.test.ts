/** Any text is decided: it is read, or refused with DecodeError or InvalidTaskError, and Object.prototype is left alone. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { DecodeError, InvalidTaskError } from '../../src/errors.ts';
import { createCodecs, jsonCodec, readMessage, type TaskMessage, toFields, writeMessage } from '../../src/wire/index.ts';
import { base64, envelopeText } from '../support/messages.ts';
import { recordedMessages } from '../support/recorded.ts';

const BUDGET = { interruptAfterTimeLimit: 1000, numRuns: 20_000 };
const codecs = createCodecs();
const recorded = recordedMessages().map(({ messageBody }) => messageBody);
const envelopes = recorded.map((body) => (body.startsWith('{') ? body : Buffer.from(body, 'base64').toString()));

const pristine = Object.getOwnPropertyNames(Object.prototype).sort();

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(pristine);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

/** Reads, or says why not; anything else fails the run. What was read has the shape it claims, and can be written again. */
function decide(text: string): TaskMessage | undefined {
  try {
    const message = readMessage(text, { codecs });
    expect(Array.isArray(message.args)).toBe(true);
    expect(message.headers.task).not.toBe('');
    expect(typeof message.headers.id).toBe('string');
    readMessage(writeMessage({ ...toFields(message), codec: jsonCodec }), { codecs });
    return message;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof InvalidTaskError)) throw error;
    expect(error.code).toMatch(/^[a-z0-9-]+$/);
    expect(error.message.length).toBeLessThan(2000);
    return undefined;
  }
}

test('any text', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.base64String(), fc.json().map(base64));
  fc.assert(
    fc.property(anything, (text) => {
      decide(text);
    }),
    BUDGET,
  );
});

test('real messages with some characters changed, in either layer', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.string({ unit: 'binary-ascii', maxLength: 3 }), fc.nat(4)), { minLength: 1, maxLength: 4 });
  const mutate = (text: string, changes: [number, string, number][]): string =>
    changes.reduce((result, [at, inserted, removed]) => {
      const start = at % (result.length + 1);
      return result.slice(0, start) + inserted + result.slice(start + removed);
    }, text);
  fc.assert(
    fc.property(fc.constantFrom(...recorded), fc.constantFrom(...envelopes), edits, (body, envelope, changes) => {
      decide(mutate(body, changes));
      decide(mutate(envelope, changes));
      decide(base64(mutate(envelope, changes)));
      const opened = JSON.parse(envelope) as { body: string };
      const inner = Buffer.from(opened.body, 'base64').toString('latin1');
      decide(JSON.stringify({ ...opened, body: Buffer.from(mutate(inner, changes), 'latin1').toString('base64') }));
    }),
    BUDGET,
  );
});

test('envelopes with any values in any part', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(null, 'base64', 'application/json', 'application/x-gzip', '__proto__', 0, -1, '', []),
  );
  const tagged = fc.record({
    __type__: fc.constantFrom('datetime', 'uuid', 'bytes', 'base64', 'decimal', 'nope'),
    __value__: fc.jsonValue(),
  });
  const part = fc.oneof(value, tagged);
  const names = ['task', 'id', 'retries', 'eta', 'expires', 'timelimit', 'stamps', 'stamped_headers', 'compression', 'group', '__proto__'];
  const headers = fc
    .dictionary(fc.constantFrom(...names), part, { maxKeys: 3 })
    .map((some) => JSON.parse(`{"task": "t", "id": "i", ${inner(some)}}`));
  const properties = fc
    .dictionary(fc.constantFrom('body_encoding', 'delivery_info', 'priority', '__proto__'), part)
    .map((some) => ({ body_encoding: 'base64', ...some }));
  const sound = fc.tuple(
    fc.array(part, { maxLength: 2 }),
    fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
    fc.constantFrom(null, {}),
  );
  const body = fc.oneof(
    sound,
    part,
    fc.tuple(part, part, part),
    fc.dictionary(fc.constantFrom('task', 'id', 'args', 'kwargs', 'callbacks'), part),
  );
  let readable = 0;
  let runs = 0;
  fc.assert(
    fc.property(headers, properties, body, part, (someHeaders, someProperties, someBody, contentType) => {
      runs += 1;
      const common = { headers: someHeaders, body: someBody };
      if (decide(envelopeText(common)) !== undefined) readable += 1;
      decide(envelopeText({ ...common, properties: someProperties }));
      decide(envelopeText({ ...common, headers: {} }));
      decide(envelopeText({ ...common, contentType, rawBody: contentType }));
    }),
    BUDGET,
  );
  console.log(`${readable} of ${runs} readable`);
  expect(readable).toBeGreaterThan(5);
});

test('nesting, size and compression cannot be pushed beyond the limits', () => {
  for (const text of [
    '['.repeat(1_000_000),
    '{"a":'.repeat(150_000),
    base64('['.repeat(500_000)),
    '9'.repeat(1_000_000),
    '\\'.repeat(900_000),
  ]) {
    expect(decide(text)).toBeUndefined();
    expect(decide(envelopeText({ rawBody: base64(text.slice(0, 500_000)) }))).toBeUndefined();
  }
});

function inner(some: Record<string, unknown>): string {
  return JSON.stringify({ ...some, last: 1 }).slice(1, -1);
}
