import { expect, test } from 'vitest';
import { type Codec, createCodecs, jsonCodec } from '../../../src/wire/codecs.ts';
import { thrownBy } from '../../support/messages.ts';
import { msgpackCodec } from '../../support/msgpack.ts';

test('JSON is written and read by default, by name and by content type', () => {
  const codecs = createCodecs();
  expect(codecs.encoder('json')).toBe(jsonCodec);
  expect(codecs.encoder('application/json')).toBe(jsonCodec);
  expect(codecs.decoder('application/json').decode('[1]')).toEqual([1]);
});

test('the JSON codec reads text and bytes', () => {
  expect(jsonCodec.decode('[1]')).toEqual([1]);
  expect(jsonCodec.decode(new TextEncoder().encode('["é"]'))).toEqual(['é']);
  expect(thrownBy(() => jsonCodec.decode('[[1]]', { depth: 1 })).code).toBe('too-deep');
});

test('the JSON codec names what it cannot write', () => {
  expect(thrownBy(() => jsonCodec.encode([() => 1], { root: 'args' })).path).toBe('args[0]');
});

test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'json', 'application/data', 'application/text', '', '__proto__'])(
  'the content type %j is not accepted',
  (contentType) => {
    const error = thrownBy(() => createCodecs().decoder(contentType));
    expect([error.name, error.code]).toEqual(['ContentDisallowed', 'content-disallowed']);
  },
);

test('a refused pickle says why there is no codec for it', () => {
  const error = thrownBy(() => createCodecs().decoder('application/x-python-serialize'));
  expect(error.message).toContain("sender's choosing");
});

test('any other refusal says how to plug a codec in', () => {
  expect(thrownBy(() => createCodecs().decoder('application/x-yaml')).message).toContain('acceptContent');
});

test('a plugged codec is written with at once and read with when it is accepted', () => {
  const writing = createCodecs({ codecs: [msgpackCodec] });
  expect(writing.encoder('msgpack')).toBe(msgpackCodec);
  expect(thrownBy(() => writing.decoder('application/x-msgpack')).code).toBe('content-disallowed');
  const reading = createCodecs({ codecs: [msgpackCodec], acceptContent: ['msgpack'] });
  expect(reading.decoder('application/x-msgpack')).toBe(msgpackCodec);
  expect(thrownBy(() => reading.decoder('application/json')).code).toBe('content-disallowed');
});

test('a plugged codec replaces the built-in one of the same name', () => {
  const mine: Codec = { ...jsonCodec, decode: () => 'mine' };
  expect(createCodecs({ codecs: [mine] }).decoder('application/json')).toBe(mine);
});

test('naming a codec that is not there is a mistake in the settings', () => {
  expect(thrownBy(() => createCodecs({ acceptContent: ['json', 'msgpack'] })).name).toBe('ImproperlyConfigured');
  expect(thrownBy(() => createCodecs().encoder('pickle')).message).toContain("sender's choosing");
  expect(thrownBy(() => createCodecs().encoder('constructor')).name).toBe('ImproperlyConfigured');
});
