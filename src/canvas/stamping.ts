/**
 * Stamps (celery.canvas stamp, StampingVisitor): headers put on every task of a canvas and on its links. Only tasks keep them; what a chain,
 * a group or a chord adds is for what is in it.
 */

import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { linksOf } from './callbacks.ts';
import { bodyOf, canvas, hasBody, headerOf, tasksOf, whole, withBody, withHeader, withTasks } from './parts.ts';

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

/** The signature with stamps: those given, or what the visitor says. */
export function stampedBy(data: SignatureData, stamps: StampingVisitor | Stamps, append: boolean): SignatureData {
  if (isVisitor(stamps)) return stampedIn(data, { visitor: stamps, append }, {});
  return stampedIn(data, { visitor: undefined, append }, stamps);
}

function isVisitor(stamps: StampingVisitor | Stamps): stamps is StampingVisitor {
  return typeof stamps['onSignature' as keyof typeof stamps] === 'function';
}

function stampedIn(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  switch (data.subtask_type) {
    case 'chain':
      return stampedChain(data, stamping, stamps);
    case 'group':
      return stampedGroup(data, stamping, stamps);
    case 'chord':
      return stampedChord(data, stamping, stamps);
    default:
      return stampedTask(data, stamping, stamps);
  }
}

function stampedTask(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const linked = withStampedLinks(data, stamping, stamps);
  const all = collected(stamps, stamping, (visitor) => visitor.onSignature(linked, stamps), linked);
  return { ...linked, options: { ...linked.options, ...all } };
}

function stampedChain(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const { visitor } = stamping;
  const all = collected(stamps, stamping, (asked) => asked.onChainStart?.(data, stamps), data);
  const done = withStampedTasks(withStampedLinks(data, { visitor, append: false }, all), stamping, all);
  visitor?.onChainEnd?.(done, all);
  return done;
}

function stampedGroup(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const all = collected(stamps, stamping, (visitor) => visitor.onGroupStart?.(data, stamps), data);
  const done = withStampedTasks(withStampedLinks(data, stamping, all), stamping, all);
  stamping.visitor?.onGroupEnd?.(done, all);
  return done;
}

function withStampedTasks(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const tasks = tasksOf(data).map((task) => stampedIn(task, stamping, stamps));
  return withTasks(data, tasks);
}

function stampedChord(given: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const { visitor } = stamping;
  // A visitor that does not know of headers is shown a group, which stays one.
  const group = visitor === undefined || visitor.onChordHeaderStart !== undefined ? undefined : canvas('group', headerOf(given));
  const data = withHeader(given, group ?? headerOf(given));
  const ask = (asked: StampingVisitor): Stamps | undefined =>
    group === undefined ? asked.onChordHeaderStart?.(data, stamps) : asked.onGroupStart?.(group, stamps);
  const all = collected(stamps, stamping, ask, data);
  const linked = withStampedLinks(data, stamping, all);
  const members = headerOf(given).map((task) => stampedIn(task, stamping, all));
  const done = withHeader(linked, group === undefined ? members : withTasks(group, members));
  if (visitor === undefined) return done;
  if (visitor.onChordHeaderEnd !== undefined) visitor.onChordHeaderEnd(done, all);
  else if (group !== undefined) visitor.onGroupEnd?.(withTasks(group, members), all);
  if (!hasBody(done)) return done;
  const ofBody = collected(all, stamping, () => visitor.onChordBody?.(done, all), done);
  return withBody(done, stampedIn(bodyOf(done), stamping, ofBody));
}

function withStampedLinks(data: SignatureData, stamping: Stamping, stamps: Stamps): SignatureData {
  const { visitor } = stamping;
  const { link, link_error } = data.options;
  const callbacks = stampedLinks(link, stamping, stamps, (callback, sofar) => visitor?.onCallback?.(callback, sofar));
  const errbacks = stampedLinks(link_error, stamping, stamps, (errback, sofar) => visitor?.onErrback?.(errback, sofar));
  const changed = { ...(callbacks.length > 0 && { link: callbacks }), ...(errbacks.length > 0 && { link_error: errbacks }) };
  return { ...data, options: { ...data.options, ...changed } };
}

/** What a visitor says of one link holds for those after it. */
function stampedLinks(
  links: unknown,
  stamping: Stamping,
  stamps: Stamps,
  ask: (link: SignatureData, stamps: Stamps) => Stamps | undefined,
): readonly SignatureData[] {
  let all = stamps;
  return linksOf(links).map((link) => {
    const sofar = all;
    all = collected(sofar, stamping, () => ask(link, sofar));
    return stampedIn(whole(link), stamping, all);
  });
}

/** The stamps so far, those of the visitor, if there is one, and those a signature has already. */
function collected(
  stamps: Stamps,
  { visitor, append }: Stamping,
  ask: (visitor: StampingVisitor) => Stamps | undefined,
  data?: SignatureData,
): Stamps {
  let all = named(stamps);
  if (visitor !== undefined) all = mergedStamps(all, named(ask(visitor) ?? {}), append);
  if (data === undefined) return withNames(all, []);
  const names = namesOf(data.options);
  const known = new Set([...namesOf(all), ...names]);
  const kept = Object.fromEntries(Object.entries(data.options).filter(([name]) => known.has(name)));
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
