import { describe, expect, it } from 'vitest';
import { chain } from '../../../src/canvas/chain.ts';
import { chord } from '../../../src/canvas/chord.ts';
import { group } from '../../../src/canvas/group.ts';
import { createRecordingSender, plain } from '../../support/signatures.ts';

const { sign } = createRecordingSender();

const expected = plain('celery.chord', [], {
  kwargs: { kwargs: {}, header: [plain('a', [1]), plain('b')], body: plain('c') },
  subtask_type: 'chord',
});

describe('chord()', () => {
  it('holds a header and a body', () => {
    expect(chord([sign('a', 1), sign('b')], sign('c')).toData()).toEqual(expected);
  });

  it('takes the members of a group as its header', () => {
    expect(chord(group(sign('a', 1), sign('b')), sign('c')).toData()).toEqual(expected);
  });

  it('links to its body', () => {
    const linked = chord([sign('a')], sign('b'))
      .link(sign('c'))
      .toData().kwargs as { body: { options: object } };
    expect(linked.body.options).toEqual({ link: [plain('c')] });
  });

  it('is sent by the app of its header, or of its body', async () => {
    const app = createRecordingSender();
    await chord([], app.sign('a')).applyAsync();
    await chord(group(app.sign('a')), sign('b')).applyAsync();
    expect(app.sent).toHaveLength(2);
  });

  it.each([
    ['a body that is none', () => chord([sign('a')], 'b' as never), 'The body of chord() takes signatures'],
    ['no body', () => chord([sign('a')], undefined as never), 'The body of chord() takes signatures'],
    ['a member that is none', () => chord([1 as never], sign('b')), 'The header of chord() takes signatures'],
    [
      'a header that is a chain',
      () => chord(chain(sign('a'), sign('b')) as never, sign('b') as never),
      'is an array of signatures, or a group',
    ],
    ['a header that is nothing', () => chord(null as never, sign('b') as never), 'The header of chord() takes signatures'],
  ])('refuses %s', (_what, call, reason) => {
    expect(call).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(reason) }));
  });
});
