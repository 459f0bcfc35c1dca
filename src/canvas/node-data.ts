/** Signatures as data ↔ nodes. Reading copies, so that nothing the caller holds is changed, and says what is wrong with a malformed one. */

import { EncodeError, ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord, kindOf } from '../wire/records.ts';
import { chainNode, chordNode, groupNode, isNode, type MapType, type Node, type Options, taskNode } from './nodes.ts';

/**
 * Canvases in canvases; each group that something follows makes two. What is received cannot be as deep, as the wire's own limit of 64 counts
 * every array and object.
 */
export const MAX_NESTING = 256;

/** Copies a signature and the signatures in it. @throws EncodeError for a malformed one, ImproperlyConfigured when it is nested too deeply */
export function readNode(data: SignatureData): Node {
  return read(data, 'signature', 0);
}

/** The same for a signature that becomes part of another: a map is the plain task it runs as. */
export function readPart(data: SignatureData): Node {
  return read(data, 'signature', 1);
}

function read(data: unknown, path: string, depth: number): Node {
  if (depth > MAX_NESTING)
    throw new ImproperlyConfigured(`The canvas is nested more than ${MAX_NESTING} levels deep, or contains itself: flatten it.`);
  const fields = recordOf(data, path);
  const { task, immutable } = fields;
  if (typeof task !== 'string' || task === '') throw wrong(`${path}.task`, task, 'a task name');
  const args = listOf(fields['args'], `${path}.args`);
  const kwargs = recordOf(fields['kwargs'] ?? {}, `${path}.kwargs`);
  const options = { ...recordOf(fields['options'] ?? {}, `${path}.options`) };
  const given = { args, options, immutable: immutable === true };
  const tasks = (): Node[] => readList(kwargs['tasks'], `${path}.kwargs.tasks`, depth + 1);
  const type = (fields['subtask_type'] ?? null) as string | null;
  switch (type) {
    case null:
      return taskNode(task, { ...given, kwargs });
    case 'xmap':
    case 'xstarmap':
    case 'chunks':
      return readMap(type, task, { ...given, kwargs }, path, depth);
    case 'chain':
      return chainNode(tasks(), given);
    case 'group':
      return groupNode(tasks(), given);
    case 'chord':
      return readChord(task, kwargs, given, path, depth);
    default:
      throw wrong(`${path}.subtask_type`, type, 'chain, group, chord, xmap, xstarmap, chunks or null');
  }
}

interface Given {
  readonly args: readonly unknown[];
  readonly options: Options;
  readonly immutable: boolean;
}

/** Inside a canvas a map is the plain task it runs as. */
function readMap(type: MapType, task: string, given: Given & { kwargs: Options }, path: string, depth: number): Node {
  if (depth > 0) return taskNode(task, { ...given, immutable: true });
  const { kwargs } = given;
  recordOf(kwargs['task'], `${path}.kwargs.task`);
  if (!Array.isArray(kwargs['it'])) throw wrong(`${path}.kwargs.it`, kwargs['it'], 'an array');
  return taskNode(task, { ...given, immutable: true, subtaskType: type });
}

function readChord(task: string, kwargs: Options, given: Given, path: string, depth: number): Node {
  const { header, body, ...rest } = kwargs;
  const headerPath = `${path}.kwargs.header`;
  const members = Array.isArray(header) ? readList(header, headerPath, depth + 1) : read(header, headerPath, depth + 1);
  const then = body === undefined || body === null ? undefined : read(body, `${path}.kwargs.body`, depth + 1);
  return chordNode(members, then, { ...given, task, rest });
}

function readList(value: unknown, path: string, depth: number): Node[] {
  if (!Array.isArray(value)) throw wrong(path, value, 'an array of signatures');
  return value.map((member, index) => read(member, `${path}[${index}]`, depth));
}

function recordOf(value: unknown, path: string): Options {
  if (!isRecord(value)) throw wrong(path, value, 'an object');
  return value;
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(path, value, 'an array');
  return value;
}

function wrong(path: string, found: unknown, expected: string): EncodeError {
  return new EncodeError(`${path} is ${kindOf(found)}; expected ${expected}.`, { path });
}

/** Writes nodes as data. The body that every part of a chord carries is written once. */
export class NodeWriter {
  readonly #chords = new Map<Node, SignatureData>();

  write(node: Node): SignatureData {
    const { task, args, immutable } = node;
    return {
      task,
      args,
      kwargs: this.#kwargs(node),
      options: this.options(node.options),
      subtask_type: node.kind === 'task' ? node.subtaskType : node.kind,
      immutable,
    };
  }

  /** Options with the nodes in them as data. */
  options(options: Options): Options {
    const { chord, chain } = options;
    if (!isNode(chord) && !Array.isArray(chain)) return { ...options };
    const written = { ...options };
    if (isNode(chord)) written['chord'] = this.shared(chord);
    if (Array.isArray(chain)) written['chain'] = chain.map((step) => (isNode(step) ? this.write(step) : step));
    return written;
  }

  #kwargs(node: Node): Readonly<Record<string, unknown>> {
    if (node.kind === 'task') return node.kwargs;
    if (node.kind !== 'chord') return { tasks: node.tasks.map((member) => this.write(member)) };
    const { header, body } = node;
    return {
      ...node.rest,
      header: Array.isArray(header) ? header.map((member) => this.write(member)) : this.write(header),
      body: body === undefined ? null : this.write(body),
    };
  }

  /** A node that several others name, and that is not changed any more. */
  shared(chord: Node): SignatureData {
    const known = this.#chords.get(chord);
    if (known !== undefined) return known;
    const written = this.write(chord);
    this.#chords.set(chord, written);
    return written;
  }
}

/** A node as data. */
export function writeNode(node: Node): SignatureData {
  return new NodeWriter().write(node);
}
