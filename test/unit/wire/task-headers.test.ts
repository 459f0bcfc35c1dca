import { describe, expect, test } from 'vitest';
import { readHeaders } from '../../../src/wire/task-headers.ts';
import { PyDate, PyDateTime } from '../../../src/wire/values.ts';
import { headersWith, thrownBy } from '../../support/messages.ts';

const CELERY_HEADERS = {
  lang: 'py',
  task: 'proj.add',
  id: 'id-1',
  shadow: null,
  eta: '2030-01-02T03:04:05+02:00',
  expires: null,
  group: null,
  group_index: 0,
  retries: 2,
  timelimit: [30, null],
  root_id: 'id-1',
  parent_id: null,
  argsrepr: '(2, 3)',
  kwargsrepr: '{}',
  origin: 'gen1@host',
  ignore_result: false,
  replaced_task_nesting: 0,
  stamped_headers: ['s'],
  stamps: { s: 1 },
  compression: null,
  custom: { any: ['thing'] },
};

test('the headers Celery writes are let through as they are', () => {
  expect(readHeaders(CELERY_HEADERS)).toBe(CELERY_HEADERS);
});

test('the headers a sender left out stay out', () => {
  const headers = headersWith({});
  expect(readHeaders(headers)).toBe(headers);
});

describe('what Celery puts up with is set right', () => {
  test.each([
    ['a numeric id', { id: 12 }, { id: '12' }],
    ['null retries', { retries: null }, { retries: 0 }],
    ['null retries beside good ones', { retries: null, shadow: 's' }, { retries: 0, shadow: 's' }],
    ['numeric ids of others', { root_id: 1, parent_id: 2, group: 3 }, { root_id: '1', parent_id: '2', group: '3' }],
    ['a tagged datetime', { eta: new PyDateTime('2030-01-02T03:04:05.000006') }, { eta: '2030-01-02T03:04:05.000006' }],
    ['a plain Date from another codec', { expires: new Date(0) }, { expires: '1970-01-01T00:00:00.000Z' }],
    ['an empty time limit', { timelimit: [] }, { timelimit: null }],
    ['a time limit of false', { timelimit: false }, { timelimit: null }],
    ['a time limit of 0', { timelimit: 0 }, { timelimit: null }],
    ['a time limit of no text', { timelimit: '' }, { timelimit: null }],
    ['a group index that is no number', { group_index: 'x' }, { group_index: null }],
    [
      'informative headers of the wrong type',
      { lang: 1, argsrepr: null, kwargsrepr: [], origin: null, ignore_result: null, replaced_task_nesting: 'x' },
      {},
    ],
  ])('%s', (_what, given, expected) => {
    expect(readHeaders(headersWith({ ...given, custom: 1 }))).toEqual(headersWith({ ...expected, custom: 1 }));
  });

  test('good headers beside a bad one are kept as they are', () => {
    expect(readHeaders({ ...CELERY_HEADERS, retries: null })).toEqual({ ...CELERY_HEADERS, retries: 0 });
  });

  test('a header called __proto__ stays a header', () => {
    const headers = JSON.parse('{"task": "t", "id": 1, "__proto__": {"retries": 3}}') as Record<string, unknown>;
    const read = readHeaders(headers);
    expect(read.retries).toBeUndefined();
    expect(Object.hasOwn(read, '__proto__')).toBe(true);
  });
});

test('stamps may have a thousand values in all', () => {
  const stamps = { s: Array.from({ length: 998 }, () => 1), t: 1, u: [2] };
  expect(readHeaders({ ...CELERY_HEADERS, stamps }).stamps).toEqual(stamps);
});

describe('what Celery refuses or dies of is an InvalidTaskError', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no-task-name', { task: undefined }],
    ['no-task-name', { task: null }],
    ['no-task-name', { task: '' }],
    ['no-task-name', { task: 1 }],
    ['no-id', { id: undefined }],
    ['no-id', { id: null }],
    ['no-id', { id: '' }],
    ['no-id', { id: 1.5 }],
    ['no-id', { id: {} }],
    ['bad-retries', { retries: -1 }],
    ['bad-retries', { retries: 1.5 }],
    ['bad-retries', { retries: '1' }],
    ['bad-retries', { retries: 2n ** 70n }],
    ['bad-eta', { eta: 'soon' }],
    ['bad-eta', { eta: '' }],
    ['bad-eta', { eta: 978307200 }],
    ['bad-eta', { eta: '2030-02-30T00:00:00Z' }],
    ['bad-eta', { eta: new PyDate('2030-01-02') }],
    ['bad-expires', { expires: 'never' }],
    ['bad-expires', { expires: 1 }],
    ['bad-expires', { expires: new Date(Number.NaN) }],
    ['bad-headers', { timelimit: [1] }],
    ['bad-headers', { timelimit: [1, '2'] }],
    ['bad-headers', { timelimit: [-1, null] }],
    ['bad-headers', { timelimit: [Number.POSITIVE_INFINITY, null] }],
    ['bad-headers', { timelimit: 30 }],
    ['bad-headers', { shadow: [] }],
    ['bad-headers', { root_id: {} }],
    ['bad-headers', { compression: 1.5 }],
    ['bad-headers', { stamped_headers: 's' }],
    ['bad-headers', { stamped_headers: [1] }],
    ['bad-headers', { stamps: [] }],
    ['bad-headers', { stamps: { s: Array.from({ length: 1001 }, () => 1) } }],
    ['bad-headers', { stamps: { s: Array.from({ length: 1000 }, () => 1), t: 1 } }],
  ])('%s: %o', (code, given) => {
    const error = thrownBy(() => readHeaders(headersWith(given)));
    expect([error.name, error.code]).toEqual(['InvalidTaskError', code]);
  });

  test('a long text is not repeated in full by the error', () => {
    expect(thrownBy(() => readHeaders(headersWith({ eta: 'x'.repeat(1000) }))).message.length).toBeLessThan(200);
  });
});
