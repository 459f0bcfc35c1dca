import { expect, it } from 'vitest';
import { frozenMembers } from '../../../src/canvas/frozen-members.ts';
import { chordData, groupData, task } from '../../support/canvas-data.ts';

const known = (id: string, errbacks: readonly string[] = []) =>
  task('t', [], { options: { task_id: id, ...(errbacks.length > 0 && { link_error: errbacks.map((name) => task(name)) }) } });

it('each member has its own errbacks and those of the group, each once', () => {
  const group = groupData([known('a', ['one']), known('b', ['two', 'all'])], { options: { task_id: 'G', link_error: [task('all')] } });
  const { groupId, members } = frozenMembers(group);
  expect(groupId).toBe('G');
  expect(members.map(({ id, errbacks }) => [id, ...errbacks.map((errback) => errback.task)])).toEqual([
    ['a', 'one', 'all'],
    ['b', 'two', 'all'],
  ]);
});

it('members that never had an id are left out', () => {
  expect(frozenMembers(groupData([task('a'), known('b')], { options: { task_id: 'G' } })).members.map(({ id }) => id)).toEqual(['b']);
});

it('a body that is no group has no members', () => {
  expect(() => frozenMembers(task('a'))).toThrow(/The body a is no group/);
});

it('a chord without a body stands for nobody', () => {
  expect(() => frozenMembers(groupData([chordData([known('a')], null)]))).toThrow(/The chord has no body/);
});
