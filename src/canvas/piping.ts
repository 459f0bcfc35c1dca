/** `left | right` of every kind (celery.canvas __or__). */

import type { SignatureData } from '../wire/message.ts';
import { unchained } from './callbacks.ts';
import { bodyOf, canvas, chordOver, cloned, isEmptyGroup, tasksOf, unrolled, withBody, withTasks } from './parts.ts';

export interface LinkSettings {
  /** Celery's setting task_allow_error_cb_on_chord_header; default false. */
  readonly errbacksOnChordHeader?: boolean;
}

/** How pipes treat errbacks on headers: as the setting says. */
export type OnHeader = boolean;

export function pipeParts(left: SignatureData, right: SignatureData, onHeader: OnHeader): SignatureData {
  switch (left.subtask_type) {
    case 'chain':
      return pipeChain(left, right, onHeader);
    case 'group':
      return isEmptyGroup(right) ? left : chordOver(left, right);
    case 'chord':
      return pipeChord(left, right, onHeader);
    default:
      return pipeTask(left, right, onHeader);
  }
}

function pipeTask(left: SignatureData, right: SignatureData, onHeader: OnHeader): SignatureData {
  return canvas('chain', [left, ...(right.subtask_type === 'chain' ? unchained(right, onHeader) : [unrolled(right)])]);
}

/** What follows a chord is done by its body; a chain or a group after it makes a chain. */
function pipeChord(left: SignatureData, right: SignatureData, onHeader: OnHeader): SignatureData {
  const next = unrolled(right);
  if (right.subtask_type === 'chain' || next.subtask_type === 'group') return pipeTask(left, right, onHeader);
  return followed(cloned(left), next, onHeader);
}

function pipeChain(left: SignatureData, right: SignatureData, onHeader: OnHeader): SignatureData {
  if (isEmptyGroup(right)) return left;
  if (right.subtask_type === 'chain') return unchained(right, onHeader).reduce((piped, task) => pipeParts(piped, task, onHeader), left);
  const next = unrolled(right);
  if (right.subtask_type === 'group') return (next.subtask_type === 'group' ? pipeChainToGroup : pipeParts)(left, next, onHeader);
  const last = tasksOf(left).at(-1)?.subtask_type;
  if (last === 'group') return withChordAtEnd(left, right, onHeader);
  if (last !== 'chord' || right.subtask_type === 'chord') return canvas('chain', [...unchained(left, onHeader), right]);
  const copy = cloned(left);
  const tasks = [...tasksOf(copy)];
  const chord = tasks.pop()!;
  return withTasks(copy, [...tasks, followed(chord, right, onHeader)]);
}

function pipeChainToGroup(left: SignatureData, group: SignatureData, onHeader: OnHeader): SignatureData {
  const tasks = unchained(left, onHeader);
  if (tasks.length === 0) return group;
  return canvas('chain', withNext(tasks, group, onHeader));
}

/** A copy of the chain, options and all, its last group made a chord. */
function withChordAtEnd(chain: SignatureData, body: SignatureData, onHeader: OnHeader): SignatureData {
  const copy = cloned(chain);
  const tasks = [...tasksOf(copy)];
  const group = tasks.pop()!;
  return withTasks(copy, withNext(tasks, chordOver(group, body), onHeader));
}

/** Steps and a group or a chord after them, which the body of a chord before it calls. */
export function withNext(steps: SignatureData[], next: SignatureData, onHeader: OnHeader): SignatureData[] {
  const before = steps.at(-1);
  return before?.subtask_type === 'chord' ? [...steps.slice(0, -1), followed(before, next, onHeader)] : [...steps, next];
}

/** The chord, its body followed by `next`. */
export function followed(chord: SignatureData, next: SignatureData, onHeader: OnHeader): SignatureData {
  return withBody(chord, pipeParts(bodyOf(chord), next, onHeader));
}
