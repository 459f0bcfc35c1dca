/** Chains taken apart (celery.canvas _chain.prepare_steps): nested chains spliced, groups upgraded to chords, ids given, last step first. */

import { ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { eldest, type FrozenResult } from './frozen-result.ts';
import { bodyOf, linkError } from './links.ts';
import {
  type ChainNode,
  type ChordNode,
  chordNode,
  clone,
  cloneWith,
  headerTasks,
  isEmptyGroup,
  type Node,
  type Options,
  unrolled,
} from './nodes.ts';
import type { Freezer, Placing } from './planner.ts';
import { unchained } from './unchaining.ts';

export interface StepsCall {
  /** For the first step. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** For every step. */
  readonly errbacks: readonly SignatureData[];
  /** For the last step; its `rootId` for all. */
  readonly placing: Placing;
  /** Steps are copied before they are changed. Freezing alone changes them in place and leaves chords as they were written. */
  readonly copying: boolean;
}

/** Both in the order of the message field `chain`: the last step first. */
export interface PreparedSteps {
  readonly steps: Node[];
  readonly results: FrozenResult[];
}

export function prepareSteps(chain: ChainNode, call: StepsCall, freezer: Freezer): PreparedSteps {
  const steps: Node[] = [];
  const results: FrozenResult[] = [];
  const { rootId } = call.placing;
  const waiting = headFirst(chain.tasks, call.copying);
  let frozen = 0;
  let next: Node | undefined;
  let nextResult: FrozenResult | undefined;
  for (let given = waiting.pop(); given !== undefined; given = waiting.pop()) {
    const isFirst = waiting.length === 0;
    const taken = unrolled(given);
    if (isEmptyGroup(taken) && (!isFirst || next !== undefined)) continue;
    if (call.copying && taken.kind === 'chord' && isLedByTask(taken.body)) {
      waiting.push(...splitBody(taken, freezer.errbacksOnChordHeader));
      continue;
    }
    let step = withPartialArgs(taken, isFirst, call);
    if (step.kind === 'chain') {
      pushAll(waiting, step.tasks);
      continue;
    }
    if (step.kind === 'group' && next !== undefined) {
      step = upgraded(step, next, nextResult!, rootId);
      steps.pop();
      next = presentOrNone(steps.at(-1));
      nextResult = detached(results, results.pop()!) ?? nextResult;
    }
    const result = freezer.freeze(step, frozen === 0 ? call.placing : { rootId });
    frozen += 1;
    if (next !== undefined && nextResult !== undefined) nextResult.parent ??= result;
    for (const errback of call.errbacks) linkError(step, errback, freezer.errbacksOnChordHeader);
    steps.push(step);
    results.push(result);
    next = presentOrNone(step);
    // What comes before a chord is the parent of its header.
    nextResult = step.kind === 'chord' ? eldest(result) : result;
  }
  chain.options['task_id'] = results[0]?.id ?? call.placing.id ?? null;
  if (call.copying) for (const step of steps) stripHeaders(step);
  return { steps, results };
}

/** Freezes a chain in place: its result is that of its last step. */
export function freezeChain(chain: ChainNode, placing: Placing, freezer: Freezer): FrozenResult {
  const call: StepsCall = { args: chain.args, kwargs: {}, errbacks: [], placing, copying: false };
  const [result] = prepareSteps(chain, call, freezer).results;
  if (result === undefined) throw new ImproperlyConfigured('A chain without tasks cannot be sent.');
  return result;
}

/** An empty group is no task to follow. */
function presentOrNone(node: Node | undefined): Node | undefined {
  return node === undefined || isEmptyGroup(node) ? undefined : node;
}

function pushAll(list: Node[], more: readonly Node[]): void {
  for (const node of more) list.push(node);
}

/**
 * The steps, with a real task in front to take the partial arguments: leading chains are spliced, and leading empty groups left out
 * unless nothing follows them.
 */
function headFirst(tasks: readonly Node[], copying: boolean): Node[] {
  const waiting = [...tasks].reverse();
  let stripped: Node | undefined;
  for (let head = waiting.pop(); head !== undefined; head = waiting.pop()) {
    if (head.kind === 'chain') {
      pushAll(waiting, (copying ? clone(head) : head).tasks.toReversed());
      continue;
    }
    const real = unrolled(head);
    if (isEmptyGroup(real) && waiting.length > 0) {
      stripped = real;
      continue;
    }
    waiting.push(real);
    break;
  }
  if (waiting.length === 0 && stripped !== undefined) waiting.push(stripped);
  return waiting.reverse();
}

function withPartialArgs(step: Node, isFirst: boolean, { args, kwargs, copying }: StepsCall): Node {
  if (copying) return isFirst ? cloneWith(step, { args, kwargs }) : clone(step);
  if (isFirst) step.args = [...args, ...step.args];
  return step;
}

/** `group | task` as a chord. */
function upgraded(group: Node, body: Node, bodyResult: FrozenResult, rootId: string | undefined): ChordNode {
  const options: Options = { root_id: rootId ?? null };
  if (bodyResult.members === undefined) options['task_id'] = bodyResult.id;
  return chordNode(group, body, { options });
}

/** Takes the body's result out of the ancestors of the step after it, to have the chord's there instead. Gives the one without a parent. */
function detached(results: readonly FrozenResult[], bodyResult: FrozenResult): FrozenResult | undefined {
  let node = results.at(-1);
  while (node !== undefined && node.parent !== bodyResult) node = node.parent;
  if (node !== undefined) node.parent = undefined;
  return node;
}

/** Whether the body is a chain that begins with a task. One that begins with a group runs its next steps per member. */
function isLedByTask(body: Node | undefined): body is ChainNode {
  return body?.kind === 'chain' && body.tasks.length > 0 && body.tasks[0]!.kind !== 'group';
}

/** Splits the chords among the steps and in the chains among them: `chord(header, a | b)` is `chord(header, a) | b`. */
export function splitChords(chain: ChainNode, onHeader: boolean): void {
  const steps: Node[] = [];
  const waiting = chain.tasks.toReversed();
  for (let given = waiting.pop(); given !== undefined; given = waiting.pop()) {
    const step = given.kind === 'chain' ? clone(given) : given;
    if (step.kind === 'chain') splitChords(step, onHeader);
    if (step.kind === 'chord' && isLedByTask(step.body)) pushAll(waiting, splitBody(step, onHeader).reverse());
    else steps.push(step);
  }
  chain.tasks = steps;
}

/** What running a chain uses up; its other options are for its first task. */
const RUN_OPTIONS: ReadonlySet<string> = new Set([
  'chord',
  'group_id',
  'group_index',
  'link',
  'link_error',
  'parent_id',
  'root_id',
  'task_id',
]);

/** A chord with the first task of its chain of a body, and the other tasks: each part of the header carries one task, not all. */
function splitBody(chord: ChordNode, onHeader: boolean): Node[] {
  const copy = clone(chord);
  const body = bodyOf(copy) as ChainNode;
  const [first, ...others] = unchained(body, onHeader);
  const options = Object.fromEntries(Object.entries(body.options).filter(([name]) => !RUN_OPTIONS.has(name)));
  copy.body = cloneWith(first!, { options });
  return [copy, ...others];
}

/**
 * Takes the body of a chord off the tasks of its header: the chord itself carries it, and gives it to them when it is sent. Nested
 * chords would grow with each level otherwise.
 */
export function stripHeaders(node: Node): void {
  if (node.kind === 'task') return;
  if (node.kind === 'chord') {
    // Frozen, its header is a group.
    if (!Array.isArray(node.header)) stripEnd(node.header);
    for (const member of headerTasks(node)) stripHeaders(member);
    if (node.body !== undefined) stripHeaders(node.body);
  } else for (const member of node.tasks) stripHeaders(member);
}

/** Off the tasks that a chord would wait for. */
function stripEnd(node: Node): void {
  delete node.options['chord'];
  if (node.kind === 'group') for (const member of node.tasks) stripEnd(member);
  else if (node.kind === 'chain' && node.tasks.length > 0) stripEnd(node.tasks.at(-1)!);
  else if (node.kind === 'chord' && node.body !== undefined) stripEnd(node.body);
}
