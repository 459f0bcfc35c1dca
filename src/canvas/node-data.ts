/** Signatures as data ↔ nodes. Reading copies, so that nothing the caller holds is changed, and says what is wrong with a malformed one. */

import type { SignatureData } from '../wire/message.ts';
import { chainNode, chordNode, groupNode, isNode, type Node, type Options, taskNode } from './nodes.ts';
import { checkDepth, checkMap, part, whole, wrong } from './parts.ts';

/** Copies a signature and the signatures in it. @throws EncodeError for a malformed one, ImproperlyConfigured when it is nested too deeply */
export function readNode(data: SignatureData): Node {
  return read(data, 'signature', 0);
}

function read(data: unknown, path: string, depth: number): Node {
  checkDepth(depth);
  const given = depth > 0 ? part(data, path) : whole(data, path);
  const { task, kwargs, subtask_type: type } = given;
  const options = { ...given.options };
  switch (type) {
    case 'xmap':
    case 'xstarmap':
    case 'chunks':
      checkMap(kwargs, path);
      return taskNode(task, { ...given, options, immutable: true, subtaskType: type });
    case 'chain':
      return chainNode(readList(kwargs['tasks'], `${path}.kwargs.tasks`, depth + 1), { ...given, options });
    case 'group':
      return groupNode(readList(kwargs['tasks'], `${path}.kwargs.tasks`, depth + 1), { ...given, options });
    case 'chord':
      return readChord({ ...given, options }, path, depth);
    default:
      return taskNode(task, { ...given, options });
  }
}

function readChord({ task, kwargs, ...given }: SignatureData, path: string, depth: number): Node {
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
