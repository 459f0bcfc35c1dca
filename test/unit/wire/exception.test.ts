import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  BackendGetError,
  ContentDisallowed,
  EncodeError,
  NotRegistered,
  OperationalError,
  Reject,
  RemoteError,
  TimeoutError,
} from '../../../src/errors.ts';
import { decodeException, encodeException } from '../../../src/wire/exception.ts';
import { PyDate } from '../../../src/wire/values.ts';

class QuotaExceeded extends Error {}

class Named extends Error {
  override readonly name = 'Billing.Declined';
}

function withFields(fields: object): Error {
  return Object.assign(new Error('m'), fields);
}

describe('encodeException', () => {
  it.each<[string, Error, string, unknown[], string | null]>([
    ['a TypeError', new TypeError('boom'), 'TypeError', ['boom'], 'builtins'],
    ['a SyntaxError', new SyntaxError('boom'), 'SyntaxError', ['boom'], 'builtins'],
    ['a RangeError', new RangeError('boom'), 'RangeError', ['boom'], 'javascript'],
    ['an Error', new Error('boom'), 'Error', ['boom'], 'javascript'],
    ['an error without a message', new Error(), 'Error', [], 'javascript'],
    ['a class', new QuotaExceeded('boom'), 'QuotaExceeded', ['boom'], 'javascript'],
    ['a class with a name', new Named('boom'), 'Billing.Declined', ['boom'], 'javascript'],
    ['an error that was named', withFields({ name: 'TypeError' }), 'TypeError', ['m'], 'builtins'],
    ['an error with an empty name', withFields({ name: '' }), 'Error', ['m'], 'javascript'],
    ['an error of no class', withFields({ name: '', constructor: undefined }), 'Error', ['m'], 'javascript'],
    ['an abort', new DOMException('stopped', 'AbortError'), 'AbortError', ['stopped'], 'javascript'],
    ['another realm', runInNewContext('new RangeError("far")') as Error, 'RangeError', ['far'], 'javascript'],
    ['a Celery error', new TimeoutError('late'), 'TimeoutError', ['late'], 'celery.exceptions'],
    ['a Celery error of ours alone', new BackendGetError('gone'), 'BackendGetError', ['gone'], 'celery.exceptions'],
    ['a kombu error', new EncodeError('bad'), 'EncodeError', ['bad'], 'kombu.exceptions'],
    ['a kombu error', new ContentDisallowed('bad'), 'ContentDisallowed', ['bad'], 'kombu.exceptions'],
    ['a kombu error', new OperationalError('bad', { retryable: true }), 'OperationalError', ['bad'], 'kombu.exceptions'],
    ['NotRegistered', new NotRegistered('a.b'), 'NotRegistered', ['a.b'], 'celery.exceptions'],
    ['Reject', new Reject('why', { requeue: true }), 'Reject', ['why', true], 'celery.exceptions'],
    ['Reject without a reason', new Reject(), 'Reject', [null, false], 'celery.exceptions'],
  ])('names %s as Celery would', (_what, error, exc_type, exc_message, exc_module) => {
    expect(encodeException(error)).toEqual({ exc_type, exc_message, exc_module });
  });

  it('puts billiard and celery errors where Python has them', () => {
    const limit = Object.assign(new TimeoutError('x'), { name: 'SoftTimeLimitExceeded' });
    expect(encodeException(limit)).toMatchObject({ exc_type: 'SoftTimeLimitExceeded', exc_module: 'billiard.exceptions' });
  });

  it('lets an error say what it is', () => {
    const error = withFields({ excType: 'ValueError', excModule: 'builtins', excArgs: ['a', { b: 1 }] });
    expect(encodeException(error)).toEqual({ exc_type: 'ValueError', exc_message: ['a', { b: 1 }], exc_module: 'builtins' });
    expect(encodeException(withFields({ excType: '', excModule: 5, excArgs: 'x' }))).toEqual({
      exc_type: 'Error',
      exc_message: ['m'],
      exc_module: 'javascript',
    });
  });

  it('replaces arguments that cannot be written by their repr', () => {
    const deep = JSON.parse('['.repeat(62) + ']'.repeat(62)) as unknown;
    const error = withFields({ excArgs: [1n, new PyDate('2030-01-02'), new Map(), undefined, { f: () => 1 }, deep] });
    expect(encodeException(error).exc_message).toEqual([
      1n,
      new PyDate('2030-01-02'),
      '<Map>',
      'undefined',
      "{'f': <function f>}",
      '[[[[...]]]]',
    ]);
  });

  it.each<[unknown, string]>([
    ['oops', "'oops'"],
    [undefined, 'undefined'],
    [null, 'None'],
    [{ code: 5 }, "{'code': 5}"],
  ])('makes an Exception of %j, which is no error', (thrown, text) => {
    expect(encodeException(thrown)).toEqual({ exc_type: 'Exception', exc_message: [text], exc_module: 'builtins' });
  });
});

describe('decodeException', () => {
  it('reads what Celery stores, and gives it back when it is raised again', () => {
    const stored = { exc_type: 'Outer.Inner', exc_message: ['acct-9', { limit: 10 }], exc_module: 'proj.tasks' };
    const error = decodeException(stored, 'Traceback …');
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ excType: 'Outer.Inner', excModule: 'proj.tasks', excArgs: stored.exc_message, traceback: 'Traceback …' });
    expect(encodeException(error)).toEqual(stored);
  });

  it.each<[string, object, readonly unknown[]]>([
    ['a text', { exc_message: 'bad' }, ['bad']],
    ['nothing', {}, []],
    ['a number', { exc_message: 5 }, [5]],
    ['null', { exc_message: null }, [null]],
  ])('takes %s for the arguments', (_what, message, args) => {
    const error = decodeException({ exc_type: 'ValueError', ...message }, null);
    expect(error.excArgs).toEqual(args);
    expect([error.excModule, error.traceback]).toEqual([undefined, undefined]);
    expect(encodeException(error)).toEqual({ exc_type: 'ValueError', exc_message: args, exc_module: null });
  });

  it('keeps integers beyond 2^53', () => {
    const error = decodeException({ exc_type: 'ValueError', exc_message: [2n ** 70n, [1n]], exc_module: 'builtins' });
    expect(error.excArgs).toEqual([2n ** 70n, [1n]]);
    expect(error.message).toContain('1180591620717411303424');
    expect(encodeException(error).exc_message).toEqual([2n ** 70n, [1n]]);
  });

  it.each<[string, unknown]>([
    ['text', 'boom'],
    ['null', null],
    ['an array', ['ValueError']],
    ['a nameless type', { exc_type: '', exc_module: 'builtins' }],
    ['a type that is no text', { exc_type: 5 }],
    ['a date', new PyDate('2030-01-02')],
  ])('gives an UnreadableException for %s', (_what, value) => {
    const error = decodeException(value);
    expect(error).toMatchObject({ name: 'RemoteError', excType: 'UnreadableException', excModule: undefined });
    expect(error.excArgs).toHaveLength(1);
  });

  it('makes nothing of the class that is named', () => {
    const error = decodeException({ exc_type: 'system', exc_message: ['x'], exc_module: 'os' });
    expect(error.constructor).toBe(RemoteError);
  });
});
