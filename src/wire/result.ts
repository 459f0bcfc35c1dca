/** The result document as Celery's key-value backends store it (celery.backends.base.KeyValueStoreBackend), and its result tuples. */

import { DecodeError } from '../errors.ts';
import { readJson } from './json-read.ts';
import { writeJson } from './json-write.ts';
import { isPyValue, valueKind } from './values.ts';

/** `[[id, parent], null]` for a task, `[[group id, parent], [children]]` for a group (AsyncResult.as_tuple, GroupResult.as_tuple). */
export type ResultTuple = readonly [readonly [id: string, parent: ResultTuple | null], readonly ResultTuple[] | null];

/** Key order is Celery's: status, result, traceback, children, date_done, [group_id], [parent_id], [extended], task_id. */
export interface ResultDocument {
  readonly status: string;
  /** The value returned, the meta of a custom state, or for RETRY, FAILURE and REVOKED an encoded exception. */
  readonly result: unknown;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[];
  /** ISO time with offset once the state is ready, else null. */
  readonly date_done: string | null;
  readonly group_id?: string;
  readonly parent_id?: string;
  readonly name?: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly worker?: string;
  readonly retries?: number;
  readonly queue?: string;
  readonly [stamp: string]: unknown;
  readonly task_id: string;
}

/** What a result document is made from; what is left out takes Celery's default. */
export type ResultFields = Partial<ResultDocument> & Pick<ResultDocument, 'status' | 'task_id'>;

/** Celery's order of the keys it knows; stamps follow them, and `task_id` is last. */
const ORDER = [
  'status',
  'result',
  'traceback',
  'children',
  'date_done',
  'group_id',
  'parent_id',
  'name',
  'args',
  'kwargs',
  'worker',
  'retries',
  'queue',
  'stamped_headers',
] as const;

/** A result tuple nests two levels for each step of a chain; Python's json goes about as deep. */
export const RESULT_LIMITS = { depth: 1024 } as const;

const DEFAULTS = { result: null, traceback: null, children: [], date_done: null } as const;
const KNOWN: ReadonlySet<string> = new Set([...ORDER, 'task_id']);

/**
 * A result document with its keys in Celery's order. Defaults: `result`, `traceback` and `date_done` null, `children` empty; the
 * other keys are there when they are given. Keys that Celery does not know are kept (stamps are such keys).
 */
export function toResultDocument(fields: ResultFields): ResultDocument {
  const given: Record<string, unknown> = { ...DEFAULTS, ...present(fields) };
  const known = ORDER.filter((key) => Object.hasOwn(given, key)).map((key) => [key, given[key]] as const);
  const others = Object.entries(given).filter(([key]) => !KNOWN.has(key));
  // Made from entries, a key `__proto__` is a key like any other.
  return Object.fromEntries([...known, ...others, ['task_id', fields.task_id]]) as unknown as ResultDocument;
}

function present(fields: ResultFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The document as the key-value backends store it. Throws EncodeError, its path from `result` on, when the result cannot be written. */
export function writeResult(document: ResultFields): string {
  return writeJson(toResultDocument(document), RESULT_LIMITS);
}

/**
 * Reads a stored document, also one written by others: only `status` and `task_id` are required. Keys it does not know are kept.
 * Throws DecodeError.
 */
export function readResult(text: string): ResultDocument {
  const value = readJson(text, RESULT_LIMITS);
  if (!isObject(value)) throw bad('it is no object');
  const { status, task_id, traceback, children } = value;
  if (typeof status !== 'string') throw bad('`status` is no text');
  if (typeof task_id !== 'string') throw bad('`task_id` is no text');
  if (!isAbsent(traceback) && typeof traceback !== 'string') throw bad('`traceback` is neither text nor null');
  if (!isAbsent(children) && !isTupleList(children)) throw bad('`children` is no array of result tuples');
  return toResultDocument({ ...value, status, task_id, children: children ?? [], date_done: dateDone(value['date_done']) });
}

/** Celery's readers take a tagged datetime here as well (AsyncResult.date_done). */
function dateDone(value: unknown): string | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'string') return value;
  if (isPyValue(value) && value[valueKind] === 'datetime') return value.toJSON();
  throw bad('`date_done` is no time');
}

function isTupleList(value: unknown): value is ResultTuple[] {
  return Array.isArray(value) && value.every(isTuple);
}

/** Whether it is a result tuple, parents and children included. */
export function isTuple(value: unknown): value is ResultTuple {
  if (!Array.isArray(value) || value.length !== 2 || !Array.isArray(value[0])) return false;
  const [[id, parent], children] = value as [unknown[], unknown];
  return typeof id === 'string' && (isAbsent(parent) || isTuple(parent)) && (children === null || isTupleList(children));
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPyValue(value) && !ArrayBuffer.isView(value);
}

function bad(what: string): DecodeError {
  return new DecodeError('bad-value', `This is no result document: ${what}.`);
}
