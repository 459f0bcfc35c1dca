/** What a backend must do that counts chords: each part once, the last one completes, and what they came to in header order. */

import assert from 'node:assert/strict';
import type { ChordPart, ResultBackend } from '../backends/backend.ts';
import { Decimal } from '../wire/values.ts';
import {
  allTold,
  type BackendCheck,
  begun,
  chordsOf,
  completed,
  completeOf,
  groupTuple,
  HOUR,
  newId,
  note,
  partOf,
  states,
  taskTuple,
  told,
} from './backend-suite-parts.ts';

const MANY_PARTS = 200;

function allAtOnce(clients: readonly ResultBackend[], parts: readonly ChordPart[]) {
  return Promise.all(parts.map((part, at) => told(clients[at % clients.length]!, part)));
}

async function joined(backend: ResultBackend, complete: Parameters<ReturnType<typeof chordsOf>['join']>[0]): Promise<readonly unknown[]> {
  const join = await chordsOf(backend).join(complete);
  return join.ok ? join.results : assert.fail(`The part ${join.taskId} failed.`);
}

export const CHORDS: readonly BackendCheck[] = [
  [
    'completes a chord with the last of its parts, and joins what they came to in header order',
    async (given) => {
      for (const size of [1, 2, 12]) {
        const { groupId, parts } = await begun(given, size);
        const told = await completed(given, { groupId, parts: parts.toReversed() });
        assert.equal(told.groupId, groupId);
        assert.deepEqual(
          await joined(given.other, told),
          parts.map((_, index) => index),
        );
      }
    },
    'chords',
  ],
  [
    'notes a chord without parts, and joins nothing for it',
    async (given) => {
      const { groupId } = await begun(given, 0);
      assert.deepEqual(await joined(given.other, { groupId, ...HOUR }), []);
      await chordsOf(given.backend).end({ groupId, ...HOUR });
    },
    'chords',
  ],
  [
    'joins results of any kind',
    async (given) => {
      const { groupId, parts } = await begun(given, 7);
      const results = [null, 'ü 🐇', { deep: [[new Decimal('1.5')]] }, [1, [2]], 2n ** 70n, new Uint8Array([0, 255]), ''];
      const complete = await completed(given, { groupId, parts: parts.map((part, at) => ({ ...part, result: results[at] })) });
      assert.deepEqual(await joined(given.other, complete), results);
    },
    'chords',
  ],
  [
    'joins a result nested deeper than a message may be',
    async (given) => {
      const { parts } = await begun(given, 1);
      const result = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ n: [inner] }), 'deepest');
      const complete = await completed(given, { groupId: parts[0]!.groupId, parts: [{ ...parts[0]!, result }] });
      assert.deepEqual(await joined(given.other, complete), [result]);
    },
    'chords',
  ],
  [
    'counts a part once, however often and by whomever it is told, with whatever result',
    async (given) => {
      const { parts } = await begun(given, 3);
      const [first, second, third] = parts as [ChordPart, ChordPart, ChordPart];
      const again = [first, { ...first, result: 'another' }, { ...first, state: 'FAILURE', result: { exc_type: 'E', exc_message: [] } }];
      assert.deepEqual(states(await allTold(given.backend, [first, ...again])), ['open', 'open', 'open', 'open']);
      assert.deepEqual(states(await allTold(given.other, [...again, second, ...again])), Array(7).fill('open'));
      const counts = await allTold(given.other, [third]);
      assert.deepEqual(await joined(given.backend, completeOf(counts)), [0, 1, 2]);
    },
    'chords',
  ],
  [
    'completes once when all parts end at the same time',
    async ({ backend, other }) => {
      const { parts } = await begun({ backend, other }, 20);
      const counts = await allAtOnce([backend, other], parts);
      assert.deepEqual(states(counts).toSorted(), ['complete', ...Array(19).fill('open')]);
      assert.deepEqual(
        await joined(backend, completeOf(counts)),
        parts.map((_, index) => index),
      );
    },
    'chords',
  ],
  [
    'counts a part once when it is told several times at once',
    async ({ backend, other }) => {
      const { parts } = await begun({ backend, other }, 5);
      const last = parts.at(-1)!;
      const others = parts.slice(0, -1);
      const early = await allAtOnce([backend, other], [...others, ...others, ...others]);
      assert.deepEqual(states(early), Array(12).fill('open'));
      const late = await allAtOnce([backend, other], [last, last, last]);
      assert.ok(!states(late).includes('open'), states(late).join());
      assert.deepEqual(await joined(other, completeOf(late)), [0, 1, 2, 3, 4]);
    },
    'chords',
  ],
  [
    'completes a chord of hundreds',
    async ({ backend, other }) => {
      const { parts } = await begun({ backend, other }, MANY_PARTS);
      const counts = await allAtOnce([backend, other], parts.slice(1));
      assert.deepEqual(new Set(states(counts)), new Set(['open']));
      const complete = completeOf(await allTold(other, parts.slice(0, 1)));
      assert.deepEqual(
        await joined(backend, complete),
        parts.map((_, index) => index),
      );
    },
    'chords',
  ],
  [
    'keeps chords apart',
    async (given) => {
      const [one, two] = [await begun(given, 2), await begun(given, 2)];
      assert.deepEqual(states(await allTold(given.backend, [one.parts[0]!, two.parts[1]!])), ['open', 'open']);
      const counts = await allTold(given.other, [one.parts[1]!]);
      assert.equal(completeOf(counts).groupId, one.groupId);
      await chordsOf(given.backend).end(completeOf(counts));
      assert.deepEqual(states(await allTold(given.backend, [two.parts[0]!])), ['complete']);
    },
    'chords',
  ],
  [
    'loses no count when a chord is noted again',
    async (given) => {
      const { groupId, parts } = await begun(given, 3);
      await allTold(given.backend, parts.slice(0, 2));
      await note(given.other, groupId, parts);
      const counts = await allTold(given.backend, parts.slice(2));
      assert.deepEqual(await joined(given.backend, completeOf(counts)), [0, 1, 2]);
    },
    'chords',
  ],
  [
    'gives the results of a nested group as a nested list, in the order of the header',
    async (given) => {
      const { backend, other } = given;
      const groupId = newId();
      const [a, b, c, d] = [2, 1, 3, 0].map((index) => partOf(groupId, index)) as [ChordPart, ChordPart, ChordPart, ChordPart];
      const header = groupTuple(
        groupId,
        taskTuple(d.taskId),
        groupTuple(newId(), taskTuple(a.taskId), groupTuple(newId(), taskTuple(b.taskId)), groupTuple(newId())),
        [[c.taskId, taskTuple('before')], null],
      );
      await chordsOf(backend).begin({ groupId, size: 4, header, ...HOUR });
      const complete = await completed(given, { groupId, parts: [c, b, d, a] });
      assert.deepEqual(await joined(other, complete), [0, [2, [1], []], 3]);
    },
    'chords',
  ],
  [
    'counts a task that stands at two places of the header at each of them',
    async (given) => {
      const groupId = newId();
      const twice = partOf(groupId, 0, { result: 'same' });
      const parts = [twice, { ...twice, groupIndex: 1 }, partOf(groupId, 2)];
      await note(given.backend, groupId, parts);
      const complete = await completed(given, { groupId, parts });
      assert.deepEqual(await joined(given.other, complete), ['same', 'same', 2]);
    },
    'chords',
  ],
  [
    'counts parts that do not say their place',
    async (given) => {
      const groupId = newId();
      const parts = ['a', 'b', 'c'].map((result) => partOf(groupId, null, { result }));
      await note(given.backend, groupId, parts);
      const counts = await allTold(given.backend, [parts[0]!, parts[0]!, parts[1]!, { ...parts[1]!, result: 'other' }, parts[2]!]);
      assert.deepEqual(states(counts), ['open', 'open', 'open', 'open', 'complete']);
      assert.deepEqual((await joined(given.other, completeOf(counts))).toSorted(), ['a', 'b', 'c']);
    },
    'chords',
  ],
];
