/** What takes a running task's place (celery Task.replace), and what joins it in its chord (Task.add_to_chord), under ids given here. */

import { ImproperlyConfigured } from '../errors.ts';
import type { Embed, SignatureData } from '../wire/message.ts';
import { linksOf } from './callbacks.ts';
import { pipeAll } from './chaining.ts';
import { withCall } from './compose.ts';
import { createFreezer } from './freezer.ts';
import { extendLinks, link, linkError } from './links.ts';
import { readNode, writeNode } from './node-data.ts';
import { chordNode, type Node, taskNode } from './nodes.ts';
import { part } from './parts.ts';
import type { PlanCall } from './plan.ts';

/** What a replacement takes over from the task it stands in for. */
export interface ReplacedRequest extends Partial<Embed> {
  readonly id: string;
  readonly group: string | null;
  readonly groupIndex: number | null;
  readonly rootId: string | null;
  /** Default 0. */
  readonly replacedTaskNesting?: number;
}

export type ReplacingCall = Pick<PlanCall, 'newId' | 'replyTo' | 'errbacksOnChordHeader'>;

/**
 * The signature to send in place of a running task: with its id, its place in group and chord, its links, and the rest of its chain.
 *
 * @throws ImproperlyConfigured for a part of another chord, and for an empty chain
 */
export function replacement(request: ReplacedRequest, signature: SignatureData, call: ReplacingCall): SignatureData {
  const { errbacksOnChordHeader: onHeader = false } = call;
  const replacing = linkedLike(request, replacingNode(signature), onHeader);
  createFreezer(call).freeze(replacing, { id: request.id });
  const nesting = { replaced_task_nesting: (request.replacedTaskNesting ?? 0) + 1 };
  replacing.options = { ...replacing.options, ...placeOf(request), ...nesting };
  if (replacing.kind === 'chain') for (const task of replacing.tasks) task.options = { ...task.options, ...nesting };
  const followers = (request.chain ?? []).map((step) => withCall(part(step), { options: nesting })).reverse();
  return pipeAll(writeNode(replacing), followers, onHeader);
}

/** A group can only be linked as a chord: one that gives its results on. */
function replacingNode(signature: SignatureData): Node {
  const node = readNode(signature);
  if (!isAbsent(node.options['chord'])) throw new ImproperlyConfigured('A signature that replaces a task cannot be part of a chord.');
  if (node.kind === 'group') return chordNode(node, accumulate());
  if (node.kind !== 'chain') return node;
  const last = node.tasks.at(-1);
  if (last === undefined) throw new ImproperlyConfigured('Cannot replace with an empty chain');
  if (last.kind === 'group') node.tasks = [...node.tasks.slice(0, -1), chordNode(last, accumulate())];
  return node;
}

const accumulate = (): Node => taskNode('celery.accumulate', { kwargs: { index: 0 } });

/** Callbacks of a chain are called by its last task, though more may follow. */
function linkedLike({ callbacks, errbacks }: ReplacedRequest, node: Node, onHeader: boolean): Node {
  for (const callback of callbacks ?? []) link(node, callback);
  for (const errback of errbacks ?? []) linkError(node, errback, onHeader);
  if (node.kind !== 'chain' || !Object.hasOwn(node.options, 'link')) return node;
  const { link: links, ...options } = node.options;
  extendLinks(node.tasks.at(-1)!, 'link', linksOf(links));
  node.options = options;
  return node;
}

function placeOf({ chord, group, groupIndex, rootId }: ReplacedRequest): Record<string, unknown> {
  return { chord: chord ?? null, group_id: group, group_index: groupIndex, root_id: rootId };
}

/** The signature to send as one more part of the running task's chord. @throws ImproperlyConfigured when the task is part of none */
export function chordAddition(request: ReplacedRequest, signature: SignatureData, call: ReplacingCall): SignatureData {
  if (isAbsent(request.chord)) throw new ImproperlyConfigured('The running task is part of no chord, so nothing can be added to it.');
  const node = readNode(signature);
  node.options = { ...node.options, ...placeOf(request) };
  createFreezer(call).freeze(node, {});
  return writeNode(node);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
