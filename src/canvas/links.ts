/** Callbacks and errbacks of nodes (celery.canvas link and link_error): where each kind of canvas puts them. */

import { ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { readNode, writeNode } from './node-data.ts';
import { type ChordNode, clone, type GroupNode, headerTasks, isEmptyGroup, type Node } from './nodes.ts';
import { sameValue } from './same-value.ts';

type Links = readonly SignatureData[];

/** Links as a list, one or many or none given. */
export function linksOf(given: unknown): Links {
  if (given === undefined || given === null) return [];
  return (Array.isArray(given) ? given : [given]) as Links;
}

/** Adds a link to a node's own list, unless it is there. */
export function addLink(node: Node, option: 'link' | 'link_error', added: SignatureData): void {
  const links = linksOf(node.options[option]);
  if (!links.some((link) => sameValue(link, added))) node.options[option] = [...links, added];
}

/** Adds links to a node's own list, there or not. */
export function extendLinks(node: Node, option: 'link' | 'link_error', added: Links): void {
  node.options[option] = [...linksOf(node.options[option]), ...added];
}

/** A group is linked through its first member, which cannot hand over the others' results; a chord through its body. */
export function link(node: Node, callback: SignatureData): void {
  switch (node.kind) {
    case 'task':
    case 'chain':
      addLink(node, 'link', callback);
      return;
    case 'chord':
      link(bodyOf(node), callback);
      return;
    case 'group': {
      const [first] = node.tasks;
      if (first === undefined) throw new ImproperlyConfigured('A group without members cannot be linked: nothing would call the callback.');
      const copy = clone(readNode(callback));
      setImmutable(copy, true);
      link(first, writeNode(copy));
      return;
    }
  }
}

/** Every member of a group may fail, so each has the errback; a chord's header has it where `onHeader` says so. */
export function linkError(node: Node, errback: SignatureData, onHeader: boolean): void {
  switch (node.kind) {
    case 'task':
    case 'chain':
      addLink(node, 'link_error', errback);
      return;
    case 'group': {
      if (node.tasks.length === 0) return;
      const copy = writeNode(clone(readNode(errback)));
      for (const member of node.tasks) linkError(member, copy, onHeader);
      return;
    }
    case 'chord': {
      if (onHeader) linkHeaderError(node, errback);
      if (Array.isArray(node.header)) for (const member of node.header) if (member.kind === 'chord') linkError(member, errback, onHeader);
      linkError(bodyOf(node), errback, onHeader);
      return;
    }
  }
}

function linkHeaderError(chord: ChordNode, errback: SignatureData): void {
  const copy = clone(readNode(errback));
  // Celery's clone(immutable=True) is an option of a task or a chord, and the flag of a chain or a group.
  if (copy.kind === 'task' || copy.kind === 'chord') copy.options['immutable'] = true;
  else copy.immutable = true;
  const written = writeNode(copy);
  for (const member of Array.isArray(chord.header) ? chord.header : [chord.header]) linkError(member, written, true);
}

export function bodyOf(chord: ChordNode): Node {
  if (chord.body === undefined)
    throw new ImproperlyConfigured('The chord has no body: give it the task to call with the results of its header.');
  return chord.body;
}

/** Whether results of previous tasks are left out: of a group and of a chord, its header decides. */
export function setImmutable(node: Node, immutable: boolean): void {
  if (node.kind === 'task' || node.kind === 'chain') node.immutable = immutable;
  else for (const member of node.kind === 'group' ? node.tasks : headerTasks(node)) setImmutable(member, immutable);
}

/**
 * The body of a chord with the chord's own callbacks and errbacks. The header gets none of them, as a group refuses them.
 * The body given is not changed.
 */
export function withCallbacks(body: Node, callbacks: Links, errbacks: Links): Node {
  if (callbacks.length === 0 && errbacks.length === 0) return body;
  const copy = cloneLinkable(body);
  for (const callback of callbacks) {
    if (isEmptyGroup(copy)) addLink(copy, 'link', callback);
    else link(copy, callback);
  }
  for (const errback of errbacks) {
    if (copy.kind === 'group') linkErrorInBody(copy, errback, true);
    else addLink(copy, 'link_error', errback);
  }
  return copy;
}

/** A copy that shares nothing that `link` changes. */
function cloneLinkable(node: Node): Node {
  const copy = clone(node);
  if (copy.kind === 'group') copy.tasks = copy.tasks.map(cloneLinkable);
  else if (copy.kind === 'chord' && copy.body !== undefined) copy.body = cloneLinkable(copy.body);
  return copy;
}

/**
 * The errback of a chord whose body is a group: each task's, and that of a chord's body but not of its header. A group that runs as one
 * and has errbacks of its own keeps it there, as they replace those of its tasks.
 */
function linkErrorInBody(node: Node, errback: SignatureData, runsAsGroup: boolean): void {
  if (node.kind === 'chord') linkErrorInBody(bodyOf(node), errback, true);
  else if (node.kind !== 'group' || (runsAsGroup && hasErrbacks(node))) addLink(node, 'link_error', errback);
  else for (const member of node.tasks) linkErrorInBody(member, errback, false);
}

function hasErrbacks(group: GroupNode): boolean {
  const own = group.options['link_error'];
  return own !== undefined && own !== null;
}
