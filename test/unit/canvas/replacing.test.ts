import { expect, it } from 'vitest';
import { planOf } from '../../../src/canvas/planning.ts';
import { chordAddition, type ReplacedRequest, replacement } from '../../../src/canvas/replacing.ts';
import { countedIds } from '../../support/canvas-cases.ts';
import { chainData, groupData, task } from '../../support/canvas-data.ts';

const request: ReplacedRequest = { id: 'running', group: null, groupIndex: null, rootId: 'root' };
const call = () => ({ newId: countedIds() });

it('a replacement runs under the id of the task it stands in for', () => {
  expect(replacement(request, task('a'), call()).options).toMatchObject({ task_id: 'running', root_id: 'root', replaced_task_nesting: 1 });
});

it('a part of another chord replaces nothing, nor does an empty chain', () => {
  const part = task('a', [], { options: { chord: task('body') } });
  expect(() => replacement(request, part, call())).toThrow(/cannot be part of a chord/);
  expect(() => replacement(request, chainData([]), call())).toThrow(/Cannot replace with an empty chain/);
});

it('a task whose chain is long is replaced in time that grows with it', () => {
  const chain = Array.from({ length: 5000 }, (_, index) => task('next', [index]));
  const before = performance.now();
  const replaced = replacement({ ...request, chain }, task('a'), call());
  expect(replaced.kwargs['tasks']).toHaveLength(5001);
  expect(performance.now() - before).toBeLessThan(3000);
});

it('an addition to a chord counts for its group', () => {
  const body = task('body', [], { options: { task_id: 'B' } });
  const added = chordAddition({ ...request, group: 'G', groupIndex: 2, chord: body }, task('a'), call());
  expect(added.options).toMatchObject({ task_id: 'our-1', group_id: 'G', group_index: 2, chord: body, root_id: 'root' });
  expect(planOf(added, call()).result).toEqual([['our-1', null], null]);
});

it('there is nothing to add to without a chord', () => {
  expect(() => chordAddition(request, groupData([]), call())).toThrow(/part of no chord/);
  expect(() => chordAddition({ ...request, chord: null }, task('a'), call())).toThrow(/part of no chord/);
});
