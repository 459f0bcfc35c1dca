/**
 * Errors as Celery stores them (celery.backends.base.Backend.prepare_exception, exception_to_python): a class name, its module and
 * the constructor's arguments. Reading makes a RemoteError and never a class that the document names.
 */

import { isCeleryError, RemoteError } from '../errors.ts';
import { cut } from './cut.ts';
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

/** Characters kept of an error's arguments, all together, where nothing else is said. */
export const ERROR_LENGTH = 65_536;
/** Characters kept of a class's name and of its module's. */
const NAME_LENGTH = 200;

/**
 * Whatever a task threw, as Celery stores it. Arguments that cannot be written are replaced by their repr, as ensure_serializable does;
 * something thrown that is no Error becomes an `Exception` with its repr. Nothing is thrown, whatever the error's own members do.
 *
 * @param maxLength characters kept of the arguments, all together
 */
export function encodeException(error: unknown, maxLength = ERROR_LENGTH): EncodedException {
  const type = attempted(() => excTypeOf(error)) ?? 'Exception';
  const module = attempted(() => moduleOf(error, type));
  return {
    exc_type: cut(type, NAME_LENGTH),
    exc_message: within(attempted(() => argumentsOf(error)) ?? [UNREADABLE], maxLength),
    exc_module: module === undefined ? BUILTINS : module === null ? null : cut(module, NAME_LENGTH),
  };
}

const UNREADABLE = 'The error could not be read.';

/** Undefined where reading throws: a getter, or a proxy. */
function attempted<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function excTypeOf(error: unknown): string {
  if (!isError(error)) return 'Exception';
  const { excType } = error as ExceptionFields;
  return typeof excType === 'string' && excType !== '' ? excType : typeName(error);
}

function argumentsOf(error: unknown): readonly unknown[] {
  if (!isError(error)) return [saferepr(error)];
  const { excArgs } = error as ExceptionFields;
  return Array.isArray(excArgs) ? excArgs : constructorArgs(error);
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

function moduleOf(error: unknown, type: string): string | null {
  if (!isError(error)) return BUILTINS;
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

/** The arguments as far as there is room for them; a note says how many there is none for. */
function within(args: readonly unknown[], maxLength: number): readonly unknown[] {
  const kept: unknown[] = [];
  let left = maxLength;
  for (const argument of args) {
    if (left <= 0) return [...kept, `… (${args.length - kept.length} more)`];
    const [written, length] = toWritable(argument, left);
    kept.push(written);
    left -= Math.max(1, length);
  }
  return kept;
}

/** An argument as it can be written in so many characters, and how many it takes. */
function toWritable(argument: unknown, maxLength: number): readonly [written: unknown, length: number] {
  const short = typeof argument === 'string' ? cut(argument, maxLength) : argument;
  // The document, its result and exc_message are around each argument and count for the depth.
  const text = attempted(() => writeJson([[[short]]]));
  if (text !== undefined && typeof short === 'string') return [short, short.length];
  const length = (text?.length ?? Number.POSITIVE_INFINITY) - AROUND;
  if (length <= maxLength) return [argument, length];
  const repr = cut(attempted(() => saferepr(argument)) ?? UNREADABLE, maxLength);
  return [repr, repr.length];
}

const AROUND = '[[[]]]'.length;
