/**
 * A canvas while it is worked on: a tree of our own nodes, copied from the caller's data, that may be changed freely.
 * Links in options stay data, as nothing looks into them; `options.chord` and `options.chain` may hold nodes.
 */

export type Options = Record<string, unknown>;

/** Tells a node from data of the same shape. */
const brand: unique symbol = Symbol('canvas node');

interface NodeBase {
  readonly [brand]: true;
  task: string;
  args: readonly unknown[];
  options: Options;
  immutable: boolean;
}

/** A plain task. A map that is called itself is told by its subtask type; as part of a canvas it is a plain task (celery clones it to one). */
export interface TaskNode extends NodeBase {
  readonly kind: 'task';
  kwargs: Readonly<Record<string, unknown>>;
  readonly subtaskType: MapType | null;
}

export interface ChainNode extends NodeBase {
  readonly kind: 'chain';
  tasks: Node[];
}

export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  tasks: Node[];
}

export interface ChordNode extends NodeBase {
  readonly kind: 'chord';
  /** Keywords for the header, beside whatever else stood among the chord's kwargs. */
  rest: Readonly<Record<string, unknown>>;
  /** A group once frozen or stamped, a list before. */
  header: Node[] | GroupNode;
  body: Node | undefined;
}

export type Node = TaskNode | ChainNode | GroupNode | ChordNode;

/** Kinds of signature with an apply_async of their own that run as one task, or as a group of them. */
export type MapType = 'xmap' | 'xstarmap' | 'chunks';

interface Given {
  readonly args?: readonly unknown[];
  readonly options?: Options;
  readonly immutable?: boolean;
}

interface TaskGiven extends Given {
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly subtaskType?: MapType | null;
}

export function taskNode(task: string, given: TaskGiven = {}): TaskNode {
  const { args = [], kwargs = {}, options = {}, immutable = false, subtaskType = null } = given;
  return { [brand]: true, kind: 'task', task, args, kwargs, options, immutable, subtaskType };
}

export function chainNode(tasks: Node[], { args = [], options = {}, immutable = false }: Given = {}): ChainNode {
  return { [brand]: true, kind: 'chain', task: 'celery.chain', args, tasks, options, immutable };
}

export function groupNode(tasks: Node[], { args = [], options = {}, immutable = false }: Given = {}): GroupNode {
  return { [brand]: true, kind: 'group', task: 'celery.group', args, tasks, options, immutable };
}

interface ChordGiven extends Given {
  readonly task?: string;
  readonly rest?: Readonly<Record<string, unknown>>;
}

const NO_KEYWORDS = Object.freeze({ kwargs: Object.freeze({}) });

/** A chord over a list, or over copies: of the tasks of a group or a chain, whose own options are left behind, or of one task. */
export function chordNode(header: Node | Node[], body: Node | undefined, given: ChordGiven = {}): ChordNode {
  const { task = 'celery.chord', args = [], options = {}, immutable = false, rest = NO_KEYWORDS } = given;
  const kept = Object.keys(rest).length === 0 ? NO_KEYWORDS : rest;
  return { [brand]: true, kind: 'chord', task, args, rest: kept, header: membersOf(header), body, options, immutable };
}

function membersOf(header: Node | Node[]): Node[] {
  if (Array.isArray(header)) return header;
  const copy = clone(header);
  return copy.kind === 'group' || copy.kind === 'chain' ? copy.tasks : [copy];
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && brand in value;
}

export function isEmptyGroup(node: Node): boolean {
  return node.kind === 'group' && node.tasks.length === 0;
}

/** A group of one is its member; anything else is itself. */
export function unrolled(node: Node): Node {
  return node.kind === 'group' && node.tasks.length === 1 ? node.tasks[0]! : node;
}

/** The tasks of a chord's header, whichever way they are kept. */
export function headerTasks(chord: ChordNode): Node[] {
  return Array.isArray(chord.header) ? chord.header : chord.header.tasks;
}

/**
 * A copy, as celery.canvas clones: members of a group are shared with it (whoever changes a member copies it first), those of a
 * chain and of a chord are copied. A chain and a group lose their args and their immutability by it.
 */
export function clone<T extends Node>(node: T): T;
export function clone(node: Node): Node {
  const options = { ...node.options };
  switch (node.kind) {
    case 'task':
      return taskNode(node.task, { args: node.args, kwargs: node.kwargs, options, immutable: node.immutable });
    case 'chain':
      return chainNode(node.tasks.map(clone), { options });
    case 'group':
      return groupNode([...node.tasks], { options });
    case 'chord': {
      const header = Array.isArray(node.header) ? node.header.map(clone) : node.header;
      const { task, args, immutable, rest, body } = node;
      return chordNode(header, body === undefined ? undefined : clone(body), { task, args, immutable, rest, options });
    }
  }
}

/** Options that a call cannot change: the completion of others depends on them. */
export const KEPT_OPTIONS: ReadonlySet<string> = new Set(['group_id', 'stamped_headers']);

/** A node's options with those of a call over them. Stamps stay as they are, like KEPT_OPTIONS. */
export function mergedOptions(own: Options, given: Options): Options {
  const stamped = own['stamped_headers'];
  return overlaid(own, given, Array.isArray(stamped) ? new Set([...KEPT_OPTIONS, ...stamped]) : KEPT_OPTIONS);
}

/** `given` over `own`, but for what `own` has of `kept`. */
export function overlaid(own: Options, given: Options, kept: ReadonlySet<unknown>): Options {
  const changes = Object.entries(given).filter(([name]) => !kept.has(name) || !Object.hasOwn(own, name));
  return changes.length === 0 ? { ...own } : { ...own, ...Object.fromEntries(changes) };
}

/** A call's arguments with a node's: put in front, unless the node takes none. */
export function mergedArgs(node: Node, args: readonly unknown[]): readonly unknown[] {
  return args.length === 0 || node.immutable ? node.args : [...args, ...node.args];
}

export function mergedKwargs(node: TaskNode, kwargs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return node.immutable ? node.kwargs : { ...node.kwargs, ...kwargs };
}

interface PartialCall {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly options?: Options;
}

/** A copy with partial arguments and options. A chain and a group drop the arguments. */
export function cloneWith<T extends Node>(node: T, partial: PartialCall): T;
export function cloneWith(node: Node, { args = [], kwargs = {}, options = {} }: PartialCall): Node {
  const copy = clone(node);
  copy.options = mergedOptions(node.options, options);
  if (copy.kind !== 'task' && copy.kind !== 'chord') return copy;
  copy.args = mergedArgs(node, args);
  if (node.immutable) return copy;
  if (copy.kind === 'task') copy.kwargs = { ...copy.kwargs, ...kwargs };
  else copy.rest = { ...copy.rest, ...kwargs };
  return copy;
}
