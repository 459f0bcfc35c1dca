/** What the backend suite's cases are made of: the backend under test, and small steps to take with it. */

import assert from 'node:assert/strict';
import type { ChordComplete, ChordCount, ChordPart, ChordStore, GroupStore, Keeping, ResultBackend } from '../backends/backend.ts';
import type { ResultDocument, ResultFields, ResultTuple } from '../wire/result.ts';
import { toResultDocument } from '../wire/result.ts';

/** A backend set up for one case, empty or as good as. */
export interface BackendUnderTest {
  readonly backend: ResultBackend;
  /** Another client of the same store; the same backend where there can be but one. */
  readonly other: ResultBackend;
  /** Lets time pass: moves the clock, or waits where there is none. Absent where nothing expires. */
  pass?(seconds: number): Promise<void>;
  close?(): Promise<void>;
}

/** What a backend may lack, by name. */
export type BackendPart = 'storeMany' | 'fetchMany' | 'watch' | 'groups' | 'chords' | 'release' | 'grow' | 'expiry';

/** A case's name, what throws when the backend does otherwise, and the parts it takes. */
export type BackendCheck = readonly [name: string, check: (given: BackendUnderTest) => Promise<void>, ...parts: readonly BackendPart[]];

export function hasPart({ backend, pass }: BackendUnderTest, part: BackendPart): boolean {
  switch (part) {
    case 'expiry':
      return pass !== undefined;
    case 'release':
    case 'grow':
      return backend.chords?.[part] !== undefined;
    default:
      return backend[part] !== undefined;
  }
}

/** An id that no other case has, however often the suite runs over the same store. */
export const newId = (): string => globalThis.crypto.randomUUID();

export const HOUR: Keeping = { expiresSeconds: 3600 };

export function documentOf(taskId: string, more: Partial<ResultFields> = {}): ResultDocument {
  return toResultDocument({ status: 'SUCCESS', date_done: '2030-01-02T03:04:05.000006+00:00', ...more, task_id: taskId });
}

export const taskTuple = (id: string): ResultTuple => [[id, null], null];
export const groupTuple = (id: string, ...children: readonly ResultTuple[]): ResultTuple => [[id, null], children];

/** Something that happens in a while. */
export async function eventually(check: () => boolean, what: string): Promise<void> {
  const giveUpAt = Date.now() + 5000;
  while (!check()) {
    if (Date.now() > giveUpAt) assert.fail(`${what} within 5 s.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function chordsOf(backend: ResultBackend): ChordStore {
  return backend.chords ?? assert.fail('It counts no chords.');
}

export function groupsOf(backend: ResultBackend): GroupStore {
  return backend.groups ?? assert.fail('It saves no groups.');
}

/** A chord of so many single tasks, noted, and its parts in header order. */
export interface ChordOfTasks {
  readonly groupId: string;
  readonly parts: readonly ChordPart[];
}

export async function begun({ backend }: BackendUnderTest, size: number): Promise<ChordOfTasks> {
  const groupId = newId();
  const parts = Array.from({ length: size }, (_, index) => partOf(groupId, index));
  await note(backend, groupId, parts);
  return { groupId, parts };
}

/** Notes a chord of single tasks, once more if it was already. */
export async function note(backend: ResultBackend, groupId: string, parts: readonly ChordPart[]): Promise<void> {
  const header = groupTuple(groupId, ...parts.map(({ taskId }) => taskTuple(taskId)));
  await chordsOf(backend).begin({ groupId, size: parts.length, header, ...HOUR });
}

/** A part that came to its index in the header. */
export function partOf(groupId: string, index: number | null, more: Partial<ChordPart> = {}): ChordPart {
  return { groupId, taskId: newId(), groupIndex: index, state: 'SUCCESS', result: index, size: undefined, ...HOUR, ...more };
}

/** Stores what a part came to and counts it, as a worker does. */
export async function told(backend: ResultBackend, part: ChordPart): Promise<ChordCount> {
  const { taskId, state, result, groupId } = part;
  await backend.store(documentOf(taskId, { status: state, result, group_id: groupId }), HOUR);
  return await chordsOf(backend).count(part);
}

export async function allTold(backend: ResultBackend, parts: readonly ChordPart[]): Promise<readonly ChordCount[]> {
  const counts: ChordCount[] = [];
  for (const part of parts) counts.push(await told(backend, part));
  return counts;
}

export const states = (counts: readonly ChordCount[]): readonly ChordCount['state'][] => counts.map(({ state }) => state);

/** What is known of the chord that the last of these counts completed. */
export function completeOf(counts: readonly ChordCount[]): ChordComplete {
  const complete = counts.findLast(({ state }) => state === 'complete');
  return complete?.state === 'complete' ? complete : assert.fail(`No count was complete: ${states(counts).join()}.`);
}

/** Tells all parts in turn, which completes the chord with the last of them and not before. */
export async function completed(given: BackendUnderTest, { parts }: ChordOfTasks): Promise<ChordComplete> {
  const counts = await allTold(given.backend, parts);
  assert.deepEqual(states(counts), [...parts.slice(1).map(() => 'open'), 'complete']);
  return completeOf(counts);
}
