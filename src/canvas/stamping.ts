/**
 * Stamps (celery.canvas stamp, StampingVisitor): headers put on every task of a canvas and on its links. Only tasks keep them; what a chain,
 * a group or a chord adds is for what is in it.
 */

import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { linksOf } from './links.ts';
import { readNode, writeNode } from './node-data.ts';
import { type ChainNode, type ChordNode, type GroupNode, groupNode, headerTasks, type Node, type TaskNode } from './nodes.ts';

/** Stamps by name: what is put on signatures and travels as headers. */
export type Stamps = Readonly<Record<string, unknown>>;

/**
 * Who decides on stamps, asked on the way through a canvas (celery.canvas.StampingVisitor). Each method is given a signature and the
 * stamps so far, their names in `stamped_headers`, and gives those to add: all of them, or those that `stamped_headers` among them names.
 */
export interface StampingVisitor {
  onSignature(signature: SignatureData, stamps: Stamps): Stamps | undefined;
  onGroupStart?(group: SignatureData, stamps: Stamps): Stamps | undefined;
  onGroupEnd?(group: SignatureData, stamps: Stamps): void;
  onChainStart?(chain: SignatureData, stamps: Stamps): Stamps | undefined;
  onChainEnd?(chain: SignatureData, stamps: Stamps): void;
  /** Default: onGroupStart with the header as a group. */
  onChordHeaderStart?(chord: SignatureData, stamps: Stamps): Stamps | undefined;
  /** Default: onGroupEnd with the header as a group. */
  onChordHeaderEnd?(chord: SignatureData, stamps: Stamps): void;
  /** The body of a chord is stamped by visitors only. */
  onChordBody?(chord: SignatureData, stamps: Stamps): Stamps | undefined;
  onCallback?(callback: SignatureData, stamps: Stamps): Stamps | undefined;
  onErrback?(errback: SignatureData, stamps: Stamps): Stamps | undefined;
}

interface Stamping {
  readonly visitor: StampingVisitor | undefined;
  /** A stamp that is there already becomes a list of both, rather than staying as it is. */
  readonly append: boolean;
}

/** Stamps a node in place. */
export function stampNode(node: Node, stamping: Stamping, stamps: Stamps): void {
  switch (node.kind) {
    case 'task':
      stampTask(node, stamping, stamps);
      return;
    case 'chain':
      stampChain(node, stamping, stamps);
      return;
    case 'group':
      stampGroup(node, stamping, stamps);
      return;
    case 'chord':
      stampChord(node, stamping, stamps);
  }
}

function stampTask(node: TaskNode, stamping: Stamping, stamps: Stamps): void {
  stampLinks(node, stamping, stamps);
  const own = asked(stamping, (visitor) => visitor.onSignature(writeNode(node), stamps));
  node.options = { ...node.options, ...collected(stamps, own, stamping, node) };
}

function stampChain(node: ChainNode, stamping: Stamping, stamps: Stamps): void {
  const { visitor } = stamping;
  const all = collected(
    stamps,
    asked(stamping, () => visitor?.onChainStart?.(writeNode(node), stamps)),
    stamping,
    node,
  );
  stampLinks(node, { visitor, append: false }, all);
  for (const task of node.tasks) stampNode(task, stamping, all);
  visitor?.onChainEnd?.(writeNode(node), all);
}

function stampGroup(node: GroupNode, stamping: Stamping, stamps: Stamps): void {
  const { visitor } = stamping;
  const all = collected(
    stamps,
    asked(stamping, () => visitor?.onGroupStart?.(writeNode(node), stamps)),
    stamping,
    node,
  );
  stampLinks(node, stamping, all);
  for (const task of node.tasks) stampNode(task, stamping, all);
  visitor?.onGroupEnd?.(writeNode(node), all);
}

function stampChord(node: ChordNode, stamping: Stamping, stamps: Stamps): void {
  const { visitor } = stamping;
  let all = collected(
    stamps,
    asked(stamping, (asking) => askedOfHeader(node, asking, stamps)),
    stamping,
    node,
  );
  stampLinks(node, stamping, all);
  for (const task of headerTasks(node)) stampNode(task, stamping, all);
  if (visitor === undefined) return;
  if (visitor.onChordHeaderEnd !== undefined) visitor.onChordHeaderEnd(writeNode(node), all);
  else if (!Array.isArray(node.header)) visitor.onGroupEnd?.(writeNode(node.header), all);
  if (node.body === undefined) return;
  all = collected(
    all,
    asked(stamping, () => visitor.onChordBody?.(writeNode(node), all)),
    stamping,
    node,
  );
  stampNode(node.body, stamping, all);
}

function askedOfHeader(node: ChordNode, visitor: StampingVisitor, stamps: Stamps): Stamps | undefined {
  if (visitor.onChordHeaderStart !== undefined) return visitor.onChordHeaderStart(writeNode(node), stamps);
  if (Array.isArray(node.header)) node.header = groupNode(node.header);
  return visitor.onGroupStart?.(writeNode(node.header), stamps);
}

/** What a visitor says, nothing included; undefined where there is no visitor. */
function asked({ visitor }: Stamping, ask: (visitor: StampingVisitor) => Stamps | undefined): Stamps | undefined {
  return visitor === undefined ? undefined : (ask(visitor) ?? {});
}

function stampLinks(node: Node, stamping: Stamping, stamps: Stamps): void {
  const { visitor } = stamping;
  stampLinkList(node, 'link', stamping, stamps, (link, sofar) => visitor?.onCallback?.(link, sofar));
  stampLinkList(node, 'link_error', stamping, stamps, (link, sofar) => visitor?.onErrback?.(link, sofar));
}

/** What a visitor says of one link holds for those after it. */
function stampLinkList(
  node: Node,
  option: 'link' | 'link_error',
  stamping: Stamping,
  stamps: Stamps,
  ask: (link: SignatureData, stamps: Stamps) => Stamps | undefined,
): void {
  let all = stamps;
  const links = linksOf(node.options[option]).map((link) => {
    all = collected(
      all,
      asked(stamping, () => ask(link, all)),
      stamping,
      undefined,
    );
    const copy = readNode(link);
    stampNode(copy, stamping, all);
    return writeNode(copy);
  });
  if (links.length > 0) node.options[option] = links;
}

/** The stamps so far, those of the visitor, and those a node has already. */
function collected(stamps: Stamps, own: Stamps | undefined, { append }: Stamping, node: Node | undefined): Stamps {
  let all = named(stamps);
  if (own !== undefined) all = mergedStamps(all, named(own), append);
  if (node === undefined) return withNames(all, []);
  const names = namesOf(node.options);
  const known = new Set([...namesOf(all), ...names]);
  const kept = Object.fromEntries(Object.entries(node.options).filter(([name]) => known.has(name)));
  return withNames(mergedStamps(all, kept, append), names);
}

function named(stamps: Stamps): Stamps {
  return Object.hasOwn(stamps, 'stamped_headers') ? stamps : { ...stamps, stamped_headers: Object.keys(stamps) };
}

function namesOf(stamps: Stamps): readonly unknown[] {
  const names = stamps['stamped_headers'];
  return Array.isArray(names) ? names : [];
}

function withNames(stamps: Stamps, more: readonly unknown[]): Stamps {
  return { ...stamps, stamped_headers: [...new Set([...namesOf(stamps), ...more])] };
}

/** Those of `first`, which win, and of `second`. Two lists are joined in any case. */
function mergedStamps(first: Stamps, second: Stamps, append: boolean): Stamps {
  const both = Object.entries(first).map(([name, value]) => [
    name,
    Object.hasOwn(second, name) ? joined(value, second[name], append) : value,
  ]);
  const others = Object.entries(second).filter(([name]) => !Object.hasOwn(first, name));
  return Object.fromEntries([...both, ...others]);
}

function joined(first: unknown, second: unknown, append: boolean): unknown {
  if (isRecord(first)) return isRecord(second) ? mergedStamps(first, second, append) : first;
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second];
  if (!append) return first;
  if (first === null) return [second];
  return Array.isArray(first) ? [...first, second] : [first, ...(Array.isArray(second) ? second : [second])];
}
