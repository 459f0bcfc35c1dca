/** What the headers of a message say of its arguments, where a task or the app keeps them to itself. */

import { isRecord } from '../wire/records.ts';
import { argsRepr, kwargsRepr } from '../wire/repr.ts';
import { argsTypes, HIDDEN, kwargsTypes } from '../wire/repr-types.ts';
import { type Arguments, MASK, masked } from './masking.ts';
import type { TaskDefaults } from './options.ts';
import { isPrivate } from './sensitive.ts';
import type { Settings } from './settings.ts';

/** The defaults of a task that is registered here. */
export type DefaultsOf = (task: string) => TaskDefaults | undefined;

/** A task with its arguments, and what is known of it here. */
export interface Described extends Omit<Arguments, 'args'> {
  readonly task: string;
  /** Null where the message has none that can be read. */
  readonly args: readonly unknown[] | null;
  readonly defaults: TaskDefaults | undefined;
}

/** What is known of all tasks. */
export interface Discretion {
  readonly settings: Pick<Settings, 'taskArgsrepr'>;
  /** Asked for the tasks within a map, a chord and the like; without it those are described by their values. */
  readonly defaultsOf?: DefaultsOf | undefined;
}

/** Texts for the headers; undefined where they may say the values. */
export interface Reprs {
  readonly argsrepr: string;
  readonly kwargsrepr: string;
}

/** Costs two comparisons where nothing is to be hidden. */
export function discreetReprs(described: Described, discretion: Discretion): Reprs | undefined {
  const { defaults } = described;
  const isByTypes = (defaults?.argsrepr ?? discretion.settings.taskArgsrepr) === 'types' || wrapsPrivate(described, discretion);
  const sensitive = defaults?.sensitive;
  if (!isByTypes && !sensitive?.length) return undefined;
  const { args, kwargs } = maskedBy(described, sensitive, isByTypes ? HIDDEN : MASK);
  const isGiven = described.args !== null;
  if (isByTypes) return { argsrepr: isGiven ? argsTypes(args) : 'None', kwargsrepr: kwargsTypes(kwargs) };
  return { argsrepr: isGiven ? argsRepr(args) : 'None', kwargsrepr: kwargsRepr(kwargs) };
}

/** The arguments as a result document may hold them: those given, where there is nothing to hide. */
export function shownArguments(described: Described & Arguments, discretion: Discretion): Arguments {
  const { args, kwargs, defaults } = described;
  if (wrapsPrivate(described, discretion, (inner) => (inner?.sensitive ?? '').length > 0)) return masked({ args, kwargs }, ALL);
  return defaults?.sensitive?.length ? masked({ args, kwargs }, defaults.sensitive) : { args, kwargs };
}

const ALL: readonly string[] = ['*'];

function maskedBy({ args, kwargs }: Described, sensitive: readonly string[] | undefined, mask: unknown): Arguments {
  const given = { args: args ?? [], kwargs };
  return sensitive?.length ? masked(given, sensitive, mask) : given;
}

// ── Celery's own tasks: a map has its items, a chord its body's arguments ────

/** Deeper than this and further on nothing is printed. */
const DEPTH = 4;
const WIDTH = 1024;

function wrapsPrivate(
  { task, args, kwargs }: Described,
  { settings, defaultsOf }: Discretion,
  hides = (inner: TaskDefaults | undefined): boolean => isPrivate(inner, settings),
): boolean {
  if (defaultsOf === undefined || !task.startsWith('celery.')) return false;
  return [...(args ?? []), ...Object.values(kwargs)].some((value) => namesOf(value, DEPTH).some((name) => hides(defaultsOf(name))));
}

/** The names of what looks like a signature. */
function namesOf(value: unknown, depth: number): readonly string[] {
  if (depth === 0) return [];
  if (Array.isArray(value)) return value.slice(0, WIDTH).flatMap((item) => namesOf(item, depth - 1));
  if (!isRecord(value)) return [];
  const { task } = value;
  const inner = Object.values(value).flatMap((part) => namesOf(part, depth - 1));
  return typeof task === 'string' ? [task, ...inner] : inner;
}
