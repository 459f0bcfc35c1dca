import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalEnvelope } from '../../../src/signing/canonical.ts';
import { decodeOuter } from '../../../src/wire/base64.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { changed, check, codeOf, outgoingWith, parsed, sealed, signatureIn, signingWith } from './signed.ts';

let message: { readonly base64: string; readonly plain: string };
beforeAll(async () => {
  const fields = {
    headers: { tenant: 'Zoë', big: 2n ** 60n, ratio: -0.5, deep: { list: [true, null], at: new Date(0) } },
    kwargs: { k: 'v' },
  };
  const base64 = (await sealed(outgoingWith(fields))).body;
  message = { base64, plain: decodeOuter(base64) };
});

/** Every message that differs from this one in a single character, by a flipped low bit or high bit. */
const flips = (text: string): string[] =>
  Array.from(text, (character, at) =>
    [1, 0x20].map((bit) => text.slice(0, at) + String.fromCharCode(character.charCodeAt(0) ^ bit) + text.slice(at + 1)),
  ).flat();

describe('one flipped character anywhere', () => {
  it.each(['plain', 'base64'] as const)('in %s text is found, or says the same', async (kind) => {
    const text = message[kind];
    const meaning = canonicalEnvelope(openEnvelope(text));
    const believed: string[] = [];
    for (const mutant of flips(text)) {
      if ((await codeOf(mutant)) === undefined) believed.push(mutant);
    }
    for (const mutant of believed) expect(canonicalEnvelope(openEnvelope(mutant))).toBe(meaning);
    // The delivery_tag's value is not signed, and without a content-encoding it is utf-8.
    expect(believed.length).toBeLessThan(50);
  });

  it('is never an exception where a message may come unsigned', async () => {
    const signing = signingWith({ unsignedFrom: ['celery'] });
    for (const mutant of flips(message.plain)) await check(mutant, { signing });
  });
});

describe('hostile text', () => {
  it('gets a verdict whatever it is', async () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' }), fc.base64String());
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        expect(['unsigned', 'bad-signature']).toContain(await codeOf(body));
      }),
    );
  });

  it('gets one for any signature', async () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('v1', 'main', '0', '1893585600000', 'A'.repeat(43), 'celery', '__proto__', '.'));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const body = changed(message.plain, ({ properties }) => Object.assign(properties, { celeriac_signature: parts.join('.') }));
        expect(['bad-signature', 'unknown-key']).toContain(await codeOf(body));
      }),
    );
  });

  it.each([
    ['too large', () => `{"properties":{}, "x": "${'x'.repeat(1_048_576)}"}`, /1048576/],
    ['too deep', () => `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, /more than 64/],
    [
      'an envelope of other types',
      () => '{"body":1,"content-type":"application/json","headers":{},"properties":{}}',
      /its body is a number/,
    ],
    [
      'a tag of no type',
      () => '{"body":"","content-type":"a","headers":{"x":{"__type__":"y","__value__":1}},"properties":{}}',
      /no value of the type/,
    ],
  ])('that is %s is unsigned', async (_what, text, reason) => {
    expect(await check(text())).toMatchObject({ code: 'unsigned', reason: expect.stringMatching(reason) });
  });

  it('with a signature of a megabyte is decided at once', async () => {
    for (const signature of ['v1.', 'v1.main.1.', '.'].map((start) => start.padEnd(900_000, 'A.'))) {
      const body = changed(message.plain, ({ properties }) => Object.assign(properties, { celeriac_signature: signature }));
      const startedMs = performance.now();
      expect(await codeOf(body)).toBe('bad-signature');
      expect(performance.now() - startedMs).toBeLessThan(1000);
    }
  });

  it('with names given twice means what it means to the reader: the last', async () => {
    const twice = message.plain.replace('"headers":{', '"headers":{"task":"proj.rm"},"headers":{');
    expect(await codeOf(twice)).toBeUndefined();
    expect(openEnvelope(twice).headers['task']).toBe('proj.add');
    const after = message.plain.replace(/\}$/, ',"headers":{"task":"proj.rm","id":"id-1"}}');
    expect(await codeOf(after)).toBe('bad-signature');
    const overwritten = message.plain.replace('"celeriac_signature"', '"celeriac_signature":"x","celeriac_signature"');
    expect(await codeOf(overwritten)).toBeUndefined();
  });

  it('with __proto__ among its names supplies nothing', async () => {
    const lent = `{"__proto__":${JSON.stringify(parsed(message.plain).properties)}}`;
    const body = message.plain.replace(/"properties":\{.*\}$/, `"properties":${lent}}`);
    expect(await codeOf(body)).toBe('unsigned');
    const more = message.plain.replace('"properties":{', '"properties":{"__proto__":{"priority":9},');
    expect(await codeOf(more)).toBe('bad-signature');
    expect(Object.prototype).not.toHaveProperty('priority');
  });

  it('whose code is spelled otherwise is refused', async () => {
    const signature = signatureIn(message.plain);
    const digits = /\.([\w-]{43})\./.exec(signature)![1]!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const next = alphabet[alphabet.indexOf(digits.at(-1)!) + 1]!;
    const respelled = changed(message.plain, ({ properties }) =>
      Object.assign(properties, { celeriac_signature: signature.replace(digits, digits.slice(0, -1) + next) }),
    );
    expect(await check(respelled)).toMatchObject({ code: 'bad-signature', reason: expect.stringContaining('no signature of version 1') });
  });
});
