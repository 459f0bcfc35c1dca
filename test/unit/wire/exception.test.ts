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

describe('a long error', () => {
  it('is cut, saying by how much', () => {
    expect(encodeException(new Error('abcdef'), 4).exc_message).toEqual(['abcd… (2 characters cut)']);
    expect(encodeException(new Error('x'.repeat(70_000))).exc_message).toEqual([`${'x'.repeat(65_536)}… (4464 characters cut)`]);
  });

  it('has room for its arguments all together', () => {
    const args = (...excArgs: unknown[]) => encodeException(withFields({ excArgs }), 10).exc_message;
    expect(args('12345', '12345', 'more', 'and more')).toEqual(['12345', '12345', '… (2 more)']);
    expect(args('12345', '1234567')).toEqual(['12345', '12345… (2 characters cut)']);
    expect(args({ a: 1 }, 'abcd')).toEqual([{ a: 1 }, 'abc… (1 characters cut)']);
    expect(args(['long enough to be cut'])).toEqual([expect.stringMatching(/^\['long.{4}… \(\d+ characters cut\)$/)]);
    expect(args(...Array.from({ length: 12 }, () => ''))).toHaveLength(11);
  });

  it('has a name and a module of 200 characters', () => {
    const { exc_type, exc_module } = encodeException(withFields({ excType: 'T'.repeat(5000), excModule: 'm'.repeat(5000) }));
    expect([exc_type, exc_module]).toEqual([`${'T'.repeat(200)}… (4800 characters cut)`, `${'m'.repeat(200)}… (4800 characters cut)`]);
    expect(encodeException(withFields({ name: 'N'.repeat(1000) })).exc_type).toMatch(/^N{200}…/);
  });
});

describe('an odd error', () => {
  const thrower = (): never => {
    throw new Error('no');
  };
  const { proxy: revoked, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();

  it.each<[string, unknown, unknown[]]>([
    ['a getter for its message', Object.defineProperty(new Error(), 'message', { get: thrower }), ['The error could not be read.']],
    ['arguments behind a getter', Object.defineProperty(new Error('m'), 'excArgs', { get: thrower }), ['The error could not be read.']],
    ['a proxy that throws', new Proxy(new Error('x'), { get: thrower }), ['The error could not be read.']],
    ['a revoked proxy', revoked, ['The error could not be read.']],
    ['an argument that cannot be printed', withFields({ excArgs: [{ toJSON: thrower, get constructor() { return thrower(); } }] }), ['The error could not be read.']], // biome-ignore format: one row
    ['a cause that goes round', (() => { const e = new Error('m'); e.cause = e; return e; })(), ['m']], // biome-ignore format: one row
    ['a message that is no text', withFields({ message: { a: 1n } }), [{ a: 1n }]],
    ['a message that is a symbol', withFields({ message: Symbol('s') }), ['Symbol(s)']],
  ])('is encoded: %s', (_what, error, exc_message) => {
    expect(encodeException(error).exc_message).toEqual(exc_message);
  });

  it('keeps of its name what can be read', () => {
    expect(encodeException(Object.defineProperty(new TypeError('m'), 'name', { get: thrower }))).toEqual({
      exc_type: 'Exception',
      exc_message: ['m'],
      exc_module: 'javascript',
    });
    expect(encodeException(revoked)).toMatchObject({ exc_type: 'Exception', exc_module: 'builtins' });
  });
});
