/** `left | right` of every kind (celery.canvas __or__), and `chain(...)` of many in one pass. What is given may be built into the outcome. */

import { bodyOf } from './links.ts';
import { type ChainNode, type ChordNode, chainNode, chordNode, clone, isEmptyGroup, type Node, unrolled } from './nodes.ts';
import { unchained } from './unchaining.ts';

/** How pipes treat errbacks on headers: as the setting says. */
type OnHeader = boolean;

export function pipeNodes(left: Node, right: Node, onHeader: OnHeader): Node {
  switch (left.kind) {
    case 'task':
      return pipeTask(left, right, onHeader);
    case 'chain':
      return pipeChain(left, right, onHeader);
    case 'group':
      return isEmptyGroup(right) ? left : chordNode(left, right);
    case 'chord':
      return pipeChord(left, right, onHeader);
  }
}

function pipeTask(left: Node, right: Node, onHeader: OnHeader): Node {
  if (right.kind === 'chain') return chainNode([left, ...unchained(right, onHeader)]);
  return chainNode([left, unrolled(right)]);
}

/** What follows a chord is done by its body; a chain or a group after it makes a chain. */
function pipeChord(left: ChordNode, right: Node, onHeader: OnHeader): Node {
  const next = unrolled(right);
  if (right.kind === 'chain' || next.kind === 'group') return pipeTask(left, right, onHeader);
  const copy = clone(left);
  copy.body = pipeNodes(bodyOf(copy), next, onHeader);
  return copy;
}

function pipeChain(left: ChainNode, right: Node, onHeader: OnHeader): Node {
  if (isEmptyGroup(right)) return left;
  if (right.kind === 'chain') return pipeAll(left, unchained(right, onHeader), onHeader);
  const next = unrolled(right);
  if (right.kind === 'group') return next.kind === 'group' ? pipeChainToGroup(left, next, onHeader) : pipeChain(left, next, onHeader);
  const last = left.tasks.at(-1);
  if (last?.kind === 'group') return withChordAtEnd(left, right, onHeader);
  if (last?.kind !== 'chord' || right.kind === 'chord') return chainNode([...unchained(left, onHeader), right]);
  const copy = clone(left);
  followed(copy.tasks.at(-1) as ChordNode, right, onHeader);
  return copy;
}

function pipeChainToGroup(left: ChainNode, group: Node, onHeader: OnHeader): Node {
  const tasks = unchained(left, onHeader);
  const last = tasks.at(-1);
  if (last === undefined) return group;
  if (last.kind === 'chord') followed(last, group, onHeader);
  else tasks.push(group);
  return chainNode(tasks);
}

/** A copy of the chain, options and all, its last group made a chord. */
function withChordAtEnd(chain: ChainNode, body: Node, onHeader: OnHeader): ChainNode {
  const copy = clone(chain);
  addChord(copy.tasks, chordNode(copy.tasks.pop()!, body), onHeader);
  return copy;
}

/** Has the chord's body followed by `next`, in place. A body that is a chain is added to, as copying it for each step would be quadratic. */
function followed(chord: ChordNode, next: Node, onHeader: OnHeader): void {
  const body = bodyOf(chord);
  if (body.kind !== 'chain' || hasOptions(body)) chord.body = pipeNodes(body, next, onHeader);
  else chord.body = added(body.tasks, next, onHeader) ?? body;
}

const hasOptions = ({ options }: Node): boolean => Object.keys(options).length > 0;

/** `left | first | second …`: what has come about on the way is added to in place, as copying it each time would be quadratic. */
export function pipeAll(left: Node, rights: readonly Node[], onHeader: OnHeader): Node {
  let piped = left;
  let isOwn = false;
  for (const right of rights) {
    const before = piped;
    if (isOwn && piped.kind === 'chain') piped = added(piped.tasks, right, onHeader) ?? piped;
    else if (isOwn && piped.kind === 'chord' && right.kind === 'task') followed(piped, right, onHeader);
    else piped = pipeNodes(piped, right, onHeader);
    // A chord is a copy once something has followed it.
    isOwn = piped.kind === 'chain' ? !hasOptions(piped) && (isOwn || piped !== left) : before.kind === 'chord';
  }
  return piped;
}

/** `chain([first, second, …])`. */
export function chainOf(nodes: readonly Node[], onHeader: OnHeader): Node {
  const steps: Node[] = [];
  for (const [index, node] of nodes.entries()) {
    const other = added(steps, index === nodes.length - 1 ? node : cloneUnlessChain(node), onHeader);
    if (other !== undefined) return pipeAll(other, nodes.slice(index + 1), onHeader);
  }
  const last = steps.pop();
  return chainNode(last === undefined ? [] : [...steps.map((step) => clone(step)), last]);
}

/** The tasks of a chain are copied where it is taken apart. */
const cloneUnlessChain = (node: Node): Node => (node.kind === 'chain' ? node : clone(node));

/** Adds a step in place by the rules of `|`. @returns what it comes to where that is no chain any more */
function added(steps: Node[], given: Node, onHeader: OnHeader): Node | undefined {
  if (isEmptyGroup(given)) return undefined;
  if (given.kind === 'chain') return addedAll(steps, unchained(given, onHeader), onHeader);
  const next = unrolled(given);
  if (given.kind === 'group' && next.kind !== 'group') return added(steps, next, onHeader);
  const last = steps.pop();
  if (last === undefined && next.kind === 'group') return next;
  if (last?.kind === 'chord' && next.kind !== 'chord') {
    followed(last, next, onHeader);
    steps.push(last);
  } else if (last?.kind === 'group' && next.kind !== 'group') addChord(steps, chordNode(last, next), onHeader);
  else steps.push(...(last === undefined ? [next] : [clone(last), next]));
  return undefined;
}

/** The body of a chord before it calls that one. */
function addChord(steps: Node[], chord: ChordNode, onHeader: OnHeader): void {
  const before = steps.at(-1);
  if (before?.kind === 'chord') followed(before, chord, onHeader);
  else steps.push(chord);
}

function addedAll(steps: Node[], tasks: readonly Node[], onHeader: OnHeader): Node | undefined {
  for (const [index, task] of tasks.entries()) {
    const other = added(steps, task, onHeader);
    if (other !== undefined) return pipeAll(other, tasks.slice(index + 1), onHeader);
  }
  return undefined;
}
