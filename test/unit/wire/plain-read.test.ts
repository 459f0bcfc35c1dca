import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { MAX_ARGUMENTS } from '../../../src/wire/limits.ts';
import { readPlain } from '../../../src/wire/plain-read.ts';
import { readOtherwise } from '../../../src/wire/protocol-read.ts';
import { base64, type EnvelopeParts, envelopeText, headersWith, thrownBy } from '../../support/messages.ts';

const options = { codecs: createCodecs() };
const opened = (parts: EnvelopeParts) => openEnvelope(envelopeText(parts));
const plain = (parts: EnvelopeParts) => readPlain(opened(parts), options);
const otherwise = (parts: EnvelopeParts) => readOtherwise(opened(parts), options);
const ETA = '2030-01-02T03:04:05+00:00';

describe('what Celery writes by default', () => {
  test.each<[string, EnvelopeParts]>([
    ['the smallest message', {}],
    ['an embed of null', { body: [[], { x: 1 }, null] }],
    ['callbacks', { body: [[1], {}, { callbacks: [{ task: 'next' }] }] }],
    ['times', { headers: headersWith({ eta: ETA, expires: ETA }) }],
    ['a compression of null', { headers: headersWith({ compression: null }) }],
    ['a body that is plain text', { rawBody: '[[1], {}, {}]', properties: {} }],
    ['tagged values', { body: [[{ __type__: 'decimal', __value__: '1.50' }], {}, {}] }],
  ])('is read as the whole reader does: %s', (_, parts) => {
    expect(plain(parts)).toBeDefined();
    expect(plain(parts)).toEqual(otherwise(parts));
  });
});

describe('what is otherwise', () => {
  const PROTOCOL_1 = { task: 'proj.add', id: 'id-1', args: [1], kwargs: {} };
  test.each<[string, EnvelopeParts]>([
    ['protocol 1', { headers: {}, body: PROTOCOL_1 }],
    ['headers of protocol 2 over a body of protocol 1', { body: PROTOCOL_1 }],
    ['a compressed body', { rawBody: base64(deflateSync('[[1],{},{}]')), headers: headersWith({ compression: 'application/x-gzip' }) }],
    ['a header to be set right', { headers: headersWith({ retries: null }) }],
    ['arguments that a task fails on', { body: [5, {}, {}] }],
  ])('is left, and read by the other: %s', (_, parts) => {
    expect(plain(parts)).toBeUndefined();
    expect(otherwise(parts).headers.task).toBe('proj.add');
  });

  test.each<[string, EnvelopeParts, code: string]>([
    ['a body of four parts', { body: [[], {}, {}, {}] }, 'bad-body-shape'],
    ['keyword arguments that are none', { body: [[], [], {}] }, 'bad-kwargs'],
    ['too many arguments', { body: [Array.from({ length: MAX_ARGUMENTS + 1 }, () => 0), {}, {}] }, 'bad-args'],
    ['an eta that is no time', { headers: headersWith({ eta: 'soon' }) }, 'bad-eta'],
    ['an expiry that is no time', { headers: headersWith({ expires: '2030-02-30' }) }, 'bad-expires'],
    ['a header compression that is no text', { headers: headersWith({ compression: 1.5 }) }, 'bad-headers'],
    ['stamps of too many values', { headers: headersWith({ stamps: { s: Array.from({ length: 1001 }, () => 1) } }) }, 'bad-headers'],
    ['no task', { headers: { id: 'id-1' }, body: { args: [] } }, 'no-task-name'],
  ])('is left, and refused by the other: %s', (_, parts, code) => {
    expect(plain(parts)).toBeUndefined();
    expect(thrownBy(() => otherwise(parts)).code).toBe(code);
  });

  test.each<[string, EnvelopeParts, code: string]>([
    ['a content type that is not accepted', { contentType: 'application/x-yaml' }, 'content-disallowed'],
    ['a body that is not JSON', { rawBody: base64('[') }, 'not-json'],
    ['an embed that is none', { body: [[], {}, 'x'] }, 'bad-embed'],
  ])('is refused alike by both: %s', (_, parts, code) => {
    const { message } = thrownBy(() => otherwise(parts));
    expect(thrownBy(() => plain(parts))).toMatchObject({ code, message });
  });
});
