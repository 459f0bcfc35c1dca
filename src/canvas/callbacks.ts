/** Callbacks and errbacks of signatures (celery.canvas link and link_error): where each kind of canvas puts them. */

import { ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { bodyOf, cloned, headerOf, isTask, tasksOf, withBody, withHeader, withTasks } from './parts.ts';
import { sameValue } from './same-value.ts';

type Links = readonly SignatureData[];
export type LinkOption = 'link' | 'link_error';

/** Links as a list, one or many or none given. */
export function linksOf(given: unknown): Links {
  if (given === undefined || given === null) return [];
  return (Array.isArray(given) ? given : [given]) as Links;
}

/** Options with one more link, unless it is there. */
export function withLink(options: SignatureData['options'], option: LinkOption, added: SignatureData): SignatureData['options'] {
  const links = linksOf(options[option]);
  return links.some((link) => sameValue(link, added)) ? options : { ...options, [option]: [...links, added] };
}

/** A group is linked through its first member, which cannot hand over the others' results; a chord through its body. */
export function link(data: SignatureData, callback: SignatureData): SignatureData {
  if (data.subtask_type === 'chord') return withBody(data, link(bodyOf(data), callback));
  if (data.subtask_type !== 'group') return { ...data, options: withLink(data.options, 'link', callback) };
  const [first, ...others] = tasksOf(data);
  if (first === undefined) throw noMembers();
  return withTasks(data, [link(first, withoutResult(callback)), ...others]);
}

export function noMembers(): ImproperlyConfigured {
  return new ImproperlyConfigured('A group without members cannot be linked: nothing would call the callback.');
}

/** A callback that is not given the result. */
export function withoutResult(callback: SignatureData): SignatureData {
  return immutableAs(cloned(callback), true);
}

/** Every member of a group may fail, so each has the errback; a chord's header has it where `onHeader` says so. */
export function linkError(data: SignatureData, errback: SignatureData, onHeader: boolean): SignatureData {
  const linked = (to: SignatureData): SignatureData => linkError(to, errback, onHeader);
  if (data.subtask_type === 'group') {
    const tasks = tasksOf(data);
    if (tasks.length === 0) return data;
    const copy = cloned(errback);
    const members = tasks.map((task) => linkError(task, copy, onHeader));
    return withTasks(data, members);
  }
  if (data.subtask_type !== 'chord') return { ...data, options: withLink(data.options, 'link_error', errback) };
  const given = headerOf(data);
  const header = onHeader ? withHeaderErrback(given, errback) : given;
  const chords = header.map((task) => (task.subtask_type === 'chord' ? linked(task) : task));
  return withBody(withHeader(data, chords), linked(bodyOf(data)));
}

function withHeaderErrback(header: readonly SignatureData[], errback: SignatureData): readonly SignatureData[] {
  const copy = headerErrback(errback);
  return header.map((task) => linkError(task, copy, true));
}

/** Celery's clone(immutable=True) is an option of a task or a chord, and the flag of a chain or a group. */
export function headerErrback(errback: SignatureData): SignatureData {
  const copy = cloned(errback);
  if (!isTask(copy) && copy.subtask_type !== 'chord') return { ...copy, immutable: true };
  return { ...copy, options: { ...copy.options, immutable: true } };
}

/** Whether results of previous tasks are left out: of a group and of a chord, its header decides. */
export function immutableAs(data: SignatureData, immutable: boolean): SignatureData {
  const set = (member: SignatureData): SignatureData => immutableAs(member, immutable);
  if (data.subtask_type === 'group') return withTasks(data, tasksOf(data).map(set));
  if (data.subtask_type !== 'chord') return { ...data, immutable };
  return withHeader(data, headerOf(data).map(set));
}

/** The tasks of a chain, to be put elsewhere (celery.canvas _chain.unchain_tasks): the last has its callbacks, all have its errbacks. */
export function unchained(chain: SignatureData, onHeader: boolean): SignatureData[] {
  const tasks = tasksOf(chain).map(cloned);
  const last = tasks.length - 1;
  const { link: callbacks, link_error: errbacks } = chain.options;
  return tasks.map((task, index) => {
    const linked = index === last ? linksOf(callbacks).reduce(link, task) : task;
    return linksOf(errbacks).reduce((to, errback) => linkError(to, errback, onHeader), linked);
  });
}
