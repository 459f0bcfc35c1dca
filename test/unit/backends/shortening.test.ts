import { describe, expect, it } from 'vitest';
import { shortened } from '../../../src/backends/shortening.ts';
import { type ResultDocument, type ResultTuple, readResult, toResultDocument } from '../../../src/wire/result.ts';

const ITEM = 409_600;
const fits = (payload: Uint8Array): boolean => payload.byteLength <= ITEM;
const child = (id: string): ResultTuple => [[id, null], null];
const failure = (more: Partial<ResultDocument> = {}): ResultDocument =>
  toResultDocument({
    status: 'FAILURE',
    result: { exc_type: 'RangeError', exc_message: ['m'], exc_module: 'javascript' },
    traceback: 'RangeError: m',
    group_id: 'g',
    parent_id: 'p',
    task_id: 't',
    ...more,
  });

function read(document: ResultDocument): ResultDocument {
  const payload = shortened(document, fits);
  expect(payload).toBeDefined();
  expect(fits(payload!)).toBe(true);
  return readResult(new TextDecoder().decode(payload));
}

describe('a failure that is too large for its store', () => {
  it('is left without arguments first', () => {
    expect(read(failure({ args: ['x'.repeat(ITEM)], children: [child('c')] }))).toEqual(failure({ children: [child('c')] }));
  });

  it.each(['x', '€', '😀', '\u0001', '\ud800'])('has its text and stack cut, whatever they are written as: %j', (character) => {
    const long = character.repeat(65_536);
    const message = { exc_type: 'RangeError', exc_message: [long], exc_module: 'javascript' };
    const { result, traceback } = read(failure({ result: message, traceback: long }));
    expect(result).toMatchObject({ exc_type: 'RangeError', exc_message: [expect.stringMatching(/… \(\d+ characters cut\)$/)] });
    expect(traceback).toMatch(/characters cut\)$/);
  });

  it('has fewer children, and then none', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => child(`${at}-${'i'.repeat(36)}`));
    expect(read(failure({ children: many })).children).toHaveLength(500);
    expect(read(failure({ children: [child('i'.repeat(ITEM))] })).children).toEqual([]);
  });

  it('says nothing of a group or a parent whose ids alone fill it', () => {
    const { group_id, parent_id, task_id } = read(failure({ group_id: 'g'.repeat(ITEM), parent_id: 'p'.repeat(ITEM) }));
    expect([group_id, parent_id, task_id]).toEqual([undefined, undefined, 't']);
  });

  it('says so where its first argument is no text', () => {
    const result = { exc_type: 'E', exc_message: [{ big: 'x'.repeat(ITEM) }], exc_module: null };
    expect(read(failure({ result })).result).toEqual({
      exc_type: 'E',
      exc_message: ['The error was too large for its store.'],
      exc_module: null,
    });
    expect(read(failure({ result: { exc_type: 'E', exc_message: 'text', exc_module: null } })).result).toMatchObject({
      exc_message: ['text'],
    });
    expect(read(failure({ status: 'RETRY', result: null, traceback: null })).result).toBeNull();
  });

  it('is nothing where nothing fits, or for another state', () => {
    expect(shortened(failure(), () => false)).toBeUndefined();
    expect(shortened(failure({ status: 'SUCCESS' }), fits)).toBeUndefined();
  });
});
