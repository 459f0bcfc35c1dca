import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeBase64, decodeBase64Text, decodeOuter } from '../../../src/wire/base64.ts';
import { encodeBase64 } from '../../../src/wire/to-base64.ts';
import { thrownBy } from '../../support/messages.ts';

const LONG = 'a long text, beyond where the way of looking changes. '.repeat(60);

describe.each([{ runtime: 'with Buffer' }, { runtime: 'without Buffer' }])('$runtime', ({ runtime }) => {
  beforeEach(() => {
    if (runtime === 'without Buffer') vi.stubGlobal('Buffer', undefined);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each(['', 'a', 'ab', 'abc', 'grüße', '\u007f\u0080\u00ff', '日本語 🎉', '\ufeffé', LONG, `${LONG}é`])(
    'text survives both ways: %j',
    (text) => {
      const encoded = encodeBase64(text);
      expect(decodeBase64Text(encoded)).toBe(text);
      expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(decodeBase64(encoded))).toBe(text);
    },
  );

  test('bytes survive both ways, also from the middle of a larger buffer', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index).subarray(3, 250);
    expect(Uint8Array.from(decodeBase64(encodeBase64(bytes)))).toEqual(Uint8Array.from(bytes));
  });

  test('bytes that are not UTF-8 are no text', () => {
    expect(thrownBy(() => decodeBase64Text('//4=')).code).toBe('bad-utf8');
  });
});

test('the encoding is the standard alphabet, padded, on one line', () => {
  expect(encodeBase64('>>>???é')).toBe('Pj4+Pz8/w6k=');
  expect(encodeBase64(LONG)).not.toMatch(/\s/);
});

test.each([
  ['no padding', 'aGk'],
  ['too much padding', 'aGk=='],
  ['padding alone', '===='],
  ['padding within', 'aG=k'],
  ['a line break', 'aGVs\nbG8='],
  ['white space that makes the length fit', 'aGk=    '],
  ['the URL alphabet', '_-__'],
  ['other characters', 'aG*='],
  ['characters beyond Latin-1', 'aGk→'],
  ['spare bits before one pad', 'aGl='],
  ['spare bits before two pads', 'aB=='],
  ['spare bits before two pads that one pad would allow', 'aE=='],
])('base64 with %s is not canonical', (_what, text) => {
  expect(thrownBy(() => decodeBase64(text)).code).toBe('bad-base64');
  expect(thrownBy(() => decodeBase64Text(text)).code).toBe('bad-base64');
  expect(thrownBy(() => decodeBase64Text('QUJD'.repeat(600) + text)).code).toBe('bad-base64');
});

test('a long text keeps a replacement character that was sent, and is refused when bytes would become one', () => {
  const sent = `${LONG}\ufffd`;
  expect(decodeBase64Text(encodeBase64(sent))).toBe(sent);
  const broken = Uint8Array.from([...new TextEncoder().encode(LONG), 0xff]);
  expect(thrownBy(() => decodeBase64Text(encodeBase64(broken))).code).toBe('bad-utf8');
});

test('a message body that begins with a brace is plain, white space aside', () => {
  expect(decodeOuter(' {"a": 1}\n')).toBe('{"a": 1}');
});

test('a message body of canonical base64 of UTF-8 is decoded', () => {
  expect(decodeOuter('\n eyJhIjogMX0= ')).toBe('{"a": 1}');
});

test.each(['//4=', 'eyJhIjogMX0', 'no base64 at all', 'aGl=', '[1]*', ''])('any other message body stands as it is: %j', (text) => {
  expect(decodeOuter(text)).toBe(text);
});
