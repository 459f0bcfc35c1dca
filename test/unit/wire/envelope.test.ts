import { describe, expect, test } from 'vitest';
import { bodyBytes, bodyText, openEnvelope } from '../../../src/wire/envelope.ts';
import type { Envelope } from '../../../src/wire/message.ts';
import { sealEnvelope } from '../../../src/wire/seal.ts';
import { Uuid } from '../../../src/wire/values.ts';
import { base64, envelopeOf, envelopeText, thrownBy } from '../../support/messages.ts';

const withEncoding = (encoding: unknown, body: string): Envelope =>
  openEnvelope(envelopeText({ rawBody: body, properties: { body_encoding: encoding } }));

describe('opening', () => {
  test('plain and base64 messages open to the same envelope', () => {
    const text = envelopeText();
    expect(openEnvelope(text)).toEqual(envelopeOf());
    expect(openEnvelope(base64(text))).toEqual(envelopeOf());
  });

  test('missing or null headers, null properties and a missing content-encoding get their defaults', () => {
    const opened = openEnvelope(envelopeText({ headers: null, properties: null, contentEncoding: undefined }));
    expect(opened).toMatchObject({ headers: {}, properties: {}, 'content-encoding': 'utf-8' });
    expect(openEnvelope(envelopeText({ headers: undefined })).headers).toEqual({});
  });

  test('tagged values within headers are revived', () => {
    const tagged = { __type__: 'uuid', __value__: { hex: '0'.repeat(32) } };
    expect(openEnvelope(envelopeText({ headers: { x: tagged } })).headers['x']).toBeInstanceOf(Uuid);
  });

  test('properties of the wrong type count as not given, unknown ones are kept', () => {
    const properties = {
      correlation_id: 1,
      reply_to: null,
      expiration: 60,
      delivery_tag: {},
      delivery_mode: '2',
      priority: null,
      delivery_info: 'x',
      body_encoding: 'base64',
      foo: null,
    };
    expect(openEnvelope(envelopeText({ properties })).properties).toEqual({ body_encoding: 'base64', foo: null });
  });

  test('a property of the wrong type takes no other with it', () => {
    const properties = { priority: '3', correlation_id: 'id', delivery_mode: 2, delivery_info: { routing_key: 'q' } };
    const { priority: _priority, ...kept } = properties;
    expect(openEnvelope(envelopeText({ properties })).properties).toEqual(kept);
  });

  test.each([
    ['text', 'not-json', 'hello'],
    ['nothing', 'not-json', ''],
    ['an array', 'not-an-envelope', '[1]'],
    ['a number', 'not-an-envelope', '1'],
    ['an object of another kind', 'not-an-envelope', '{"foo": 1}'],
    ['a body that is no string', 'not-an-envelope', envelopeText({ rawBody: [] })],
    ['no body', 'not-an-envelope', envelopeText({ rawBody: undefined })],
    ['no content-type', 'not-an-envelope', envelopeText({ contentType: undefined })],
    ['a null content-type', 'not-an-envelope', envelopeText({ contentType: null })],
    ['headers that are an array', 'not-an-envelope', envelopeText({ headers: [] })],
    ['headers that are text', 'not-an-envelope', envelopeText({ headers: 'task' })],
    ['headers that are a tagged date', 'not-an-envelope', envelopeText({ headers: { __type__: 'date', __value__: '2030-01-02' } })],
    ['no properties', 'not-an-envelope', envelopeText({ properties: undefined })],
    ['properties that are a number', 'not-an-envelope', envelopeText({ properties: 1 })],
    ['too deep a nesting', 'too-deep', envelopeText({ headers: { x: JSON.parse('['.repeat(80) + ']'.repeat(80)) } })],
  ])('%s is refused as %s', (_what, code, text) => {
    expect(thrownBy(() => openEnvelope(text)).code).toBe(code);
  });

  test('the limits bound length and depth', () => {
    const text = envelopeText();
    expect(thrownBy(() => openEnvelope(text, { messageBytes: text.length - 1 })).code).toBe('too-large');
    expect(openEnvelope(text, { messageBytes: text.length })).toEqual(envelopeOf());
    expect(thrownBy(() => openEnvelope(text, { depth: 1 })).code).toBe('too-deep');
    expect(thrownBy(() => openEnvelope(' '.repeat(1_048_577))).code).toBe('too-large');
  });
});

describe('the body', () => {
  test.each([null, undefined, '', 'utf-8', 'UTF-8'])('is plain text when body_encoding is %j', (encoding) => {
    const envelope = withEncoding(encoding, '["é"]');
    expect(bodyText(envelope)).toBe('["é"]');
    expect(new TextDecoder().decode(bodyBytes(envelope))).toBe('["é"]');
  });

  test('is base64 when body_encoding says so, line breaks within it notwithstanding', () => {
    const encoded = base64('["é", 1]');
    const broken = `${encoded.slice(0, 4)}\r\n${encoded.slice(4)}\n`;
    for (const body of [encoded, broken]) {
      expect(bodyText(withEncoding('base64', body))).toBe('["é", 1]');
      expect(new TextDecoder().decode(bodyBytes(withEncoding('base64', body)))).toBe('["é", 1]');
    }
  });

  test.each(['hex', 1, {}, 'BASE64'])('is refused when body_encoding is %j', (encoding) => {
    expect(thrownBy(() => bodyText(withEncoding(encoding, 'AAAA'))).code).toBe('bad-body-encoding');
    expect(thrownBy(() => bodyBytes(withEncoding(encoding, 'AAAA'))).code).toBe('bad-body-encoding');
  });

  test('is refused when its base64 lacks padding', () => {
    expect(thrownBy(() => bodyText(withEncoding('base64', 'aGk'))).code).toBe('bad-base64');
  });
});

describe('sealing', () => {
  test.each([true, false, undefined])('what is sealed with base64 %j opens again', (encoded) => {
    const envelope = openEnvelope(envelopeText({ headers: { task: 'grüße', '\u007f': '🎉' } }));
    const sealed = sealEnvelope(envelope, encoded === undefined ? {} : { base64: encoded });
    expect(sealed.startsWith('{')).toBe(encoded === false);
    expect(sealed).toMatch(/^[\x20-\x7e]*$/);
    expect(openEnvelope(sealed)).toEqual(envelope);
  });

  test('what cannot be written is named', () => {
    const envelope = { ...openEnvelope(envelopeText()), headers: { x: [() => 1] } };
    expect(thrownBy(() => sealEnvelope(envelope)).path).toBe('envelope.headers.x[0]');
  });
});
