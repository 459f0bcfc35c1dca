/** Giving ids to tasks, groups and chords (celery.canvas freeze). Members of a group are copied first, all else is changed in place. */

import { ImproperlyConfigured } from '../errors.ts';
import { eldest, type FrozenResult, groupResultOf, resultOf } from './frozen-result.ts';
import { bodyOf } from './links.ts';
import { type ChordNode, clone, type GroupNode, groupNode, isEmptyGroup, isNode, type Node, type TaskNode } from './nodes.ts';
import { type ChordOption, type Freezer, type Placing, textOption } from './planner.ts';

export function freezeTask({ options }: TaskNode, placing: Placing, { newId, replyTo }: Freezer): FrozenResult {
  const id = textOption(options, 'task_id') ?? placing.id ?? newId();
  const { rootId, parentId, groupId, groupIndex, chord } = placing;
  options['task_id'] = id;
  if (rootId) options['root_id'] = rootId;
  if (parentId) options['parent_id'] = parentId;
  if (replyTo !== undefined && !Object.hasOwn(options, 'reply_to')) options['reply_to'] = replyTo;
  if (groupId && !Object.hasOwn(options, 'group_id')) options['group_id'] = groupId;
  placeInChord(options, chord, groupIndex);
  return resultOf(id);
}

/** A body that is an empty group counts as none. */
function placeInChord(options: Record<string, unknown>, chord: ChordOption | undefined, groupIndex: number | undefined): void {
  if (chord !== undefined && !(isNode(chord) && isEmptyGroup(chord))) options['chord'] = chord;
  if (groupIndex !== undefined) options['group_index'] = groupIndex;
}

/** Groups in the group are dissolved. */
export function freezeGroup(group: GroupNode, placing: Placing, freezer: Freezer): FrozenResult {
  const { options } = group;
  const { groupId, groupIndex, chord } = placing;
  const id = textOption(options, 'task_id') ?? freezer.newId();
  options['task_id'] = id;
  if (groupId) options['group_id'] = groupId;
  placeInChord(options, chord, groupIndex);
  options['root_id'] ??= placing.rootId ?? null;
  options['parent_id'] ??= placing.parentId ?? null;
  const passedOn = { groupId, chord, rootId: textOption(options, 'root_id'), parentId: textOption(options, 'parent_id') };
  const members = dissolved(group);
  const results = members.map((member, index) => freezer.freeze(member, { ...passedOn, groupIndex: index }));
  group.tasks = members;
  return groupResultOf(id, results);
}

/** Copies of the members, those of groups among them in Celery's order: reversed. Chains without tasks contribute nothing. */
function dissolved(group: GroupNode): Node[] {
  const members: Node[] = [];
  const waiting = [...group.tasks].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'group') for (const member of next.tasks) waiting.push(member);
    else if (next.kind !== 'chain' || next.tasks.length > 0) members.push(clone(next));
  }
  return members;
}

/** The header is frozen before the body, which it names; the body's result has the header's as its first ancestor. */
export function freezeChord(chord: ChordNode, { id, ...placing }: Placing, freezer: Freezer): FrozenResult {
  const { rootId, parentId, chord: outer, groupId, groupIndex } = placing;
  const header = Array.isArray(chord.header) ? groupNode(chord.header) : chord.header;
  chord.header = header;
  const headerResult = freezeGroup(header, { parentId, rootId, chord: chord.body }, freezer);
  chord.options['task_id'] = headerResult.id;
  const result = freezer.freeze(bodyOf(chord), { id, rootId, chord: outer, groupId, groupIndex });
  checkIds(result);
  eldest(result).parent = headerResult;
  return result;
}

function checkIds(result: FrozenResult): void {
  const seen = new Set<string>();
  for (let node: FrozenResult | undefined = result; node !== undefined; node = node.parent) {
    if (seen.has(node.id)) throw new ImproperlyConfigured(`The canvas has the task id '${node.id}' twice in one line of results.`);
    seen.add(node.id);
  }
}
