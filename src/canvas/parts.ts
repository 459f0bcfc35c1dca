/**
 * Signatures as data, while they are composed: what stands in each kind, looked at as far as it is needed. Nothing is changed; what is made
 * shares the rest with what it was made of.
 */

import { EncodeError, ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord, kindOf } from '../wire/records.ts';

const LIST = 'an array of signatures';

/** Signatures that hold others, and those that run as one task, or as a group of them. */
const KINDS: readonly unknown[] = [null, 'chain', 'group', 'chord', 'xmap', 'xstarmap', 'chunks'];

/** A signature with all its fields; what is in it is not looked at. @throws EncodeError for a malformed one */
export function whole(data: unknown, path = 'signature'): SignatureData {
  if (!isRecord(data)) throw wrong(path, data, 'an object');
  const { task, args, kwargs, options, subtask_type: type = null, immutable } = data;
  if (typeof task !== 'string' || task === '') throw wrong(`${path}.task`, task, 'a task name');
  if (!KINDS.includes(type)) throw wrong(`${path}.subtask_type`, type, 'chain, group, chord, xmap, xstarmap, chunks or null');
  return {
    task,
    args: listOf(args ?? [], `${path}.args`),
    kwargs: recordOf(kwargs, `${path}.kwargs`),
    options: recordOf(options, `${path}.options`),
    subtask_type: type as string | null,
    immutable: immutable === true,
  };
}

/**
 * Canvases in canvases; each group that something follows makes two. What is received cannot be as deep, as the wire's own limit of 64 counts
 * every array and object.
 */
const MAX_NESTING = 256;

/** The same, all that is in it looked at as well. @throws ImproperlyConfigured when it is nested too deeply */
export function checked(data: unknown, path = 'signature', depth = 0): SignatureData {
  checkDepth(depth);
  const given = whole(data, path);
  const { kwargs, subtask_type: type } = given;
  const check = (inner: unknown, name: string): unknown => checked(inner, `${path}.kwargs.${name}`, depth + 1);
  const checkAll = (list: unknown, name: string): void => {
    for (const [index, inner] of listOf(list, `${path}.kwargs.${name}`, LIST).entries()) check(inner, `${name}[${index}]`);
  };
  if (type === 'chord') {
    (Array.isArray(kwargs['header']) ? checkAll : check)(kwargs['header'], 'header');
    if (hasBody(given)) check(kwargs['body'], 'body');
  } else if (!isTask(given)) checkAll(kwargs['tasks'], 'tasks');
  else if (type !== null && depth === 0) checkMap(kwargs, path);
  return given;
}

export function checkDepth(depth: number): void {
  if (depth > MAX_NESTING)
    throw new ImproperlyConfigured(`The canvas is nested more than ${MAX_NESTING} levels deep, or contains itself: flatten it.`);
}

export function checkMap({ task, it }: SignatureData['kwargs'], path: string): void {
  if (!isRecord(task)) throw wrong(`${path}.kwargs.task`, task, 'an object');
  listOf(it, `${path}.kwargs.it`);
}

/** The same as `whole` for a signature that becomes part of another: a map is the plain task it runs as. */
export function part(data: unknown, path?: string): SignatureData {
  const given = whole(data, path);
  return isTask(given) && given.subtask_type !== null ? { ...given, subtask_type: null, immutable: true } : given;
}

function recordOf(value: unknown, path: string): SignatureData['kwargs'] {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw wrong(path, value, 'an object');
  return value;
}

function listOf(value: unknown, path: string, what = 'an array'): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(path, value, what);
  return value;
}

export function wrong(path: string, found: unknown, expected: string): EncodeError {
  return new EncodeError(`${path} is ${kindOf(found)}; expected ${expected}.`, { path });
}

/** Neither a chain, a group nor a chord. */
export function isTask({ subtask_type: type }: SignatureData): boolean {
  return type !== 'chain' && type !== 'group' && type !== 'chord';
}

function partsOf(list: unknown): readonly SignatureData[] {
  return listOf(list, 'signature', LIST).map((data) => part(data));
}

/** Of a chain or a group. */
export function tasksOf({ kwargs }: SignatureData): readonly SignatureData[] {
  return partsOf(kwargs['tasks']);
}

/** A chord's header is a list; once frozen or stamped a group, whose own options are left behind. */
export function headerOf({ kwargs: { header } }: SignatureData): readonly SignatureData[] {
  return Array.isArray(header) ? partsOf(header) : membersOf(part(header));
}

export function hasBody({ kwargs: { body } }: SignatureData): boolean {
  return body !== undefined && body !== null;
}

export function bodyOf(chord: SignatureData): SignatureData {
  if (!hasBody(chord)) throw noBody();
  return part(chord.kwargs['body']);
}

export function noBody(): ImproperlyConfigured {
  return new ImproperlyConfigured('The chord has no body: give it the task to call with the results of its header.');
}

export function isEmptyGroup(data: SignatureData): boolean {
  return data.subtask_type === 'group' && tasksOf(data).length === 0;
}

/** A group of one is its member; anything else is itself. */
export function unrolled(data: SignatureData): SignatureData {
  const [only, ...others] = data.subtask_type === 'group' ? tasksOf(data) : [];
  return only === undefined || others.length > 0 ? data : only;
}

type Options = SignatureData['options'];

export function canvas(type: 'chain' | 'group', tasks: readonly SignatureData[], options: Options = {}): SignatureData {
  return { task: `celery.${type}`, args: [], kwargs: { tasks }, options, subtask_type: type, immutable: false };
}

/** A chord over the tasks of a group or a chain, whose own options are left behind, or over one task. */
export function chordOver(header: SignatureData, body: SignatureData): SignatureData {
  const kwargs = { kwargs: {}, header: membersOf(header), body };
  return { task: 'celery.chord', args: [], kwargs, options: {}, subtask_type: 'chord', immutable: false };
}

/** Copies: of the tasks of a group or a chain, or of one task. */
function membersOf(header: SignatureData): readonly SignatureData[] {
  const copy = cloned(header);
  return isTask(copy) || copy.subtask_type === 'chord' ? [copy] : tasksOf(copy);
}

export function withTasks(data: SignatureData, tasks: readonly SignatureData[]): SignatureData {
  return { ...data, kwargs: { tasks } };
}

export function withHeader(chord: SignatureData, header: readonly SignatureData[] | SignatureData): SignatureData {
  return { ...chord, kwargs: { ...chord.kwargs, header } };
}

export function withBody(chord: SignatureData, body: SignatureData): SignatureData {
  return { ...chord, kwargs: { ...chord.kwargs, body } };
}

/** As celery.canvas clones: a chain and a group lose their args and their immutability by it, and so do those in a chain and in a chord. */
export function cloned(data: SignatureData): SignatureData {
  const { options } = data;
  switch (data.subtask_type) {
    case 'chain':
      return canvas('chain', tasksOf(data).map(cloned), options);
    case 'group':
      return canvas('group', tasksOf(data), options);
    case 'chord': {
      const header = headerOf(data);
      // Members of a group are shared, as ever.
      const copy = withHeader(data, Array.isArray(data.kwargs['header']) ? header.map(cloned) : header);
      return hasBody(data) ? withBody(copy, cloned(bodyOf(data))) : copy;
    }
    default:
      return part(data);
  }
}
