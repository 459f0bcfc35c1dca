/** What sending a task, a map, a chain or a group comes to (celery.canvas apply_async). Call options that are null count as not given. */

import { ImproperlyConfigured } from '../errors.ts';
import { linksOf } from './callbacks.ts';
import { freezeGroup } from './freezing.ts';
import { type FrozenResult, groupResultOf } from './frozen-result.ts';
import { bodyOf, extendLinks } from './links.ts';
import {
  type ChainNode,
  clone,
  type GroupNode,
  groupNode,
  KEPT_OPTIONS,
  mergedArgs,
  mergedKwargs,
  mergedOptions,
  type Node,
  type Options,
  overlaid,
  type TaskNode,
  taskNode,
} from './nodes.ts';
import { type ChordOption, chordOption, type NodeCall, type Planner, textOption } from './planner.ts';
import { prepareSteps } from './steps.ts';

export function sendTask(node: TaskNode, call: NodeCall, planner: Planner): FrozenResult {
  if (node.subtaskType !== null) return sendMap(node, call, planner);
  const { route_name: _consumed, ...given } = call.options;
  return planner.emit(
    node.task,
    mergedArgs(node, call.args),
    mergedKwargs(node, call.kwargs),
    mergedOptions(node.options, withoutNulls(given)),
  );
}

/** A map is one task, routed like the task it maps; chunks are a group of them. */
function sendMap(node: TaskNode, { options }: NodeCall, planner: Planner): FrozenResult {
  const { task, it, n } = node.kwargs as { task: { task: string }; it: readonly unknown[]; n: unknown };
  if (node.subtaskType === 'chunks') return planner.send(chunksGroup(task, it, n), { args: [], kwargs: {}, options });
  const merged = mergedOptions(node.options, withoutNulls(options));
  return planner.emit(node.task, [], { task, it }, { ...merged, route_name: merged['route_name'] ?? task.task });
}

function chunksGroup(task: unknown, it: readonly unknown[], size: unknown): GroupNode {
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1)
    throw new ImproperlyConfigured('Chunks need the number of items in each: an integer of at least 1.');
  const parts = Array.from({ length: Math.ceil(it.length / size) }, (_, index) => it.slice(index * size, (index + 1) * size));
  return groupNode(parts.map((part) => taskNode('celery.starmap', { kwargs: { task, it: part }, immutable: true })));
}

function withoutNulls(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== undefined));
}

export function sendChain(node: ChainNode, call: NodeCall, planner: Planner): FrozenResult {
  const {
    link,
    link_error,
    task_id,
    group_id,
    group_index,
    chord,
    root_id,
    parent_id: _unused,
    ...rest
  } = { ...node.options, ...call.options };
  const { steps, results } = prepareSteps(
    node,
    {
      args: mergedArgs(node, call.args),
      kwargs: call.kwargs,
      errbacks: linksOf(link_error),
      placing: {
        id: textOption({ task_id }, 'task_id'),
        groupId: textOption({ group_id }, 'group_id'),
        groupIndex: typeof group_index === 'number' ? group_index : undefined,
        chord: chordOption(chord),
        rootId: textOption({ root_id }, 'root_id'),
      },
      copying: true,
    },
    planner,
  );
  if (steps.length === 0) throw new ImproperlyConfigured('A chain without tasks cannot be sent.');
  const callbacks = linksOf(link);
  if (callbacks.length > 0) extendLinks(steps[0]!, 'link', callbacks);
  const first = steps.pop()!;
  const followers = [...linksOf(rest['chain']), ...steps];
  const sent = planner.send(first, { args: [], kwargs: {}, options: { ...rest, chain: followers } });
  return steps.length === 0 ? sent : results[0]!;
}

/** Sends the members; what is sent as one group of one group is that group. */
export function sendGroup(
  node: GroupNode,
  { args, kwargs, options: given }: NodeCall,
  planner: Planner,
  noting = noteStrayChord,
): FrozenResult {
  const { add_to_parent, link, link_error, ...options } = given;
  if (!isAbsent(link) || !isAbsent(link_error))
    throw new ImproperlyConfigured('A group cannot be linked when it is sent: link its members, or make it the header of a chord.');
  if (node.tasks.length === 0) return freezeGroup(clone(node), {}, planner);
  const merged = overlaid(node.options, options, KEPT_OPTIONS);
  const { task_id, chord, group_index: _one, add_to_parent: _two, ...passedOn } = merged;
  const groupId = textOption(merged, 'task_id') ?? planner.newId();
  const members = prepared(node, groupId, textOption(merged, 'root_id'), planner);
  const results = members.map(({ result }) => result);
  noting({ groupId, members, results, chord: chordOption(chord) }, planner);
  for (const { node: member } of members) {
    const ofMember = { ...passedOn, group_id: groupId, add_to_parent: false, chord: chordOption(chord) ?? member.options['chord'] ?? null };
    planner.send(member, { args, kwargs, options: ofMember });
  }
  const only = results.length === 1 ? results[0]! : undefined;
  const result = only?.members === undefined ? groupResultOf(groupId, results) : only;
  if (add_to_parent !== false) planner.trail(result);
  return result;
}

interface Member {
  readonly node: Node;
  readonly result: FrozenResult;
}

export interface GroupSent {
  readonly groupId: string;
  readonly members: readonly Member[];
  readonly results: readonly FrozenResult[];
  /** Named by the call or by the group itself. */
  readonly chord: ChordOption | undefined;
}

/** Copies with their ids. Groups in the group are dissolved, and their members counted anew. */
function prepared(group: GroupNode, groupId: string, rootId: string | undefined, planner: Planner): Member[] {
  return group.tasks.flatMap((task, groupIndex) => {
    const node = clone(task);
    if (node.kind === 'group') return prepared(node, groupId, rootId, planner);
    if (node.kind === 'chain' && node.tasks.length === 0) return [];
    return [{ node, result: planner.freeze(node, { groupId, rootId, groupIndex }) }];
  });
}

/** A group that is no header, yet whose members say which chord they are part of: of this group, or nobody counts them here. */
function noteStrayChord({ groupId, members, results, chord }: GroupSent, planner: Planner): void {
  const body = chord ?? chordOption(members.at(-1)?.node.options['chord']);
  if (body === undefined || !members.some(({ node }) => countsFor(groupId, node))) return;
  planner.note({ groupId, size: completions(members.map(({ node }) => node)), header: groupResultOf(groupId, results), body });
}

/** Whether a member counts for this group: those frozen as part of another one before still count for that. */
function countsFor(groupId: string, node: Node): boolean {
  if (node.kind === 'chain') return countsFor(groupId, node.tasks.at(-1)!);
  if (node.kind === 'chord') return countsFor(groupId, bodyOf(node));
  if (node.kind === 'group') return node.tasks.some((member) => countsFor(groupId, member));
  return (node.options['group_id'] ?? groupId) === groupId;
}

/** How many ends a chord waits for: of a chain its last step's, of a chord its body's. */
export function completions(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => sum + completionsOf(node), 0);
}

function completionsOf(node: Node): number {
  switch (node.kind) {
    case 'task':
      return 1;
    case 'group':
      return completions(node.tasks);
    case 'chord':
      return completionsOf(bodyOf(node));
    case 'chain':
      for (const step of node.tasks.toReversed()) {
        const size = completionsOf(step);
        if (size > 0) return size;
      }
      return 0;
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
