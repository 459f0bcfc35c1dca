import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, canonicalEnvelope } from '../../../src/signing/canonical.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { readJson } from '../../../src/wire/json-read.ts';
import { writeJson } from '../../../src/wire/json-write.ts';
import { Decimal, PyDate, PyDateTime, PyTime, Uuid } from '../../../src/wire/values.ts';
import { envelopeText } from '../../support/messages.ts';

const UUID = '2f1c4d2e-0d5b-4c57-9d3e-6f1f7c1d7a10';

/** Few, and likely to be taken for one another. */
const leaf = fc.constantFrom<unknown>(
  ...[
    null,
    'null',
    true,
    'true',
    false,
    0,
    -0,
    '0',
    1,
    '1',
    1e16,
    10n ** 16n,
    '1e16',
    Number.NaN,
    'NaN',
    Infinity,
    -Infinity,
    '',
    'a',
    '\ud800',
  ],
  ...[
    '[]',
    '{}',
    ',',
    '"',
    '\\',
    '","',
    'é',
    new Uuid(UUID),
    UUID,
    new Decimal('1'),
    new Decimal('1.0'),
    new PyDate('2030-01-02'),
    '2030-01-02',
  ],
  ...[new PyDateTime('2030-01-02T00:00:00'), '2030-01-02T00:00:00', new PyDateTime('2030-01-02T00:00:00+00:00'), new PyTime('03:04')],
  ...[Uint8Array.of(), Uint8Array.of(105), 'aQ=='],
);
const key = fc.constantFrom('a', 'b', '', '__proto__', '__type__', 'a"', 'é', '1');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(key, tie('value')), { maxLength: 3, selector: ([name]) => name }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe('the canonical text', () => {
  it('is one for equal values, and another for any other', () => {
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(canonical(one) === canonical(other)).toBe(isDeepStrictEqual(one, other));
      }),
      { numRuns: 5000 },
    );
  });

  it('does not hang on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(canonical(reversed)).toBe(canonical(record));
      }),
    );
  });

  it('is the same for what is written and read again', () => {
    const any = fc.anything({ withBigInt: true, withDate: false, withNullPrototype: false, maxDepth: 4 });
    fc.assert(
      fc.property(any, (given) => {
        let text: string;
        try {
          text = writeJson(given);
        } catch {
          return;
        }
        const read = readJson(text);
        expect(canonical(readJson(writeJson(read)))).toBe(canonical(read));
      }),
    );
  });

  it('is JSON with sorted keys, and marks for what JSON lacks', () => {
    expect(canonical({ b: [1, 2.5, 10n ** 16n], a: 'é\n' })).toBe('{"a":"é\\n","b":[1,2.5,10000000000000000n]}');
    expect(canonical([new Uuid(UUID), Uint8Array.of(105), -0, Number.NaN])).toBe(`[@uuid"${UUID}",@bytes"aQ==",-0,NaN]`);
  });

  it('of what JSON has no word for does not exist', () => {
    expect(() => canonical(undefined)).toThrow('JSON has no undefined.');
  });
});

describe('the canonical text of an envelope', () => {
  const textOf = (properties: Record<string, unknown>) =>
    canonicalEnvelope(openEnvelope(envelopeText({ properties, rawBody: 'Ym9keQ==' })));

  it('has all that a receiver acts on, the body as it stands', () => {
    expect(textOf({ priority: 3 })).toBe('["application/json","utf-8",{"id":"id-1","task":"proj.add"},{"priority":3}]:Ym9keQ==');
  });

  it('tells halves of a surrogate pair apart, which are one as bytes', () => {
    const bytesOf = (rawBody: string) => Buffer.from(canonicalEnvelope(openEnvelope(envelopeText({ rawBody })))).toString('latin1');
    const texts = ['\ud800', '\ud801', '\ufffd', '"\\ud800"', '!"\\ud800"', '!'].map(bytesOf);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('leaves out the signature and the delivery_tag, and those alone', () => {
    expect(textOf({ priority: 3, celeriac_signature: 'x', delivery_tag: 'y' })).toBe(textOf({ priority: 3 }));
    expect(textOf({ priority: 3, celeriac_signature2: 'x' })).not.toBe(textOf({ priority: 3 }));
  });
});
