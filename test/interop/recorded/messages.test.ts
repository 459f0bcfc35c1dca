/**
 * Every message the real Celery was recorded sending is opened, read, and written again with the same meaning.
 * `decoded` in a fixture is Python's own reading of it.
 */

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type Codec,
  createCodecs,
  type Embed,
  type Envelope,
  jsonCodec,
  openEnvelope,
  readJson,
  readMessage,
  type SignatureData,
  type TaskMessage,
  toFields,
  writeJson,
  writeMessage,
} from '../../../src/wire/index.ts';
import { thrownBy } from '../../support/messages.ts';
import { msgpackCodec } from '../../support/msgpack.ts';
import { type RecordedMessage, recordedMessages } from '../../support/recorded.ts';

const yamlCodec: Codec = {
  name: 'yaml',
  contentType: 'application/x-yaml',
  contentEncoding: 'utf-8',
  encode: () => '',
  decode: (data) => parse(String(data)),
};

const byDefault = { codecs: createCodecs() };
const withMore = { codecs: createCodecs({ codecs: [msgpackCodec, yamlCodec], acceptContent: ['json', 'msgpack', 'yaml'] }) };

/** Content types and compressions of which only the envelope is read, and the code that refuses the body. */
const REFUSED = new Map([
  // Decoding a pickle runs the sender's code.
  ['application/x-python-serialize', 'content-disallowed'],
  // A signed body (serializer auth); verifying it is not a codec's business.
  ['application/data', 'content-disallowed'],
  // Node has neither method built in; a plugged one is tested in test/unit/wire/compression.test.ts.
  ['application/x-bz2', 'unknown-compression'],
  ['application/x-lzma', 'unknown-compression'],
]);
/** Content types refused by default and read with a plugged codec. */
const PLUGGED: ReadonlySet<string> = new Set(['application/x-msgpack', 'application/x-yaml']);

const messages = recordedMessages();
const counts = { envelopes: 0, bodies: 0, rewritten: 0, refused: 0 };

describe.each(messages)('$name', (message: RecordedMessage) => {
  const envelope = openEnvelope(message.messageBody);
  const decoded = readJson(message.decodedText) as Envelope & { readonly body: unknown };
  const refusal = REFUSED.get(envelope['content-type']) ?? REFUSED.get(String(envelope.headers['compression']));

  test('its envelope opens to what Python opened', () => {
    const { body: _body, ...rest } = decoded;
    expect(meaning({ ...envelope, body: null })).toBe(meaning({ ...rest, body: null }));
    counts.envelopes += 1;
  });

  if (refusal !== undefined) {
    test(`its body is refused as ${refusal}`, () => {
      expect(thrownBy(() => readMessage(message.messageBody, byDefault)).code).toBe(refusal);
      counts.refused += 1;
    });
    return;
  }

  if (PLUGGED.has(envelope['content-type'])) {
    test('its body is refused until a codec is plugged in', () => {
      expect(thrownBy(() => readMessage(message.messageBody, byDefault)).code).toBe('content-disallowed');
    });
  }

  const options = PLUGGED.has(envelope['content-type']) ? withMore : byDefault;

  test('its body is read as Python read it', () => {
    const read = readMessage(message.messageBody, options);
    if (Array.isArray(decoded.body)) expectProtocol2(read, decoded, decoded.body);
    else expectProtocol1(read, decoded, decoded.body as unknown as Readonly<Record<string, unknown>>);
    counts.bodies += 1;
  });

  test('it is written again with the same meaning', () => {
    const read = readMessage(message.messageBody, options);
    const again = readMessage(writeMessage({ ...toFields(read), codec: jsonCodec, deliveryTag: 'other' }), byDefault);
    expect(again.protocol).toBe(2);
    expect(meaning(essence(again))).toBe(meaning(essence(read)));
    counts.rewritten += 1;
  });
});

test('all recorded messages were read', () => {
  const refused = messages.length - counts.bodies;
  expect(messages.length).toBeGreaterThanOrEqual(322);
  expect(counts.envelopes).toBe(messages.length);
  expect(counts.refused).toBe(refused);
  expect(counts.rewritten).toBe(counts.bodies);
  console.log(
    `recorded messages: ${counts.envelopes} of ${messages.length} opened, ${counts.bodies} read and ${counts.rewritten} written again, ${refused} refused as stated`,
  );
});

test('the header and property names are written in the order Celery 5.6 writes them', () => {
  const newest = messages.filter(({ name }) => !name.includes('@')).map(({ messageBody }) => openEnvelope(messageBody));
  const compared = newest.filter(
    ({ headers }) => headers['stamps'] !== undefined && REFUSED.get(String(headers['compression'])) === undefined,
  );
  for (const envelope of compared) {
    if (envelope['content-type'] !== 'application/json') continue;
    const read = readMessage(writeText(envelope), byDefault);
    const compression = typeof read.headers.compression === 'string' ? { compression: nameOf(read.headers.compression) } : {};
    const written = openEnvelope(writeMessage({ ...toFields(read), ...compression, codec: jsonCodec, deliveryTag: 'other' }));
    expect(Object.keys(written.headers)).toEqual(Object.keys(envelope.headers));
    expect(Object.keys(written.properties)).toEqual(Object.keys(envelope.properties));
  }
  expect(compared.length).toBeGreaterThan(100);
});

test('a default message differs from what Celery 5.6 sends in `lang` and the white space of the body alone', () => {
  const recorded = messages.find(({ name }) => name === 'args-and-kwargs.json');
  const envelopeText = Buffer.from(recorded?.messageBody ?? '', 'base64').toString();
  const read = readMessage(envelopeText, byDefault);
  const fields = { ...toFields(read), codec: jsonCodec, deliveryTag: String(read.properties.delivery_tag) };
  const written = writeMessage(fields, { base64Envelope: false });
  const withoutBody = (text: string): string => text.replace(/"body": "[^"]*"/, '"body": ""');
  expect(withoutBody(written)).toBe(withoutBody(envelopeText).replace('"lang": "py"', '"lang": "js"'));
});

// ── comparing ───────────────────────────────────────────────────────────────

function expectProtocol2(read: TaskMessage, decoded: Envelope, body: readonly unknown[]): void {
  expect(read.protocol).toBe(2);
  expect(read.contentType).toBe(decoded['content-type']);
  expect(meaning(read.headers)).toBe(meaning(decoded.headers));
  expect(meaning(read.properties)).toBe(meaning(decoded.properties));
  expect(meaning([read.args, read.kwargs, read.embed])).toBe(meaning([body[0], body[1], withoutNullOptions(body[2] as Embed)]));
}

/** Protocol 1 has its headers in the body, and no `utc` or `taskset` once it is read. */
function expectProtocol1(read: TaskMessage, decoded: Envelope, body: Readonly<Record<string, unknown>>): void {
  const { args, kwargs, callbacks, errbacks, chord, utc, taskset, ...headers } = body;
  expect(utc).toBe(true);
  expect(taskset).toBe(headers['group']);
  expect(read.protocol).toBe(1);
  expect(meaning(read.headers)).toBe(meaning(headers));
  expect(meaning(read.properties)).toBe(meaning(decoded.properties));
  const embed = withoutNullOptions({ callbacks, errbacks, chain: null, chord } as Embed);
  expect(meaning([read.args, read.kwargs, read.embed])).toBe(meaning([args, kwargs, embed]));
}

/** Nulls in options mean «not given»; it is the one thing the reader takes away. */
function withoutNullOptions(embed: Embed): Embed {
  const one = (signature: SignatureData): SignatureData => ({
    ...signature,
    options: Object.fromEntries(Object.entries(signature.options).filter(([, value]) => value !== null)),
  });
  const many = (signatures: readonly SignatureData[] | null) => signatures?.map(one) ?? null;
  const { callbacks, errbacks, chain, chord } = embed;
  return { callbacks: many(callbacks), errbacks: many(errbacks), chain: many(chain), chord: chord === null ? null : one(chord) };
}

const HEADER_DEFAULTS = {
  shadow: null,
  eta: null,
  expires: null,
  group: null,
  group_index: null,
  retries: 0,
  timelimit: [null, null],
  parent_id: null,
  replaced_task_nesting: 0,
  stamped_headers: null,
  stamps: {},
};

/** What must survive: all but who wrote it, how it was packed, and texts for logs that the sender left out. */
function essence(message: TaskMessage): unknown {
  const { lang: _lang, compression: _compression, argsrepr, kwargsrepr, origin, ...headers } = message.headers;
  const { delivery_tag: _tag, body_encoding: _encoding, ...properties } = message.properties;
  const texts = message.protocol === 1 || argsrepr === undefined ? {} : { argsrepr, kwargsrepr, origin };
  const isUpgraded = message.headers.lang === 'js' && origin === 'celeriac';
  return {
    headers: { ...HEADER_DEFAULTS, root_id: headers.id, ...headers, ...(isUpgraded ? {} : texts) },
    properties,
    args: message.args,
    kwargs: message.kwargs,
    embed: message.embed,
  };
}

/** A value as text in which the order of keys plays no part. */
function meaning(value: unknown): string {
  return writeJson(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const pairs = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(pairs.map(([key, item]) => [key, sorted(item)]));
}

function writeText(envelope: Envelope): string {
  return JSON.stringify(envelope);
}

function nameOf(contentType: string): string {
  return contentType === 'application/zstd' ? 'zstd' : contentType === 'application/x-brotli' ? 'brotli' : 'zlib';
}
