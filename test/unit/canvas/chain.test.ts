import { describe, expect, it } from 'vitest';
import { chain } from '../../../src/canvas/chain.ts';
import { group } from '../../../src/canvas/group.ts';
import { createRecordingSender, plain } from '../../support/signatures.ts';

const { sign } = createRecordingSender();

describe('chain()', () => {
  it('puts signatures one after another', () => {
    expect(chain(sign('a', 1), sign('b')).toData()).toEqual(
      plain('celery.chain', [], { kwargs: { tasks: [plain('a', [1]), plain('b')] }, subtask_type: 'chain' }),
    );
  });

  it('of one is that one', () => {
    const only = sign('a');
    expect(chain(only)).toBe(only);
  });

  it('takes the steps of chains in it', () => {
    const flat = chain(sign('a'), sign('b'), sign('c'), sign('d'));
    expect(chain(chain(sign('a'), sign('b')), chain(sign('c'), sign('d'))).toData()).toEqual(flat.toData());
  });

  it('makes a chord of a group that something follows, and unrolls a group of one', () => {
    expect(chain(group(sign('a'), sign('b')), sign('c'))).toMatchObject({ subtaskType: expect.stringMatching(/chord|chain/) });
    expect(chain(sign('a'), group(sign('b')), sign('c')).toData()).toEqual(chain(sign('a'), sign('b'), sign('c')).toData());
  });

  it('is sent by the app of the first step that has one', async () => {
    const [one, other] = [createRecordingSender(), createRecordingSender()];
    await chain(group(), one.sign('a'), other.sign('b')).delay(1);
    expect([one.sent.length, other.sent.length]).toEqual([1, 0]);
  });

  it.each([
    ['nothing', () => chain(), 'chain() needs at least one signature.'],
    ['what is none', () => chain(sign('a'), 3 as never), 'chain() takes signatures, like add.s(2, 2); found a value of type number.'],
    ['what is none, alone', () => chain({} as never), 'chain() takes signatures'],
  ])('refuses %s', (_what, call, reason) => {
    expect(call).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(reason) }));
  });

  it('of thousands is made at once', () => {
    const steps = Array.from({ length: 5000 }, (_, index) => sign('a', index));
    const started = performance.now();
    expect((chain(...steps).kwargs as { tasks: unknown[] }).tasks).toHaveLength(5000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
