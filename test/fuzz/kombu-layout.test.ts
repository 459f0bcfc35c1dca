/** A body that is taken out by its place is what the parser would have found: any text is read, or refused, in the same way on both. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCodecs, readMessage, type TaskMessage, writeMessage } from '../../src/wire/index.ts';
import { openKombu } from '../../src/wire/kombu-layout.ts';
import { readPlain } from '../../src/wire/plain-read.ts';
import { readOtherwise } from '../../src/wire/protocol-read.ts';
import { base64, EMPTY_EMBED, fieldsWith } from '../support/messages.ts';

const BUDGET = { interruptAfterTimeLimit: 1500, numRuns: 20_000 };
const options = { codecs: createCodecs() };

/** What comes of it; errors by all that is seen of them. */
function outcomeOf(read: () => TaskMessage): unknown {
  try {
    return read();
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string };
    return { name, message, code };
  }
}

let taken = 0;
let readable = 0;

function compare(text: string): void {
  const byPlace = outcomeOf(() => {
    const { envelope, body } = openKombu(text);
    if (body !== undefined) taken += 1;
    const message = readPlain(envelope, options, body) ?? readOtherwise(envelope, options);
    readable += 1;
    return message;
  });
  expect(byPlace).toEqual(outcomeOf(() => readMessage(text, options)));
}

const order = {
  number: 'A-2031-00042',
  note: null,
  lines: Array.from({ length: 12 }, (_, sku) => ({ sku, title: 'Spare wheel', price: 19.95 })),
};
const envelopes = [[order], [order, 'süß – 日本'], ['x'.repeat(700)], [9_007_199_254_740_993n, order]].map((args) =>
  Buffer.from(writeMessage(fieldsWith({ args, headers: { tenant: 'a', nested: { deep: [1, { two: null }] } } })), 'base64').toString(),
);
const bodyOf = (envelope: string): string => (JSON.parse(envelope) as { body: string }).body;

/** What might mislead whoever looks for places instead of parsing. */
const misleading = fc.constantFrom(
  ...[
    '"',
    '\\',
    '\\"',
    '\\u0022',
    '\\u0041',
    '\n',
    '\r',
    '\t',
    '\0',
    ' ',
    '=',
    '==',
    '-',
    '_',
    '}',
    '{',
    '[',
    ']',
    ',',
    ':',
    'é',
    '\ud800',
    'NaN',
  ],
  ...['", "', '"body": "QQ==", ', ', "body": null', '"__proto__": {"a": 1}, ', '"__type__": "datetime", "__value__": "x", '],
  ...['1e400', '12345678901234567890', '"body_encoding": "utf-8", ', '"\\u0062ody": "QQ==", ', '"compression": "zlib", '],
);

test('kombu’s own messages, changed wherever it might matter', () => {
  const places = fc.oneof(
    fc.nat(16).map((at) => () => at),
    fc.integer({ min: -24, max: 40 }).map((at) => (envelope: string) => bodyOf(envelope).length + 10 + at),
    fc.nat().map((at) => (envelope: string) => at % envelope.length),
    fc.nat(30).map((at) => (envelope: string) => envelope.length - at),
  );
  const edits = fc.array(fc.tuple(places, fc.oneof(misleading, fc.string({ maxLength: 2 })), fc.nat(3)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...envelopes), edits, fc.boolean(), (envelope, changes, isEncoded) => {
      const changed = changes.reduce((text, [place, inserted, removed]) => {
        const at = Math.max(0, place(envelope));
        return text.slice(0, at) + inserted + text.slice(at + removed);
      }, envelope);
      compare(isEncoded ? base64(changed) : changed);
    }),
    BUDGET,
  );
  expect(Math.min(taken, readable)).toBeGreaterThan(100);
});

test('any body, and anything around it', () => {
  const part = fc.oneof(fc.jsonValue(), fc.constantFrom('base64', 'utf-8', 'application/json', { __type__: 'bytes', __value__: 'x' }));
  const around = fc.dictionary(
    fc.constantFrom('body', 'headers', 'properties', 'content-type', '__type__', '__value__', '__proto__'),
    part,
  );
  const bodies = fc.oneof(
    fc.array(fc.jsonValue()).map((args) => base64(JSON.stringify([args, { pad: 'x'.repeat(600) }, EMPTY_EMBED]))),
    fc.string({ minLength: 600, maxLength: 900 }),
    fc.uint8Array({ minLength: 600, maxLength: 900 }).map(base64),
  );
  const whole = '"content-type": "application/json", "headers": {"task": "t", "id": "i"}, "properties": {"body_encoding": "base64"}';
  fc.assert(
    fc.property(bodies, around, fc.boolean(), fc.boolean(), (body, some, isWhole, isQuoted) => {
      const more = JSON.stringify(some).slice(1, -1);
      const rest = [...(isWhole ? [whole] : []), ...(more === '' ? [] : [more])].join(', ');
      compare(`{"body": ${isQuoted ? `"${body}"` : JSON.stringify(body)}, ${rest}}`);
    }),
    BUDGET,
  );
});

test('limits that are given hold for both', () => {
  for (const limits of [{ depth: 3 }, { depth: 4 }, { messageBytes: 700 }, { values: 2 }, { values: 5 }]) {
    for (const text of envelopes) {
      const byPlace = outcomeOf(() => {
        const { envelope, body } = openKombu(text, limits);
        return readPlain(envelope, { ...options, limits }, body) ?? readOtherwise(envelope, { ...options, limits });
      });
      expect(byPlace).toEqual(outcomeOf(() => readMessage(text, { ...options, limits })));
    }
  }
});
