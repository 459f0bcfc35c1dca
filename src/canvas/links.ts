/** Callbacks and errbacks of nodes, which have them in place: the rules of canvas/callbacks, and those of a chord that is sent. */

import type { SignatureData } from '../wire/message.ts';
import { headerErrback, type LinkOption, linksOf, noMembers, withLink, withoutResult } from './callbacks.ts';
import { type ChordNode, clone, type GroupNode, isEmptyGroup, type Node } from './nodes.ts';
import { cloned, noBody } from './parts.ts';

type Links = readonly SignatureData[];

/** Adds a link to a node's own list, unless it is there. */
export function addLink(node: Node, option: LinkOption, added: SignatureData): void {
  node.options[option] = withLink(node.options, option, added)[option];
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
      if (first === undefined) throw noMembers();
      link(first, withoutResult(callback));
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
      const copy = cloned(errback);
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

function linkHeaderError({ header }: ChordNode, errback: SignatureData): void {
  const copy = headerErrback(errback);
  for (const member of Array.isArray(header) ? header : [header]) linkError(member, copy, true);
}

export function bodyOf(chord: ChordNode): Node {
  if (chord.body === undefined) throw noBody();
  return chord.body;
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
