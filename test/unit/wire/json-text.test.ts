import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aroundNames, escaped, quote, toAscii } from '../../../src/wire/json-text.ts';

const PRINTABLE = /^[ -~]*$/;
/** More than is escaped in one piece. */
const LONG = 1500;

describe('a string in plain ASCII', () => {
  it('is read as what it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(LONG), (odd, place) => {
        const text = `${'a'.repeat(place)}${odd}`;
        expect(quote(text)).toMatch(PRINTABLE);
        expect(JSON.parse(quote(text))).toBe(text);
      }),
    );
  });

  it('has four digits in lower case for a character, and two escapes for one beyond the first plane', () => {
    expect(toAscii('"\u007f\u00e9\uabcd\u{1f389}\ud800"')).toBe(String.raw`"\u007f\u00e9\uabcd\ud83c\udf89\ud800"`);
  });

  it('is the same where a pair lies across what is escaped in one piece', () => {
    for (let place = 505; place < 520; place++) {
      const text = `${'a'.repeat(place)}\u{1f389}${'b'.repeat(LONG)}`;
      expect(toAscii(text)).toBe(`${'a'.repeat(place)}${String.raw`\ud83c\udf89`}${'b'.repeat(LONG)}`);
    }
  });

  it('is the string itself where nothing needs it', () => {
    expect(escaped('proj.add')).toBe('proj.add');
    expect(toAscii('{"a": "b"}')).toBe('{"a": "b"}');
  });
});

describe('a text around names', () => {
  it('is the same the second time, and for more names than are remembered', () => {
    const shown = aroundNames('<', '>');
    const names = Array.from({ length: 1100 }, (_, place) => `a.é.${place}`);
    for (let time = 0; time < 2; time++) {
      expect(names.map(shown)).toEqual(names.map((name) => `<${escaped(name)}>`));
    }
    expect(shown('x'.repeat(1000))).toBe(`<${'x'.repeat(1000)}>`);
    expect(shown('a"b')).toBe(String.raw`<a\"b>`);
  });

  it('is kept apart from those of other texts', () => {
    expect([aroundNames('a', 'b')('n'), aroundNames('c', 'd')('n')]).toEqual(['anb', 'cnd']);
  });
});
