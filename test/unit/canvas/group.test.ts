import { describe, expect, it } from 'vitest';
import { group } from '../../../src/canvas/group.ts';
import { createRecordingSender, plain } from '../../support/signatures.ts';

const { sign } = createRecordingSender();

describe('group()', () => {
  it('holds its members, given one by one or as an array', () => {
    const expected = plain('celery.group', [], { kwargs: { tasks: [plain('a', [1]), plain('b')] }, subtask_type: 'group' });
    expect(group(sign('a', 1), sign('b')).toData()).toEqual(expected);
    expect(group([sign('a', 1), sign('b')]).toData()).toEqual(expected);
    expect(group([]).toData()).toEqual(group().toData());
  });

  it('hands what makes it immutable to its members', () => {
    const { tasks } = group(sign('a'), sign('b')).setImmutable().kwargs as { tasks: readonly { immutable: boolean }[] };
    expect(tasks.map(({ immutable }) => immutable)).toEqual([true, true]);
  });

  it('links to its first member, and errbacks to all', () => {
    const { tasks } = group(sign('a'), sign('b')).link(sign('c')).linkError(sign('d')).kwargs as { tasks: readonly { options: object }[] };
    expect(tasks.map(({ options }) => options)).toEqual([
      { link: [plain('c', [], { immutable: true })], link_error: [plain('d')] },
      { link_error: [plain('d')] },
    ]);
  });

  it('is sent by the app of a member', async () => {
    const app = createRecordingSender();
    await group(group(), app.sign('a')).applyAsync();
    expect(app.sent).toHaveLength(1);
  });

  it.each([
    ['a number', [3]],
    ['an array within', [[[]], sign('a')]],
    ['a number in an array', [[sign('a'), 3]]],
  ])('refuses %s', (_what, members) => {
    expect(() => group(...(members as never[]))).toThrow(
      expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining('group() takes signatures') }),
    );
  });
});
