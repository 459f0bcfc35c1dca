import { describe, expect, it } from 'vitest';
import { compress } from '../../../src/wire/compression.ts';
import { type ResultTuple, toResultDocument, writeResult } from '../../../src/wire/result.ts';
import { payloadText, readGroupPayload, readResultPayload, writeGroup } from '../../../src/wire/result-payload.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEXT = writeResult({ status: 'SUCCESS', result: 'ü'.repeat(100), task_id: 't' });

/** As celery.backends.base.compress_payload has it. */
function compressed(name: string, text: string): Uint8Array {
  const { data, header } = compress(name, bytes(text));
  return Buffer.concat([bytes(`\0celery-compressed\0${header}\0`), data]);
}

describe('a stored payload', () => {
  it('is read as text, bytes, or compressed bytes', () => {
    const payloads = [TEXT, bytes(TEXT), Buffer.from(TEXT), ...['zlib', 'brotli', 'zstd'].map((name) => compressed(name, TEXT))];
    for (const payload of payloads) expect(readResultPayload(payload)).toMatchObject({ status: 'SUCCESS', result: 'ü'.repeat(100) });
  });

  it('is refused when it is neither', () => {
    const unknown = bytes('\0celery-compressed\0application/x-lzma\0data');
    const unnamed = bytes(`\0celery-compressed\0${'x'.repeat(300)}\0`);
    const endless = bytes('\0celery-compressed\0application/x-gzip');
    const broken = bytes('\0celery-compressed\0application/x-gzip\0data');
    expect(() => readResultPayload(unknown)).toThrow(expect.objectContaining({ code: 'unknown-compression' }));
    for (const payload of [unnamed, endless, broken]) {
      expect(() => readResultPayload(payload)).toThrow(expect.objectContaining({ code: 'bad-compression' }));
    }
    expect(() => readResultPayload(new Uint8Array([0xff]))).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
    for (const payload of [bytes('\0celery'), new Uint8Array(), 'null']) expect(() => readResultPayload(payload)).toThrow();
  });

  it('decompresses to no more than 64 MiB', () => {
    const bomb = compressed('zlib', ' '.repeat(67_108_865));
    expect(() => payloadText(bomb)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});

describe('a saved group', () => {
  it('is written and read as Celery does', () => {
    const text = writeGroup([['g', null], [[['a', [['p', null], null]], null]]]);
    expect(text).toBe('{"result":[["g",null],[[["a",[["p",null],null]],null]]]}');
    for (const payload of [text, bytes(text), compressed('zlib', text), '{"result": [["g", null], []], "more": 1}']) {
      expect(readGroupPayload(payload)[0][0]).toBe('g');
    }
  });

  it('is refused when it is none', () => {
    for (const text of ['{}', 'null', '1', '[]', '{"result": [[1, null], []]}', '{"result": "g"}']) {
      expect(() => readGroupPayload(text), text).toThrow(expect.objectContaining({ code: 'bad-value' }));
    }
  });
});

it('a group is read and written however long its chains are: two levels nest for each step', () => {
  const chainOf = (steps: number): ResultTuple => (steps === 0 ? [['first', null], null] : [[`step${steps}`, chainOf(steps - 1)], null]);
  const saved: ResultTuple = [['g', null], [chainOf(400)]];
  expect(readGroupPayload(writeGroup(saved))).toEqual(saved);
});

it('a result that returns what such a chain is waited for by is read as it was stored', () => {
  const chainOf = (steps: number): unknown => (steps === 0 ? [['first', null], null] : [[`step${steps}`, chainOf(steps - 1)], null]);
  const document = toResultDocument({ status: 'SUCCESS', result: chainOf(400), task_id: 't' });
  expect(readResultPayload(writeResult(document))).toEqual(document);
  expect(() => writeResult({ ...document, result: chainOf(600) })).toThrow('nested in more than 1024');
});
