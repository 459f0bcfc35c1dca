/** What a backend must do with chords whose parts are all in, or will never be: tell it until it is ended, and keep quiet then. */

import assert from 'node:assert/strict';
import type { ChordCount, ChordPart } from '../backends/backend.ts';
import {
  allTold,
  type BackendCheck,
  type BackendUnderTest,
  begun,
  chordsOf,
  completed,
  completeOf,
  documentOf,
  groupTuple,
  HOUR,
  newId,
  note,
  partOf,
  states,
  taskTuple,
  told,
} from './backend-suite-parts.ts';

const ERROR = { exc_type: 'ValueError', exc_message: ['boom'], exc_module: 'builtins' };

/** Stores and counts a part that failed, with a traceback. */
async function failed({ backend }: BackendUnderTest, part: ChordPart, state: string, error: unknown): Promise<ChordCount> {
  await backend.store(documentOf(part.taskId, { status: state, result: error, traceback: `of ${part.taskId}` }), HOUR);
  return await chordsOf(backend).count({ ...part, state, result: error });
}

export const ENDS: readonly BackendCheck[] = [
  [
    'tells the part that completed a chord so again, as long as it has not ended',
    async (given) => {
      const chord = await begun(given, 2);
      await completed(given, chord);
      const counts = await allTold(given.other, [chord.parts[1]!, chord.parts[1]!]);
      assert.deepEqual(states(counts), ['complete', 'complete']);
      assert.deepEqual(await chordsOf(given.other).join(completeOf(counts)), { ok: true, results: [0, 1] });
      await chordsOf(given.other).end(completeOf(counts));
      assert.deepEqual(states(await allTold(given.backend, [chord.parts[1]!])), ['taken']);
    },
    'chords',
  ],
  [
    'never tells a part of a complete chord that others are missing',
    async (given) => {
      const chord = await begun(given, 3);
      await completed(given, chord);
      for (const state of states(await allTold(given.other, chord.parts))) assert.match(state, /^(complete|taken)$/);
    },
    'chords',
  ],
  [
    'counts no more once a chord has ended, not when it is noted again either',
    async (given) => {
      const { backend, other } = given;
      const chord = await begun(given, 2);
      await chordsOf(backend).end(await completed(given, chord));
      assert.deepEqual(states(await allTold(other, chord.parts)), ['taken', 'taken']);
      await note(other, chord.groupId, chord.parts);
      const renamed = chord.parts.map((part) => ({ ...part, result: 'another' }));
      assert.deepEqual(states(await allTold(backend, renamed)), ['taken', 'taken']);
    },
    'chords',
  ],
  [
    'ends a chord twice, and one it never had, without a word',
    async (given) => {
      const chord = await begun(given, 1);
      const complete = await completed(given, chord);
      for (const { backend } of [given, { backend: given.other }]) await chordsOf(backend).end(complete);
      assert.deepEqual(states(await allTold(given.backend, chord.parts)), ['taken']);
      await chordsOf(given.backend).end({ groupId: newId(), ...HOUR });
    },
    'chords',
  ],
  [
    'knows nothing of a chord that never began',
    async ({ backend, other }) => {
      const part = partOf(newId(), 0);
      for (const client of [backend, other]) assert.deepEqual(await told(client, part), { state: 'unknown' });
      assert.equal((await backend.fetch(part.taskId))?.result, 0);
    },
    'chords',
  ],
  [
    'gives the first part of the header that failed, with its error and its traceback',
    async (given) => {
      const chord = await begun(given, 4);
      const [first, second, third, fourth] = chord.parts as [ChordPart, ChordPart, ChordPart, ChordPart];
      await failed(given, fourth, 'FAILURE', { ...ERROR, exc_message: ['another'] });
      await failed(given, second, 'FAILURE', ERROR);
      await told(given.backend, third);
      const complete = completeOf(await allTold(given.other, [first]));
      const expected = { ok: false, taskId: second.taskId, exception: ERROR, traceback: `of ${second.taskId}` };
      assert.deepEqual(await chordsOf(given.other).join(complete), expected);
      await chordsOf(given.other).end(complete);
      assert.deepEqual(states(await allTold(given.backend, chord.parts)), Array(4).fill('taken'));
    },
    'chords',
  ],
  [
    'fails for a revoked part',
    async (given) => {
      const { parts } = await begun(given, 2);
      await allTold(given.backend, parts.slice(0, 1));
      const complete = completeOf([await failed(given, parts[1]!, 'REVOKED', ERROR)]);
      const expected = { ok: false, taskId: parts[1]?.taskId, exception: ERROR, traceback: `of ${parts[1]?.taskId}` };
      assert.deepEqual(await chordsOf(given.backend).join(complete), expected);
    },
    'chords',
  ],
  [
    'gives the failed part of a nested group',
    async (given) => {
      const groupId = newId();
      const [outer, inner, deepest] = [0, 1, 2].map((index) => partOf(groupId, index)) as [ChordPart, ChordPart, ChordPart];
      const nested = groupTuple(newId(), taskTuple(inner.taskId), groupTuple(newId(), taskTuple(deepest.taskId)));
      const header = groupTuple(groupId, nested, taskTuple(outer.taskId));
      await chordsOf(given.backend).begin({ groupId, size: 3, header, ...HOUR });
      await failed(given, outer, 'FAILURE', { ...ERROR, exc_type: 'KeyError' });
      await failed(given, deepest, 'FAILURE', ERROR);
      const complete = completeOf(await allTold(given.backend, [inner]));
      const expected = { ok: false, taskId: deepest.taskId, exception: ERROR, traceback: `of ${deepest.taskId}` };
      assert.deepEqual(await chordsOf(given.other).join(complete), expected);
    },
    'chords',
  ],
  [
    'tells whoever asks next that a chord is complete once it is released',
    async (given) => {
      const { backend, other } = given;
      const chord = await begun(given, 2);
      await chordsOf(backend).release?.(await completed(given, chord));
      const complete = completeOf(await allTold(other, [chord.parts[0]!]));
      assert.deepEqual(await chordsOf(other).join(complete), { ok: true, results: [0, 1] });
      await chordsOf(other).end(complete);
      await chordsOf(other).release?.(complete);
      assert.deepEqual(states(await allTold(backend, chord.parts)), ['taken', 'taken']);
    },
    'chords',
    'release',
  ],
  [
    'waits for the parts a chord grew by',
    async (given) => {
      const { groupId, parts } = await begun(given, 2);
      const grown = partOf(groupId, 0, { result: 'grown' });
      await chordsOf(given.backend).grow?.(groupId, taskTuple(grown.taskId));
      assert.deepEqual(states(await allTold(given.other, parts)), ['open', 'open']);
      const counts = await allTold(given.other, [grown]);
      const join = await chordsOf(given.backend).join(completeOf(counts));
      assert.deepEqual(join.ok && join.results.map(String).toSorted(), ['0', '1', 'grown']);
    },
    'chords',
    'grow',
  ],
  [
    'grows by a part once, however often it is told',
    async (given) => {
      const { groupId, parts } = await begun(given, 1);
      const grown = [partOf(groupId, 0), partOf(groupId, 0)];
      const group = groupTuple(newId(), ...grown.map(({ taskId }) => taskTuple(taskId)));
      for (const { backend } of [given, { backend: given.other }]) await chordsOf(backend).grow?.(groupId, group);
      assert.deepEqual(states(await allTold(given.backend, [...parts, ...grown])), ['open', 'open', 'complete']);
    },
    'chords',
    'grow',
  ],
  [
    'forgets a chord that has expired',
    async (given) => {
      const brief = { expiresSeconds: 1 };
      const part = partOf(newId(), 0, brief);
      const header = groupTuple(part.groupId, taskTuple(part.taskId), taskTuple('second'));
      await chordsOf(given.backend).begin({ groupId: part.groupId, size: 2, header, ...brief });
      assert.deepEqual(await chordsOf(given.backend).count(part), { state: 'open' });
      await given.pass?.(2);
      assert.deepEqual(await chordsOf(given.other).count({ ...part, ...HOUR }), { state: 'unknown' });
    },
    'chords',
    'expiry',
  ],
];
