/** What the real Celery made of canvases (test/interop/recorded/fixtures/canvas), and ours in the same words, to be compared. */

import type { Plan } from '../../src/canvas/plan.ts';
import type { SignatureData } from '../../src/wire/message.ts';
import { fileNames, readText } from './recorded.ts';

type Fields = Record<string, unknown>;

/** What sending came to. Chords are noted with their size apart, as Celery tells its backend twice. */
export interface Outcome {
  readonly sent: readonly Fields[];
  readonly chords: readonly (Fields & { readonly group: string; readonly body: SignatureData })[];
  readonly sizes: readonly (readonly [group: string, size: number | null])[];
  readonly result: unknown;
  readonly children: unknown;
}

export interface RefusedOutcome {
  /** Name of Python's exception. */
  readonly error?: string;
  /** Celery sends nothing and gives None. */
  readonly nothing?: true;
}

const DEFAULTS = { args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
const MESSAGE_DEFAULTS = { args: [], kwargs: {}, options: {} };

/** The cases of a file, whose name goes without Celery's version; signatures in them have all their fields. */
export function canvasCases<Case>(name: string): readonly Case[] {
  const files = fileNames('canvas').filter((file) => file.startsWith(`${name}@`));
  return files.flatMap((file) => whole((JSON.parse(readText(`canvas/${file}`)) as { cases: unknown }).cases, '') as Case[]);
}

/** Puts back what is left out of recorded signatures and messages. */
function whole(value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.map((item) => whole(item, place));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, whole(field, name)]));
  if (typeof fields['task'] !== 'string') return fields;
  return { ...(place === 'sent' ? MESSAGE_DEFAULTS : DEFAULTS), ...fields };
}

const ID = /^(?:id|our)-\d+$/;

/** Ids in order of appearance, keys sorted. Names of stamps are a set. */
export function renumbered(value: unknown, names = new Map<string, string>()): unknown {
  if (typeof value === 'string') {
    if (!ID.test(value)) return value;
    if (!names.has(value)) names.set(value, `id-${names.size + 1}`);
    return names.get(value);
  }
  if (Array.isArray(value)) return value.map((item) => renumbered(item, names));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Fields;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, name === 'stamped_headers' ? sorted(fields[name]) : renumbered(fields[name], names)]),
  );
}

const sorted = (names: unknown): unknown => (Array.isArray(names) ? names.toSorted() : names);

/** Ids that cannot be mistaken for recorded ones. */
export function countedIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `our-${count}`;
  };
}

export function outcomeOf({ tasks, chords, result, children }: Plan): Outcome {
  const noted = chords.map(({ groupId, header, body, interval, maxRetries }) => ({
    group: groupId,
    header,
    body,
    ...(interval !== undefined && { interval }),
    ...(maxRetries !== undefined && { max_retries: maxRetries }),
  }));
  return { sent: tasks as unknown as Fields[], chords: noted, sizes: chords.map(({ groupId, size }) => [groupId, size]), result, children };
}

/**
 * The recorded outcome without what ours leaves out on purpose: chords whose body is an empty group, which no part of the header
 * carries, and sizes noted for groups that are no chord's header, where all members count for another group.
 */
export function comparable(recorded: Outcome): Outcome {
  const chords = recorded.chords.filter(({ body }) => !isEmptyGroup(body));
  const sizes = new Map(recorded.sizes);
  return { ...recorded, chords, sizes: chords.map(({ group }) => [group, sizes.get(group) ?? null]) };
}

function isEmptyGroup({ subtask_type, kwargs }: SignatureData): boolean {
  return subtask_type === 'group' && (kwargs['tasks'] as readonly unknown[]).length === 0;
}
