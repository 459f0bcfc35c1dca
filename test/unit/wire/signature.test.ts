import { expect, test } from 'vitest';
import { readSignature, writeSignature } from '../../../src/wire/signature.ts';
import { thrownBy } from '../../support/messages.ts';

test('a bare task name gets the defaults of Celery', () => {
  const full = { task: 't', args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
  expect(readSignature({ task: 't' })).toEqual(full);
  expect(readSignature({ task: 't', args: null, kwargs: null, options: null, subtask_type: null, immutable: null })).toEqual(full);
});

test('options that are null are dropped, others and those within kwargs are kept', () => {
  const read = readSignature({ task: 't', kwargs: { x: null }, options: { priority: null, queue: 'q', link: [null] } });
  expect(read.options).toEqual({ queue: 'q', link: [null] });
  expect(read.kwargs).toEqual({ x: null });
});

test('the chord_size of Celery 4 is kept, and unknown parts are left out', () => {
  expect(readSignature({ task: 't', chord_size: 3, other: 1 })).toMatchObject({ chord_size: 3 });
  expect(readSignature({ task: 't', chord_size: 3, other: 1 })).not.toHaveProperty('other');
  expect(readSignature({ task: 't', chord_size: null })).not.toHaveProperty('chord_size');
});

test('writing gives the keys of Celery in its order', () => {
  const signature = { ...readSignature({ immutable: true, subtask_type: 'chain', task: 't' }), extra: 1 };
  expect(Object.keys(writeSignature(signature))).toEqual(['task', 'args', 'kwargs', 'options', 'subtask_type', 'immutable']);
  expect(Object.keys(writeSignature({ ...signature, chord_size: 2 })).at(-1)).toBe('chord_size');
});

test.each([
  null,
  'task',
  ['task'],
  new Date(0),
  {},
  { task: '' },
  { task: 1 },
  { task: 't', args: 'ab' },
  { task: 't', args: {} },
  { task: 't', kwargs: [] },
  { task: 't', options: 1 },
  { task: 't', subtask_type: 1 },
  { task: 't', immutable: 1 },
])('%j is no signature', (value) => {
  const error = thrownBy(() => readSignature(value));
  expect([error.name, error.code]).toEqual(['InvalidTaskError', 'bad-embed']);
});
