import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createCodecs,
  decodeOuter,
  encodeBase64,
  jsonCodec,
  readMessage,
  type TaskFields,
  toFields,
  writeMessage,
} from '../../src/wire/index.ts';
import { fieldsWith } from '../support/messages.ts';

const codecs = createCodecs();
const text = fc.string({ unit: 'binary-ascii' });
const anyText = fc.string({ unit: 'grapheme' });
const filled = fc.string({ unit: 'grapheme', minLength: 1 });
/** Integers beyond 2^53 come back as bigint, which is a property of json.ts. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__type__') && !/\d{16}|e\+/.test(JSON.stringify(value)));
const record = fc.dictionary(fc.oneof(filled, fc.constantFrom('__proto__', 'constructor')), json, { maxKeys: 4 });
const custom = fc.dictionary(
  fc.string({ minLength: 1 }).map((name) => `x-${name}`),
  json,
  { maxKeys: 3 },
);
const signature = fc.record({
  task: filled,
  args: fc.array(json, { maxLength: 2 }),
  kwargs: record,
  options: fc.dictionary(
    filled,
    json.filter((value) => value !== null),
    { maxKeys: 2 },
  ),
  subtask_type: fc.constantFrom(null, 'chain', 'group'),
  immutable: fc.boolean(),
});
const signatures = fc.option(fc.array(signature, { maxLength: 2 }));

const fields: fc.Arbitrary<Partial<TaskFields>> = fc.record(
  {
    task: filled,
    id: filled,
    args: fc.array(json, { maxLength: 3 }),
    kwargs: record,
    embed: fc.record({ callbacks: signatures, errbacks: signatures, chain: signatures, chord: fc.option(signature) }),
    shadow: filled,
    eta: fc.constantFrom('2030-01-02T03:04:05+00:00', '2030-01-02'),
    expires: fc.constantFrom('2030-01-02T03:04:05.000006Z'),
    expiresMs: fc.nat(),
    group: filled,
    groupIndex: fc.nat(),
    retries: fc.nat(),
    timeLimit: fc.nat(),
    softTimeLimit: fc.nat(),
    rootId: filled,
    parentId: filled,
    argsrepr: anyText,
    kwargsrepr: text,
    origin: anyText,
    ignoreResult: fc.boolean(),
    replacedTaskNesting: fc.nat(),
    stampedHeaders: fc.array(anyText, { maxLength: 2 }),
    stamps: record,
    headers: custom,
    correlationId: anyText,
    replyTo: text,
    deliveryMode: fc.constantFrom(1, 2),
    exchange: text,
    routingKey: anyText,
    priority: fc.nat(9),
    properties: custom,
    compression: fc.constantFrom('zlib', 'brotli'),
  },
  { requiredKeys: ['task', 'id', 'args', 'kwargs'] },
);

test('whatever is written is read with the same meaning', () => {
  fc.assert(
    fc.property(fields, fc.boolean(), fc.constantFrom('base64' as const, null), (given, base64Envelope, bodyEncoding) => {
      const { compression, ...plain } = given;
      const more = bodyEncoding === null || compression === undefined ? {} : { compression };
      const written = writeMessage(fieldsWith({ ...plain, ...more }), { base64Envelope, bodyEncoding });
      const message = readMessage(written, { codecs });
      expect(toFields(message)).toMatchObject(withoutEmpty(plain));
      expect(message.args).toEqual(given.args);
      expect(Object.entries(message.kwargs)).toEqual(Object.entries(given.kwargs ?? {}));
    }),
    { numRuns: 300 },
  );
});

test('a message written again from its fields is read as the same message', () => {
  fc.assert(
    fc.property(fields, (given) => {
      const { compression: _compression, ...plain } = given;
      const first = readMessage(writeMessage(fieldsWith(plain)), { codecs });
      const again = readMessage(writeMessage({ ...toFields(first), codec: jsonCodec, deliveryTag: 'tag-1' }), { codecs });
      expect(again).toEqual(first);
    }),
    { numRuns: 200 },
  );
});

test('text in base64 is told from plain JSON, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }).map(wellFormed), (value) => {
      expect(decodeOuter(encodeBase64(value))).toBe(value);
      const plain = JSON.stringify({ value });
      expect(decodeOuter(plain)).toBe(plain);
    }),
  );
});

/** Empty custom parts are not given back, as there is nothing in them. */
function withoutEmpty(given: Partial<TaskFields>): Partial<TaskFields> {
  const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => !((name === 'headers' || name === 'properties') && isEmpty(value))),
  );
}

function wellFormed(value: string): string {
  return value.toWellFormed();
}
