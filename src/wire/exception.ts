/**
 * Errors as Celery stores them (celery.backends.base.Backend.prepare_exception, exception_to_python): a class name, its module and
 * the constructor's arguments. Reading makes a RemoteError and never a class that the document names.
 */

import { isCeleryError, RemoteError } from '../errors.ts';
import { writeJson } from './json-write.ts';
import { saferepr } from './repr.ts';

/** An encoded exception: the `result` of a document in state RETRY, FAILURE or REVOKED. */
export interface EncodedException {
  /** Qualified class name, like `ValueError` or `Outer.Inner`. */
  readonly exc_type: string;
  /** The constructor's arguments. */
  readonly exc_message: readonly unknown[];
  readonly exc_module: string | null;
}

/** How an error can say by fields of its own what it is encoded as. RemoteError does. */
export interface ExceptionFields {
  readonly excType?: string;
  readonly excModule?: string | null | undefined;
  readonly excArgs?: readonly unknown[];
}

const CELERY = 'celery.exceptions';
const BILLIARD = 'billiard.exceptions';
const KOMBU = 'kombu.exceptions';
const BUILTINS = 'builtins';
/** No Python module of this name is loaded, so Celery makes a class of the error's name for it. */
const JAVASCRIPT = 'javascript';

/** Celery's errors that live elsewhere than in celery.exceptions. */
const MODULES = new Map([
  ['SoftTimeLimitExceeded', BILLIARD],
  ['TimeLimitExceeded', BILLIARD],
  ['WorkerLostError', BILLIARD],
  ['Terminated', BILLIARD],
  ['EncodeError', KOMBU],
  ['DecodeError', KOMBU],
  ['OperationalError', KOMBU],
  ['ContentDisallowed', KOMBU],
]);

/** JavaScript's errors that Python has under the same name. */
const SHARED = new Set(['TypeError', 'SyntaxError']);
const STANDARD = new Set(['Error', 'TypeError', 'SyntaxError', 'RangeError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError']);

/**
 * Whatever a task threw, as Celery stores it. Arguments that cannot be written are replaced by their repr, as ensure_serializable does;
 * something thrown that is no Error becomes an `Exception` with its repr.
 */
export function encodeException(error: unknown): EncodedException {
  if (!isError(error)) return { exc_type: 'Exception', exc_message: [saferepr(error)], exc_module: BUILTINS };
  const { excType, excArgs } = error as ExceptionFields;
  const type = typeof excType === 'string' && excType !== '' ? excType : typeName(error);
  const args = Array.isArray(excArgs) ? excArgs : constructorArgs(error);
  return { exc_type: type, exc_message: args.map(toWritable), exc_module: moduleOf(error, type) };
}

/**
 * An encoded exception as a RemoteError, whoever stored it: a text for `exc_message` is one argument, a missing module is none.
 * What is no encoded exception gives a RemoteError of type `UnreadableException` with its repr; nothing is thrown.
 */
export function decodeException(value: unknown, traceback?: string | null): RemoteError {
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const { exc_type: excType, exc_module: excModule } = fields;
  const isReadable = typeof excType === 'string' && excType !== '';
  return new RemoteError({
    excType: isReadable ? excType : 'UnreadableException',
    excArgs: isReadable ? argsOf(fields['exc_message']) : [saferepr(value)],
    ...(isReadable && typeof excModule === 'string' ? { excModule } : {}),
    ...(typeof traceback === 'string' ? { traceback } : {}),
  });
}

function argsOf(message: unknown): readonly unknown[] {
  if (message === undefined) return [];
  return Array.isArray(message) ? message : [message];
}

function isError(value: unknown): value is Error {
  // The second holds for the errors of another realm.
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

/** A name the author gave wins; a class that inherits a standard name is called by its own. */
function typeName(error: Error): string {
  const { name } = error;
  if (typeof name === 'string' && name !== '' && (!STANDARD.has(name) || Object.hasOwn(error, 'name'))) return name;
  const className: unknown = error.constructor?.name;
  return typeof className === 'string' && className !== '' ? className : 'Error';
}

function moduleOf(error: Error, type: string): string | null {
  const { excModule } = error as ExceptionFields;
  if (typeof excModule === 'string') return excModule;
  if (!isCeleryError(error)) return SHARED.has(type) ? BUILTINS : JAVASCRIPT;
  return error.name === 'RemoteError' ? null : (MODULES.get(type) ?? CELERY);
}

function constructorArgs(error: Error): readonly unknown[] {
  if (isCeleryError(error) && error.name === 'Reject') {
    const { reason, requeue } = error as unknown as { reason: unknown; requeue: boolean };
    return [reason ?? null, requeue];
  }
  return error.message === '' ? [] : [error.message];
}

function toWritable(argument: unknown): unknown {
  try {
    // The document, its result and exc_message are around each argument and count for the depth.
    writeJson([[[argument]]]);
    return argument;
  } catch {
    return saferepr(argument);
  }
}
