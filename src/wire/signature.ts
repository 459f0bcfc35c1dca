/** A signature as plain data (celery.canvas.Signature). What can be done with one is the canvas folder's affair. */

import { InvalidTaskError } from '../errors.ts';
import type { SignatureData } from './message.ts';
import { type Fields, isRecord, kindOf } from './records.ts';

/**
 * Reads a decoded signature. Only `task` is required; missing parts get Celery's defaults, and options that are null are
 * dropped, as they mean «not given». Signatures nested in kwargs or options stay as they are. Throws InvalidTaskError `bad-embed`.
 */
export function readSignature(value: unknown): SignatureData {
  if (!isRecord(value)) throw wrong('the signature', value, 'an object');
  const { task, args, kwargs, options, subtask_type, immutable, chord_size } = value;
  if (typeof task !== 'string' || task === '') throw wrong('task', task, 'a task name');
  return {
    task,
    args: argsOf(args),
    kwargs: recordOf('kwargs', kwargs),
    options: withoutNulls(recordOf('options', options)),
    subtask_type: typeOf(subtask_type),
    immutable: flagOf(immutable),
    ...(typeof chord_size === 'number' ? { chord_size } : {}),
  };
}

/** A signature as the object to be encoded: Celery's keys in Celery's order, and nothing else. */
export function writeSignature(signature: SignatureData): SignatureData {
  const { task, args, kwargs, options, subtask_type, immutable, chord_size } = signature;
  const plain = { task, args, kwargs, options, subtask_type, immutable };
  return chord_size === undefined ? plain : { ...plain, chord_size };
}

function argsOf(args: unknown): readonly unknown[] {
  if (args === undefined || args === null) return [];
  if (!Array.isArray(args)) throw wrong('args', args, 'an array');
  return args;
}

function recordOf(name: string, value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw wrong(name, value, 'an object');
  return value;
}

function typeOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw wrong('subtask_type', value, 'a string or null');
  return value;
}

function flagOf(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw wrong('immutable', value, 'a boolean');
  return value;
}

function withoutNulls(options: Fields): Fields {
  if (!Object.values(options).includes(null)) return options;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

function wrong(part: string, found: unknown, expected: string): InvalidTaskError {
  return new InvalidTaskError('bad-embed', `A signature's ${part} is ${kindOf(found)}; expected ${expected}.`);
}
